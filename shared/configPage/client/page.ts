import type { Candidate, ConfigurationAnswer } from './api.ts'
import { buttonById, elementById } from './dom.ts'
import { ConfigForm } from './form.ts'
import { Operation } from './operation.ts'
import { Results } from './results.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | ''

/** What the actions of the page share: its parts, what it knows, and the operation under way. */
export class Page {
  readonly form = new ConfigForm()
  readonly results = new Results(() => this.form.credentialField)
  readonly operation: Operation
  readonly #summary = elementById('summary')

  /** The access key lives here and nowhere else: leaving the page forgets it. */
  key = ''
  loaded: ConfigurationAnswer | undefined
  /** The newest version that this page knows of; a save over a newer one is refused by the server. */
  readVersion: string | null = null
  /** Scopes with which a Test sign-in succeeded: they need no question any more. */
  readonly triedScopes = new Set<string>()

  /** What was tested, and may be saved although checks failed. */
  #despite: Candidate | undefined

  /** Puts an earlier version in force again. */
  restore: (version: string, when: string) => void = () => undefined

  /** @param report shows why an operation failed */
  constructor(report: (error: unknown) => void) {
    this.operation = new Operation(report, () => this.#settle())
  }

  /** One line about what became of the last action; the tone gives it a colour and a symbol. */
  say(text: string, tone: Tone = ''): void {
    this.#summary.textContent = text
    this.#summary.dataset.tone = tone
  }

  get despite(): Candidate | undefined {
    return this.#despite
  }

  /** Offers to save what was tested, and nothing else, although checks failed; undefined withdraws the offer. */
  set despite(candidate: Candidate | undefined) {
    this.#despite = candidate
    elementById('save-despite-section').hidden = candidate === undefined
  }

  /** What is in force was put into the form: nothing that was said about another form holds. */
  forgetDraft(): void {
    elementById('paste-message').replaceChildren()
    elementById('test-sign-in-report').hidden = true
    this.showUnsaved()
  }

  /** The test that is shown was about something else than what is in the form now. */
  outdateTest(): void {
    this.results.stale(true)
    this.say('')
    this.despite = undefined
    this.showUnsaved()
  }

  showUnsaved(): void {
    elementById('unsaved').hidden = this.loaded === undefined || !this.form.changed
  }

  get canSave(): boolean {
    return this.loaded?.canSave ?? false
  }

  #settle(): void {
    elementById('cannot-save').hidden = this.loaded === undefined || this.canSave
    if (!this.canSave) buttonById('save').setAttribute('aria-disabled', 'true')
    this.showUnsaved()
  }
}
