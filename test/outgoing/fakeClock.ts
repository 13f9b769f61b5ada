import type { Clock } from '../../shared/clock.ts'

/** A clock that stands still until it is told, or asked to wait. */
export interface FakeClock extends Clock {
  /** Milliseconds of each wait, in order. */
  waits: number[]
  pass(milliseconds: number): void
}

export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    pass(milliseconds) {
      now += milliseconds
    },
    async wait(milliseconds, signal) {
      signal?.throwIfAborted()
      waits.push(milliseconds)
      now += milliseconds
    },
  }
}
