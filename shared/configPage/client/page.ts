import type { ConfigurationAnswer } from './api.ts'
import { byId } from './dom.ts'
import { ConfigForm } from './form.ts'
import { Operation } from './operation.ts'
import { Results } from './results.ts'
import { SaveDespite } from './saveDespite.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | ''

/** What the actions of the page share: its parts, what it knows, and the operation under way. */
export class Page {
  readonly form = new ConfigForm()
  readonly results = new Results(() => this.form.credentialField)
  readonly saveDespite = new SaveDespite()
  readonly operation: Operation
  readonly #summary = byId('summary', HTMLElement)

  /** The access key lives here and nowhere else: leaving the page forgets it. */
  key = ''
  loaded: ConfigurationAnswer | undefined
  /** The newest version that this page knows of; a save over a newer one is refused by the server. */
  readVersion: string | null = null
  /** Scopes with which a Test sign-in succeeded: they need no question any more. */
  readonly triedScopes = new Set<string>()

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

  /** What is in force was put into the form: nothing that was said about another form holds. */
  forgetDraft(): void {
    byId('paste-message', HTMLElement).replaceChildren()
    byId('test-sign-in-report', HTMLElement).hidden = true
    this.showUnsaved()
  }

  /** The test that is shown was about something else than what is in the form now. */
  outdateTest(): void {
    this.results.stale(true)
    this.say('')
    this.saveDespite.withdraw()
    this.showUnsaved()
  }

  showUnsaved(): void {
    byId('unsaved', HTMLElement).hidden = this.loaded === undefined || !this.form.changed
  }

  get canSave(): boolean {
    return this.loaded?.canSave ?? false
  }

  #settle(): void {
    byId('cannot-save', HTMLElement).hidden = this.loaded === undefined || this.canSave
    if (!this.canSave) byId('save', HTMLButtonElement).setAttribute('aria-disabled', 'true')
    this.showUnsaved()
  }
}
