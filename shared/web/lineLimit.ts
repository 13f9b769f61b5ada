/**
 * Whoever may call without signing in may also make us log, and a log that is full for the day silences every alert. So
 * lines that say the same thing are counted: those above the limit of a minute are withheld, and the next one says how many.
 */
export class LineLimit {
  readonly #perMinute: number
  readonly #now: () => number
  readonly #seen = new Map<string, { minute: number; written: number; withheld: number }>()

  /** @param now in milliseconds */
  constructor(perMinute: number, now: () => number = Date.now) {
    this.#perMinute = perMinute
    this.#now = now
  }

  /**
   * @param kind what the line says, of a closed set: it is remembered
   * @returns how many were withheld since the last one that was written; undefined: withhold this one as well
   */
  admit(kind: string): number | undefined {
    const minute = Math.floor(this.#now() / 60_000)
    const earlier = this.#seen.get(kind)
    const withheld = earlier?.withheld ?? 0
    const written = earlier?.minute === minute ? earlier.written : 0
    if (written >= this.#perMinute) {
      this.#seen.set(kind, { minute, written, withheld: withheld + 1 })
      return undefined
    }
    this.#seen.set(kind, { minute, written: written + 1, withheld: 0 })
    return withheld
  }
}
