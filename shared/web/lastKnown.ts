import type { Clock } from '../clock.ts'

/** How long what was found is repeated, in milliseconds: who asks often must not load the dependencies. */
const freshFor = 10_000

/** What was found longer ago says nothing any more, in milliseconds. A round that meets stalled peers ends well within it. */
const knownFor = 60_000

/** How long an answer waits for the round that is under way, in milliseconds: it is to be there within a second. */
const patience = 900

/** One question and how to find its answer; it never rejects. */
export interface Probe<Name, Found> {
  name: Name
  run: () => Promise<Found>
}

/**
 * What probes found last. Whoever asks begins a round of all of them in the background, one at a time and not before the
 * last one is ten seconds over; each result counts as soon as it is there.
 */
export class LastKnown<Name, Found> {
  readonly #probes: readonly Probe<Name, Found>[]
  readonly #clock: Clock
  readonly #found = new Map<Name, { result: Found; at: number }>()
  #round: Promise<void> | undefined
  #endedAt = Number.NEGATIVE_INFINITY

  constructor(probes: readonly Probe<Name, Found>[], clock: Clock) {
    this.#probes = probes
    this.#clock = clock
  }

  /** @returns what is known within a second, in the order of the probes; undefined: not known yet, or no longer */
  async get(): Promise<ReadonlyMap<Name, Found | undefined>> {
    if (this.#round === undefined && this.#clock.now() - this.#endedAt >= freshFor) this.#begin()
    if (this.#round !== undefined) await this.#waitFor(this.#round)
    const oldest = this.#clock.now() - knownFor
    return new Map(
      this.#probes.map(({ name }) => {
        const found = this.#found.get(name)
        return [name, found !== undefined && found.at > oldest ? found.result : undefined]
      }),
    )
  }

  #begin(): void {
    const runs = this.#probes.map(async ({ name, run }) => {
      this.#found.set(name, { result: await run(), at: this.#clock.now() })
    })
    this.#round = Promise.all(runs).then(() => {
      this.#round = undefined
      this.#endedAt = this.#clock.now()
    })
  }

  async #waitFor(round: Promise<void>): Promise<void> {
    const over = new AbortController()
    const late = this.#clock.wait(patience, over.signal).catch(() => undefined)
    await Promise.race([round, late])
    over.abort()
  }
}
