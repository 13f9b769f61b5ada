import { setTimeout as delay } from 'node:timers/promises'

/** Time as an argument, so that tests neither sleep nor depend on today. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after so many milliseconds, or rejects when the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (milliseconds, signal) => delay(milliseconds, undefined, signal && { signal }),
}
