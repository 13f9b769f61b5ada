import { elementById } from './dom.ts'
import { sentenceOf } from './labels.ts'

/** A path in a problem of the server, where the field that shows the value has another id. */
const fieldOf: Record<string, string> = {
  cloud: 'government',
  credential_kind: 'credential_kind-secret',
  groups: 'groups_choice-names',
  between_sign_ins: 'between_mode',
  'between_sign_ins.mode': 'between_mode',
  'between_sign_ins.not_found': 'between_not_found',
  'between_sign_ins.brake_percent': 'between_brake',
}

function idOfField(problem: string, credentialField: string): string | undefined {
  if (/^credentialExpires\b/.test(problem)) return 'credential_expires'
  if (/^credential\b/.test(problem)) return credentialField
  // "configuration.<path>: what", or "configuration: <key> what" where layers were merged.
  const path = /^configuration(?:\.|: )([a-z_]+(?:\.[a-z_]+)?)/.exec(problem)?.[1] ?? ''
  const own = path.replace('.', '_')
  return fieldOf[path] ?? (document.getElementById(own) === null ? fieldOf[path.split('.')[0] ?? ''] : own)
}

/** What the page calls a field, or a heading. */
export function nameOf(id: string): string {
  const found = elementById(id)
  const [label] = 'labels' in found ? (found.labels as NodeListOf<HTMLLabelElement>) : []
  return (found.closest('fieldset')?.querySelector('legend > span') ?? label ?? found).textContent
}

/** Opens what hides a field. @returns what of it can have the focus */
export function reveal(id: string): HTMLElement | undefined {
  const found = document.getElementById(id)
  if (found === null) return undefined
  found.closest('details')?.setAttribute('open', '')
  for (
    let hidden = found.closest<HTMLElement>('[data-field][hidden]');
    hidden !== null;
    hidden = found.closest<HTMLElement>('[data-field][hidden]')
  )
    hidden.hidden = false
  return found instanceof HTMLTableElement ? (found.querySelector('input') ?? found) : found
}

/**
 * Marks the field that a problem of the configuration is about, and opens what hides it.
 * @param credentialField id of the field that problems of the credential belong to
 * @returns the field; undefined when the problem is about none
 */
export function markFault(problem: string, credentialField: string): HTMLElement | undefined {
  const id = idOfField(problem, credentialField)
  const field = id === undefined ? undefined : reveal(id)
  if (field === undefined) return undefined
  field.setAttribute('aria-invalid', 'true')
  const fault = field.closest('[data-field]')?.querySelector<HTMLElement>('.fault')
  if (fault) {
    fault.textContent = sentenceOf(problem)
    fault.hidden = false
  }
  return field
}

export function clearFaults(form: HTMLFormElement): void {
  for (const fault of form.querySelectorAll<HTMLElement>('.fault')) fault.hidden = true
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid')
}
