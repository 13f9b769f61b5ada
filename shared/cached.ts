import type { Clock } from './clock.ts'
import { withLimit } from './outgoing/limit.ts'

export interface CachedOptions {
  /** How long a value is used without asking again, in milliseconds. */
  freshFor: number
  /** How long after that an old value still serves when asking again fails or takes long, in milliseconds. Default 0. */
  staleFor?: number
  /**
   * After a failed load this long until the next try, in milliseconds; meanwhile an old value serves, or else the failure
   * is told again: what anybody may ask for must not load as often as it is asked for. Default 5000.
   */
  pauseAfterFailure?: number
  /** How long a caller waits for a load while an old value could serve, in milliseconds. Default 2000. */
  patience?: number
}

interface Held<T> {
  value: T
  /** Milliseconds since the epoch. */
  at: number
}

/** One value that is loaded on demand by one caller at a time, expires, and can be dropped by the error that shows it stale. */
export class Cached<T> {
  readonly #load: () => Promise<T>
  readonly #clock: Clock
  readonly #options: CachedOptions
  #held: Held<T> | undefined
  #loading: Promise<T> | undefined
  #failed: { error: unknown; at: number } | undefined

  constructor(load: () => Promise<T>, clock: Clock, options: CachedOptions) {
    this.#load = load
    this.#clock = clock
    this.#options = options
  }

  /** The value that is there, however old. */
  get held(): T | undefined {
    return this.#held?.value
  }

  async get(): Promise<T> {
    const held = this.#held
    if (held !== undefined && this.#clock.now() - held.at < this.#options.freshFor) return held.value
    return this.#renew(this.#options.patience)
  }

  /**
   * As get(), for somebody who is still to come: whoever asks then, after a load that failed for nobody, tries anew. The
   * caller sees to it that this is not done as often as anybody likes.
   */
  async ahead(): Promise<T> {
    const known = this.#failed
    try {
      return await this.get()
    } catch (error) {
      if (this.#failed !== known) this.#failed = undefined
      throw error
    }
  }

  /**
   * Loads anew for this caller, who has seen that the value may be old; others go on with what is there. Not more often
   * than every so many milliseconds: a flood of doubts must not become a flood of loads.
   */
  async refresh(unlessYoungerThan: number): Promise<T> {
    const held = this.#held
    if (held !== undefined && this.#clock.now() - held.at < unlessYoungerThan) return held.value
    return this.#renew()
  }

  /** Forgets the value, or that there is none: something has shown it to be wrong. */
  drop(): void {
    this.#held = undefined
    this.#failed = undefined
    this.#loading = undefined
  }

  async #renew(patience = 2000): Promise<T> {
    const held = this.#held
    const now = this.#clock.now()
    const usable = held !== undefined && now - held.at < this.#options.freshFor + (this.#options.staleFor ?? 0)
    const failed = this.#failed
    if (failed !== undefined && now - failed.at < (this.#options.pauseAfterFailure ?? 5000)) {
      if (usable) return held.value
      throw failed.error
    }
    this.#loading ??= this.#reload()
    if (!usable) return this.#loading
    if (patience === 0) return held.value
    try {
      return await withLimit(this.#loading, patience, () => new Error('the load takes long'))
    } catch (error) {
      if (held === this.#held) return held.value
      throw error
    }
  }

  #reload(): Promise<T> {
    const loading: Promise<T> = this.#load().then(
      (value) => {
        // Dropped meanwhile: what was read before the error that showed it stale must not be kept.
        if (this.#loading === loading) {
          this.#held = { value, at: this.#clock.now() }
          this.#failed = undefined
          this.#loading = undefined
        }
        return value
      },
      (error: unknown) => {
        if (this.#loading === loading) {
          this.#failed = { error, at: this.#clock.now() }
          this.#loading = undefined
        }
        throw error
      },
    )
    // Whoever lost patience does not hear of its failure any more.
    loading.catch(() => undefined)
    return loading
  }
}
