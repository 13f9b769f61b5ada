import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  configurationOf,
  conflictsOf,
  differences,
  fieldsOf,
  merged,
} from '../../../shared/configPage/client/differences.ts'
import type { SavedConfiguration } from '../../../shared/configuration/entraConfiguration.ts'

const [a, b] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']

const base: SavedConfiguration = {
  tenant_id: 'contoso.test',
  scope: ['User.Read'],
  groups: { match: 'id', map: { [a]: 'DNS' } },
}

describe('What differs between two versions', () => {
  const cases: [name: string, after: SavedConfiguration, changes: string[]][] = [
    ['nothing', base, []],
    ['a value', { ...base, tenant_id: 'other.test' }, ['Tenant ID: contoso.test > other.test']],
    ['a value that is new', { ...base, enabled: false }, ['Enabled: not set > off']],
    ['a list', { ...base, scope: ['User.Read', 'X'] }, ['Scope: User.Read > User.Read, X']],
    [
      'a row of the table, and one that is gone',
      { ...base, groups: { match: 'id', map: { [b]: 'IPAM' } } },
      [`Group ${a}: DNS > not set`, `Group ${b}: not set > IPAM`],
    ],
    [
      'a switch inside the groups',
      { ...base, groups: { map: { [a]: 'DNS' } } },
      ['A group is matched by: id > not set'],
    ],
  ]
  it.each(cases)('%s', (_name, after, changes) => {
    expect(differences(base, after).map(({ label, from, to }) => `${label}: ${from} > ${to}`)).toEqual(changes)
  })
})

describe('Two changes of one version', () => {
  const ours: SavedConfiguration = {
    ...base,
    scope: ['Ours'],
    enabled: false,
    groups: { match: 'id', map: { [a]: 'X' } },
  }
  const theirs: SavedConfiguration = {
    ...base,
    scope: ['Theirs'],
    groups: { match: 'id', map: { [a]: 'DNS', [b]: 'Y' } },
  }

  it('say field by field who changed it', () => {
    expect(conflictsOf(base, theirs, ours).map(({ key, changedBy }) => `${key} ${changedBy}`)).toEqual([
      'scope both',
      `groups.map.${a} us`,
      `groups.map.${b} them`,
      'enabled us',
    ])
  })

  it('become one with each field from where it was chosen', () => {
    expect(merged(theirs, ours, ['scope', `groups.map.${b}`, 'enabled'])).toEqual({
      tenant_id: 'contoso.test',
      scope: ['Theirs'],
      groups: { match: 'id', map: { [a]: 'X', [b]: 'Y' } },
    })
  })

  const configurations = fc
    .record({
      tenant: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      enabled: fc.option(fc.boolean(), { nil: undefined }),
      match: fc.option(fc.constantFrom('name' as const, 'id' as const), { nil: undefined }),
      map: fc.dictionary(fc.constantFrom(a, b), fc.string({ minLength: 1 }), { noNullPrototype: true }),
    })
    .map(
      ({ tenant, enabled, match, map }): SavedConfiguration => ({
        ...(tenant !== undefined && { tenant_id: tenant }),
        ...(enabled !== undefined && { enabled }),
        ...((match !== undefined || Object.keys(map).length > 0) && {
          groups: { ...(match !== undefined && { match }), ...(Object.keys(map).length > 0 && { map }) },
        }),
      }),
    )

  it('with every field from one side are that side, whatever they are', () => {
    fc.assert(
      fc.property(configurations, configurations, (one, other) => {
        expect(configurationOf(fieldsOf(one))).toEqual(one)
        const all = conflictsOf({}, one, other).map(({ key }) => key)
        expect(merged(one, other, all)).toEqual(one)
        expect(merged(one, other, [])).toEqual(other)
      }),
    )
  })
})
