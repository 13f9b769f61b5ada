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
  ['another app registration', { client_id: 'd' }, [], [/^Client ID is another one: .*is refused/]],
  ['another app registration, by name', { client_id: 'd', match_by_name: true }, [], [/^Match accounts by name is on/]],
  ['a scope that nobody has tried', { scope: ['User.Read', 'Foo.Bar'] }, [], [/^Scope Foo\.Bar was neither saved/]],
  ['a scope that was saved, or tried', { scope: ['Saved.Read', 'Tried.Read'] }, [], []],
  ['scopes of OpenID Connect itself', { scope: ['openid', 'profile', 'email', 'offline_access'] }, [], []],
  [
    'a value that a setting replaces',
    {},
    ['tenant_id'],
    [/^Tenant ID is empty: setting\.test counts instead, from the app setting ENTRA_TENANT_ID\.$/],
  ],
  [
    'a value that the default replaces',
    {},
    ['scope'],
    [/^Scope is empty: User\.Read counts instead, which is the default\.$/],
  ],
  ['a value that nothing replaces: the server says so', {}, ['client_id'], []],
  ['several at once', { enabled: false, match_by_name: true }, ['tenant_id'], [/^Enabled/, /^Match/, /^Tenant ID/]],
]
it.each(cases)('%s', (_name, change, left, risks) => {
  const candidate: SavedConfiguration = { ...inForce, ...change }
  for (const key of left) delete candidate[key]
  const found = risksOf(candidate, loaded, new Set(['Tried.Read']))
  expect(found).toEqual(risks.map((risk) => expect.stringMatching(risk)))
})

const limited = { groups: { claim: 'required' } } as const
const enforce = { between_sign_ins: { mode: 'enforce' } } as const
const remove = { between_sign_ins: { mode: 'enforce', not_found: 'remove' } } as const
const raised = { between_sign_ins: { mode: 'enforce', brake_percent: 50 } } as const
const decides = /^All groups of a person decide, by name/
const removes = /^Between sign-ins is set to Enforce: from its next run on, .* Run a report .* first/
const notFound = /^People who are not found lose every group/
const brake = /^Brake is raised to 50 %/

/** From what is in force to what would be. */
const changes: [name: string, from: SavedConfiguration, to: SavedConfiguration, risks: RegExp[]][] = [
  ['names that a claim limited until now', limited, {}, [decides]],
  ['names that an id stood for until now', { groups: { match: 'id' } }, {}, [decides]],
  ['names that nothing limited before', {}, {}, []],
  ['names that are limited', {}, limited, []],
  ['runs that begin to remove', { between_sign_ins: { mode: 'report' } }, enforce, [removes]],
  ['runs that remove already', enforce, enforce, []],
  ['runs that report', {}, { between_sign_ins: { mode: 'report', not_found: 'remove', brake_percent: 50 } }, []],
  ['who is not found', enforce, remove, [notFound]],
  ['who was not found before', remove, remove, []],
  ['a brake that is raised', enforce, raised, [brake]],
  ['a brake that is lowered', raised, enforce, []],
  [
    'a brake beside what is there already',
    remove,
    { between_sign_ins: { ...remove.between_sign_ins, brake_percent: 50 } },
    [brake],
  ],
  [
    'from nothing to all',
    {},
    { between_sign_ins: { ...remove.between_sign_ins, brake_percent: 50 } },
    [removes, notFound, brake],
  ],
]
it.each(changes)('%s', (_name, from, to, risks) => {
  const found = risksOf({ ...inForce, ...to }, { ...loaded, configuration: { ...inForce, ...from } }, new Set())
  expect(found).toEqual(risks.map((risk) => expect.stringMatching(risk)))
})

it('the question about runs that remove has the number of the last report', () => {
  const counts = { active: 1, disabled: 1, deleted: 0, not_found: 0, unclear: 0 }
  const last = {
    at: '2026-03-01T10:00:00Z',
    by: 'timer',
    mode: 'report',
    outcome: 'done',
    counts,
    removals: 1,
  } as const
  const [found] = risksOf({ ...inForce, ...enforce }, { ...loaded, runs: { since: last.at, last } }, new Set())
  expect(found).toMatch(/The last report would remove 1 membership\.$/)
})
