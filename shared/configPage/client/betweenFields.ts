import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import { byId, elementById, inputById } from './dom.ts'

/** The fields of `between_sign_ins` in the form. */
export class BetweenFields {
  readonly #mode = byId('between_mode', HTMLSelectElement)
  readonly #notFound = byId('between_not_found', HTMLSelectElement)
  readonly #brake = inputById('between_brake')
  readonly #more = elementById('between_more')

  fill({ between_sign_ins: between }: SavedConfiguration): void {
    this.#mode.value = between?.mode ?? 'off'
    this.#notFound.value = between?.not_found ?? 'report'
    this.#brake.value = String(between?.brake_percent ?? 10)
    this.arrange()
  }

  /** What belongs to a run is shown only where there are runs. */
  arrange(): void {
    this.#more.hidden = this.#mode.value === 'off'
  }

  /** @returns nothing where nothing is said yet and nothing is chosen; the server judges the number */
  read({ between_sign_ins: before }: SavedConfiguration): { between_sign_ins?: Record<string, unknown> } {
    if (before === undefined && this.#mode.value === 'off') return {}
    const brake = this.#brake.value.trim()
    return {
      between_sign_ins: {
        mode: this.#mode.value,
        not_found: this.#notFound.value,
        ...(brake !== '' && { brake_percent: Number(brake) }),
      },
    }
  }
}
