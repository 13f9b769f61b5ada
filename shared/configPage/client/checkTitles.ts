/** What the checks are called on the page; a check without a title is shown by its name. */
const titles: Record<string, string> = {
  settings: 'Settings',
  vault: 'Key Vault access',
  vault_write: 'Key Vault: writing',
  tenant: 'Tenant',
  clock: 'Clock',
  credential: 'Client credential',
  credential_expiry: 'Expiry of the credential',
  redirect_uri: 'Redirect URI',
  graph: 'Microsoft Graph',
  permissions: 'Permissions and consent',
  micetro_reachable: 'Micetro: connection',
  micetro_certificate: 'Micetro: certificate',
  micetro_account: 'Micetro: API account',
  micetro_permission: 'Micetro: permission to administer users',
  micetro_version: 'Micetro: version and external IDs',
  external_authentication: 'Micetro: external authentication',
  groups: 'Group names',
  between_sign_ins: 'Between sign-ins',
  save: 'Save to Key Vault',
}

/** Where each check that is about the form is put right, by id. */
const fields: Record<string, string> = {
  settings: 'application-heading',
  tenant: 'tenant_id',
  redirect_uri: 'redirect_uri',
  graph: 'government',
  permissions: 'scope',
  groups: 'groups_choice-assigned',
  between_sign_ins: 'between_mode',
}

/**
 * @param hint of the check, which may send the reader to a question of the page
 * @returns undefined for a check that no field of the form can help
 */
export function fieldFor(check: string, hint: string | undefined, credentialField: string): string | undefined {
  if (check === 'credential' || check === 'credential_expiry') return credentialField
  return fields[hint?.includes('Which groups decide?') ? 'groups' : check]
}

export function titleOf(check: string): string {
  return titles[check] ?? check.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase())
}

/** Text of the server in which a check may be named in quotes. */
export function withTitles(text: string): string {
  return text.replace(/"([a-z_]+)"/g, (quoted, name: string) => (name in titles ? `"${titles[name]}"` : quoted))
}
