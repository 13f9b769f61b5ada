import { expect, it } from 'vitest'
import { labelOf, sentenceOf, withLabels } from '../../../shared/configPage/client/labels.ts'

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
  ['configuration.groups.map: row 2 names no group in Micetro', 'Table of groups row 2 names no group in Micetro.'],
  ['configuration.tenant: unknown key', 'Unknown key: tenant.'],
  ['the saved configuration: it is not JSON', 'The saved configuration: it is not JSON.'],
]
it.each(cases)('%s', (problem, sentence) => {
  expect(sentenceOf(problem)).toBe(sentence)
})

it('a sentence of a check names the fields as the page does', () => {
  expect(withLabels('match_by_name is set. Set groups.match to "id", and look at "home_tenant".')).toBe(
    'Match accounts by name is set. Set What a group is matched by to "id", and look at Home tenant.',
  )
})

it('every label is its own', () => {
  expect(labelOf('groups.map.4711')).toBe('Group 4711')
  expect(labelOf('never_heard_of')).toBe('never_heard_of')
})
