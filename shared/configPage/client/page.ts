import type { ConfigurationAnswer } from './api.ts'
import { byId } from './dom.ts'
import { ConfigForm } from './form.ts'
import { Operation } from './operation.ts'
import { Results } from './results.ts'
import { SaveDespite } from './saveDespite.ts'

/** What the actions of the page share: its parts, what it knows, and the operation under way. */
export class Page {
  readonly form = new ConfigForm()
  readonly results = new Results()
  readonly saveDespite = new SaveDespite()
  readonly summary = byId('summary', HTMLElement)
  readonly operation: Operation

  /** The access key lives here and nowhere else: leaving the page forgets it. */
  key = ''
  loaded: ConfigurationAnswer | undefined
  /** The newest version that this page knows of; a save over a newer one is refused by the server. */
  readVersion: string | null = null

  /** @param report shows why an operation failed */
  constructor(report: (error: unknown) => void) {
    this.operation = new Operation(report, () => this.#markUnsavable())
  }

  /** The test that is shown was about something else than what is in the form now. */
  outdateTest(): void {
    this.results.stale(true)
    this.saveDespite.withdraw()
  }

  #markUnsavable(): void {
    const canSave = this.loaded?.canSave ?? false
    byId('cannot-save', HTMLElement).hidden = this.loaded === undefined || canSave
    if (!canSave) byId('save', HTMLButtonElement).setAttribute('aria-disabled', 'true')
  }
}
