import { expect, it } from 'vitest'
import { risksOf } from '../../../shared/configPage/client/risks.ts'
import type { SavedConfiguration, Source } from '../../../shared/configuration/entraConfiguration.ts'

const inForce: SavedConfiguration = { tenant_id: 'contoso.test', client_id: 'c', scope: ['User.Read', 'Saved.Read'] }
const loaded = {
  configuration: inForce,
  sources: { tenant_id: 'saved', client_id: 'saved', scope: 'saved' } as Record<string, Source>,
  below: {
    configuration: { tenant_id: 'setting.test', scope: ['User.Read'], redirect_uri: 'https://m.test/cb' },
    sources: { tenant_id: 'setting', scope: 'default', redirect_uri: 'file' } as Record<string, Source>,
  },
}

const cases: [name: string, change: SavedConfiguration, left: (keyof SavedConfiguration)[], risks: RegExp[]][] = [
  ['the same again needs no question', {}, [], []],
  ['Enabled off', { enabled: false }, [], [/^Enabled is off: nobody can sign in/]],
  ['accounts by name', { match_by_name: true }, [], [/^Match accounts by name is on/]],
  ['a scope that nobody has tried', { scope: ['User.Read', 'Foo.Bar'] }, [], [/^Scope Foo\.Bar was neither saved/]],
  ['a scope that was saved, or tried', { scope: ['Saved.Read', 'Tried.Read'] }, [], []],
  ['scopes of OpenID Connect itself', { scope: ['openid', 'profile', 'email', 'offline_access'] }, [], []],
  [
    'a value that a setting replaces',
    {},
    ['tenant_id'],
    [/^Tenant ID is empty: setting\.test counts then, from the app setting ENTRA_TENANT_ID\.$/],
  ],
  [
    'a value that the default replaces',
    {},
    ['scope'],
    [/^Scope is empty: User\.Read counts then, which is the default\.$/],
  ],
  ['a value that nothing replaces: the server says so', {}, ['client_id'], []],
  ['several at once', { enabled: false, match_by_name: true }, ['tenant_id'], [/^Enabled/, /^Match/, /^Tenant ID/]],
]
it.each(cases)('%s', (_name, change, left, risks) => {
  const candidate: SavedConfiguration = { ...inForce, ...change }
  for (const key of left) delete candidate[key]
  const found = risksOf(candidate, loaded, new Set(['Tried.Read']))
  expect(found).toHaveLength(risks.length)
  for (const [index, risk] of risks.entries()) expect(found[index]).toMatch(risk)
})
