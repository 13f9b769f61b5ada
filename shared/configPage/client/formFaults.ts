import { sentenceOf } from './labels.ts'

/** A path in a problem of the server, and the field that shows the value. */
const fieldOf: Record<string, string> = {
  enabled: 'enabled',
  tenant_id: 'tenant_id',
  allowed_tenants: 'allowed_tenants',
  home_tenant: 'home_tenant',
  client_id: 'client_id',
  redirect_uri: 'redirect_uri',
  scope: 'scope',
  cloud: 'government',
  graph_endpoint: 'graph_endpoint',
  credential_kind: 'credential_kind-secret',
  'groups.security_only': 'groups_security_only',
  'groups.match': 'groups_match',
  'groups.claim': 'groups_claim',
  'groups.required': 'groups_required',
  'groups.map': 'groups_map',
  groups: 'groups_choice-names',
  match_by_name: 'match_by_name',
  'between_sign_ins.mode': 'between_mode',
  'between_sign_ins.not_found': 'between_not_found',
  'between_sign_ins.brake_percent': 'between_brake',
  between_sign_ins: 'between_mode',
}

function idOfField(problem: string, credentialField: string): string | undefined {
  if (/^credentialExpires\b/.test(problem)) return 'credential_expires'
  if (/^credential\b/.test(problem)) return credentialField
  // "configuration.<path>: what", or "configuration: <key> what" where layers were merged.
  const path = /^configuration(?:\.|: )([a-z_]+(?:\.[a-z_]+)?)/.exec(problem)?.[1] ?? ''
  return fieldOf[path] ?? fieldOf[path.split('.')[0] ?? '']
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
