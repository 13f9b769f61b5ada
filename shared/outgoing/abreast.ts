/**
 * Runs something for each item, a few at once; after an error nothing more is begun.
 * @throws the first error, when all that was under way has ended: what is decided anew then must not meet it
 */
export async function eachAbreast<T>(
  items: readonly T[],
  abreast: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  let stopped = false
  const work = async (): Promise<void> => {
    for (const item of queue) {
      if (stopped) return
      await run(item).catch((error: unknown) => {
        stopped = true
        throw error
      })
    }
  }
  const done = await Promise.allSettled(Array.from({ length: Math.min(abreast, items.length) }, work))
  const refused = done.find((each) => each.status === 'rejected')
  if (refused !== undefined) throw refused.reason
}
