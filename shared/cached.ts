import type { Clock } from './clock.ts'

export interface CachedOptions {
  /** How long a value is used without asking again, in milliseconds. */
  freshFor: number
  /** How long after that an old value still serves when asking again fails, in milliseconds. Default 0. */
  staleFor?: number
}

/** After a failed load, an old value serves this long before the next try, in milliseconds. */
const pauseAfterFailure = 5000

/** One value that is loaded on demand by one caller at a time, expires, and can be dropped by the error that shows it stale. */
export class Cached<T> {
  readonly #load: () => Promise<T>
  readonly #clock: Clock
  readonly #options: CachedOptions
  #held: { value: T; at: number; doubted: boolean } | undefined
  #loading: Promise<T> | undefined
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(load: () => Promise<T>, clock: Clock, options: CachedOptions) {
    this.#load = load
    this.#clock = clock
    this.#options = options
  }

  async get(): Promise<T> {
    const held = this.#held
    const now = this.#clock.now()
    if (held !== undefined && !held.doubted && now - held.at < this.#options.freshFor) return held.value
    const usable = held !== undefined && now - held.at < this.#options.freshFor + (this.#options.staleFor ?? 0)
    if (usable && now - this.#failedAt < pauseAfterFailure) return held.value
    this.#loading ??= this.#reload()
    try {
      return await this.#loading
    } catch (error) {
      if (usable && held === this.#held) return held.value
      throw error
    }
  }

  /** Forgets the value: an error has shown it to be wrong. */
  drop(): void {
    this.#held = undefined
    this.#loading = undefined
  }

  /**
   * Has the value loaded anew at the next use, and keeps it in case that fails; unless it is younger than so many
   * milliseconds, for a flood of doubts must not become a flood of loads.
   */
  doubt(unlessYoungerThan: number): void {
    if (this.#held !== undefined && this.#clock.now() - this.#held.at >= unlessYoungerThan) this.#held.doubted = true
  }

  #reload(): Promise<T> {
    const loading: Promise<T> = this.#load().then(
      (value) => {
        // Dropped meanwhile: what was read before the error that showed it stale must not be kept.
        if (this.#loading === loading) {
          this.#held = { value, at: this.#clock.now(), doubted: false }
          this.#loading = undefined
        }
        return value
      },
      (error: unknown) => {
        if (this.#loading === loading) this.#loading = undefined
        this.#failedAt = this.#clock.now()
        throw error
      },
    )
    return loading
  }
}
