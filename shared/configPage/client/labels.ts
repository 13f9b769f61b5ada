/** What each key of the configuration is called on the page, also where a sentence of the server names it. */
export const labels: Record<string, string> = {
  enabled: 'Enabled',
  tenant_id: 'Tenant ID',
  allowed_tenants: 'Allowed tenants',
  home_tenant: 'Home tenant',
  client_id: 'Client ID',
  redirect_uri: 'Redirect URI',
  credential_kind: 'Kind of client credential',
  credential_version: 'Client credential (version in Key Vault)',
  scope: 'Scope',
  cloud: 'Cloud',
  graph_endpoint: 'Microsoft Graph endpoint',
  groups: 'Groups',
  'groups.security_only': 'Security groups only',
  'groups.match': 'A group is matched by',
  'groups.claim': 'Groups claim in the token',
  'groups.required': 'Create an account only for people who join a Micetro group',
  'groups.map': 'Groups by object ID',
  match_by_name: 'Match accounts by name',
  between_sign_ins: 'Between sign-ins',
  'between_sign_ins.mode': 'Between sign-ins',
  'between_sign_ins.not_found': 'People who are not found',
  'between_sign_ins.brake_percent': 'Brake',
}

export function labelOf(key: string): string {
  const row = /^groups\.map\.(.+)$/.exec(key)?.[1]
  return row === undefined ? (labels[key] ?? key) : `Group ${row}`
}

const named = Object.keys(labels).filter((key) => key.includes('_') || key.includes('.'))
const keyInText = new RegExp(`"?\\b(${named.map((key) => key.replaceAll('.', '\\.')).join('|')})\\b"?`, 'g')

/** A text of the server with the page's own names for the keys of the configuration. */
export function withLabels(text: string): string {
  return text.replace(keyInText, (_quoted, name: string) => labelOf(name))
}

/** Such as "1 account" and "2 accounts". */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** A text that ends as a sentence does. */
export const closed = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** A problem as the server words it, "configuration.client_id: client_id must be a GUID", as a sentence. */
export function sentenceOf(problem: string): string {
  const [, path = '', text = ''] = /^(?:(?:configuration|microsoft)\.)?([\w.-]*): (.*)$/s.exec(problem) ?? [
    '',
    '',
    problem,
  ]
  const key = path === 'configuration' ? '' : path
  const worded = withLabels(text)
  if (text === 'unknown key') return `Unknown key: ${path}.`
  const isNamed = key === '' || worded.includes(labelOf(key)) || text.includes(key.split('.').at(-1) ?? key)
  const sentence = isNamed ? worded : `${labelOf(key)} ${worded}`
  return closed(sentence.replace(/^./, (first) => first.toUpperCase()))
}
