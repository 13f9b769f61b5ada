/**
 * Ends the waiting for something that has no time limit of its own; what it does then is not waited for.
 * @param milliseconds until `late` is thrown
 */
export async function withLimit<T>(work: Promise<T>, milliseconds: number, late: () => unknown): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
