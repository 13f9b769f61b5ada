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

export interface Deadline {
  signal: AbortSignal
  /** True when the time was over before the other signal ended. */
  isLate(): boolean
  /** The work is over: nothing ends the signal any more. */
  clear(): void
}

/**
 * A signal that ends with another one, and after so many milliseconds. Cheaper than AbortSignal.timeout and any, which
 * moreover live on, and fire, when the work is long over.
 */
export function createDeadline(signal: AbortSignal, milliseconds: number): Deadline {
  const over = new AbortController()
  const end = (): void => over.abort()
  let late = false
  const timer = setTimeout(() => {
    late = true
    end()
  }, milliseconds)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  return {
    signal: over.signal,
    // No getter: V8 makes one in the old part of the heap, and all that it refers to stays until a whole collection.
    isLate: () => late,
    clear() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
    },
  }
}
