import type { Candidate } from './api.ts'
import { byId } from './dom.ts'

/** The offer to save although checks failed: what was tested and nothing else, and after a confirmation. */
export class SaveDespite {
  readonly #section = byId('save-despite-section', HTMLElement)
  readonly #confirmation = byId('save-despite-confirm', HTMLInputElement)
  #candidate: Candidate | undefined

  offer(candidate: Candidate): void {
    this.#put(candidate)
  }

  withdraw(): void {
    this.#put(undefined)
  }

  /** @returns undefined without an offer, or while it is not confirmed: the confirmation gets the focus then */
  confirmed(): Candidate | undefined {
    if (this.#candidate === undefined || this.#confirmation.checked) return this.#candidate
    this.#confirmation.focus()
    return undefined
  }

  #put(candidate: Candidate | undefined): void {
    this.#candidate = candidate
    this.#confirmation.checked = false
    this.#section.hidden = candidate === undefined
  }
}
