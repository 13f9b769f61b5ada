import type { Clock } from './clock.ts'

export interface CachedOptions {
  /** How long a value is used without asking again, in milliseconds. */
  freshFor: number
  /** How long after that an old value still serves when asking again fails, in milliseconds. Default 0. */
  staleFor?: number
}

/** One value that is loaded on demand by one caller at a time, expires, and can be dropped by the error that shows it stale. */
export class Cached<T> {
  readonly #load: () => Promise<T>
  readonly #clock: Clock
  readonly #options: CachedOptions
  #held: { value: T; at: number } | undefined
  #loading: Promise<T> | undefined

  constructor(load: () => Promise<T>, clock: Clock, options: CachedOptions) {
    this.#load = load
    this.#clock = clock
    this.#options = options
  }

  async get(): Promise<T> {
    const held = this.#held
    if (held !== undefined && this.#clock.now() - held.at < this.#options.freshFor) return held.value
    this.#loading ??= this.#reload()
    try {
      return await this.#loading
    } catch (error) {
      const usable = this.#options.freshFor + (this.#options.staleFor ?? 0)
      if (held !== undefined && held === this.#held && this.#clock.now() - held.at < usable) return held.value
      throw error
    }
  }

  /** Forgets the value unless it is younger than so many milliseconds: a flood of errors must not become a flood of loads. */
  drop(unlessYoungerThan = 0): void {
    if (this.#held !== undefined && this.#clock.now() - this.#held.at >= unlessYoungerThan) this.#held = undefined
  }

  async #reload(): Promise<T> {
    try {
      const value = await this.#load()
      this.#held = { value, at: this.#clock.now() }
      return value
    } finally {
      this.#loading = undefined
    }
  }
}
