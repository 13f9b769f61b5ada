import { expect, it } from 'vitest'
import { labelOf, labels, sentenceOf, withLabels } from '../../../shared/configPage/client/labels.ts'
import { renderConfigPage } from '../../../shared/configPage/page.ts'

/** As the server words them, and as the page says them: no key, no path, and no field twice. */
const cases: [problem: string, sentence: string][] = [
  ['configuration.client_id: client_id must be a GUID', 'Client ID must be a GUID.'],
  [
    'configuration: allowed_tenants must name the tenants that may sign in when tenant_id is common',
    'Allowed tenants must name the tenants that may sign in when Tenant ID is common.',
  ],
  [
    'configuration.allowed_tenants: must name the tenants that may sign in when tenant_id is common',
    'Allowed tenants must name the tenants that may sign in when Tenant ID is common.',
  ],
  ['configuration.client_id: is missing (setting ENTRA_CLIENT_ID)', 'Client ID is missing (setting ENTRA_CLIENT_ID).'],
  ['client_id is missing', 'Client ID is missing.'],
  ['configuration.enabled: enabled must be true or false', 'Enabled must be true or false.'],
  ['configuration.groups.map: row 2 names no group in Micetro', 'Groups by object ID row 2 names no group in Micetro.'],
  ['configuration.tenant: unknown key', 'Unknown key: tenant.'],
  ['the saved configuration: it is not JSON', 'The saved configuration: it is not JSON.'],
]
it.each(cases)('%s', (problem, sentence) => {
  expect(sentenceOf(problem)).toBe(sentence)
})

it('a sentence of a check names the fields as the page does', () => {
  expect(withLabels('redirect_uri is wrong: look at "client_id" and groups.security_only.')).toBe(
    'Redirect URI is wrong: look at Client ID and Security groups only.',
  )
})

it('a label is what the page calls the field', () => {
  const page = String(renderConfigPage(undefined).body)
  const without = ['credential_version', 'cloud', 'groups', 'groups.map', 'between_sign_ins.brake_percent']
  for (const [key, label] of Object.entries(labels)) {
    if (!without.includes(key)) expect(page, key).toMatch(new RegExp(`<(?:label[^>]*|span)>${label}[ <]`))
  }
})

it('every label is its own', () => {
  expect(labelOf('groups.map.4711')).toBe('Group 4711')
  expect(labelOf('never_heard_of')).toBe('never_heard_of')
})
