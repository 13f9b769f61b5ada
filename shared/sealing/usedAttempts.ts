import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'
import { attemptId, attemptLifetime } from './attempt.ts'

/** How far an attempt came: its callback was taken, or the person landed in Micetro. */
export type Used = 'used' | 'landed'

/** A minute more than an attempt lives, for clocks that differ. */
const kept = (attemptLifetime + 60) * 1000

/** Attempts that have come back; each is used once. Some hundred bytes for each of the 50,000 that are kept at the most. */
export class UsedAttempts {
  readonly #used: LRUCache<string, Used>

  constructor(clock: Clock) {
    // Each counts for one. With `max` the memory for all of them would be taken, and cleared, at once.
    this.#used = new LRUCache({ maxSize: 50_000, sizeCalculation: () => 1, ttl: kept, ttlResolution: 0, perf: clock })
  }

  /** @param state one of ours */
  get(state: string): Used | undefined {
    return this.#used.get(keyOf(state))
  }

  /** @param state one of ours */
  set(state: string, how: Used): void {
    this.#used.set(keyOf(state), how)
  }
}

/** In bytes of its own: a part of the text would keep the whole form alive that the state came in, the code included. */
function keyOf(state: string): string {
  return Buffer.from(attemptId(state), 'hex').toString('latin1')
}
