import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/failure.ts'
import type { EntraGroup } from '../../shared/graph/graphCalls.ts'
import {
  asError,
  claimSuffices,
  doubledNames,
  effectiveGroups,
  type GivenGroup,
  type GroupAnswer,
  type GroupsClaim,
  readGroupsClaim,
} from '../../shared/sync/groupRules.ts'
import { entraGroup, given, idOf } from './people.ts'

const absent: GroupsClaim = { kind: 'absent' }
const claimOf = (...values: string[]): GroupsClaim => readGroupsClaim({ groups: values })

describe('The groups claim', () => {
  const cases: [name: string, claims: Parameters<typeof readGroupsClaim>[0], claim: GroupsClaim, suffices: boolean][] =
    [
      ['may be absent', {}, absent, false],
      ['may be empty', { groups: [] }, { kind: 'empty' }, true],
      ['may have ids', { groups: [idOf(1)] }, { kind: 'given', ids: new Set([idOf(1)]), names: [] }, false],
      [
        'may have its ids in capitals',
        { groups: [idOf(1).toUpperCase()] },
        { kind: 'given', ids: new Set([idOf(1)]), names: [] },
        false,
      ],
      [
        'may have names already',
        { groups: ['DNS', 'CONTOSO\\IPAM'] },
        { kind: 'given', ids: new Set(), names: ['DNS', 'CONTOSO\\IPAM'] },
        true,
      ],
      [
        'may have both',
        { groups: [idOf(1), 'DNS'] },
        { kind: 'given', ids: new Set([idOf(1)]), names: ['DNS'] },
        false,
      ],
      ['is absent in an overage', { _claim_names: { groups: 'src1' } }, absent, false],
      [
        'does not limit in an overage, even if it is there',
        { groups: [idOf(1)], _claim_names: { groups: 'src1' } },
        absent,
        false,
      ],
      [
        'limits beside an overage of something else',
        { groups: [], _claim_names: { roles: 'src1' } },
        { kind: 'empty' },
        true,
      ],
      ['does not limit with hasgroups', { groups: [], hasgroups: true }, absent, false],
      ['does not limit with hasgroups as a text', { groups: [], hasgroups: 'true' }, absent, false],
    ]
  for (const [name, claims, claim, suffices] of cases) {
    it(`${name}, and Graph is ${suffices ? 'not ' : ''}asked for groups`, () => {
      expect(readGroupsClaim(claims)).toEqual(claim)
      expect(claimSuffices(claim)).toBe(suffices)
    })
  }
})

describe('The groups that count', () => {
  const dns = entraGroup(1, { displayName: 'DNS' })
  const ipam = entraGroup(2, { displayName: 'IPAM' })
  const team = entraGroup(3, { displayName: 'Team', securityEnabled: false })
  const nameless = entraGroup(4, { displayName: null, securityEnabled: null })
  const synced = entraGroup(5, {
    displayName: 'Readers',
    onPremisesNetBiosName: 'CONTOSO',
    onPremisesSamAccountName: 'MM-ReadOnly',
  })
  const group = (id: number, ...names: string[]): GivenGroup => ({
    id: idOf(id),
    names,
    domainNames: names.filter((name) => name.includes('\\')),
  })
  const nameOnly = (name: string): GivenGroup => ({ id: undefined, names: [name], domainNames: [name] })
  const list = (namesKnown: boolean, ...groups: GivenGroup[]): GroupAnswer => ({ kind: 'listed', groups, namesKnown })
  const throttled = new AppError({ code: 'graph_throttled', status: 429 })
  const unknown: GroupAnswer = { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } }
  const none: GroupAnswer = { kind: 'none' }
  const forbidden: GroupAnswer = {
    kind: 'unknown',
    because: { code: 'graph_forbidden', permission: 'GroupMember.Read.All' },
  }
  const mapped = idOf(77)
  const map = new Map([[mapped, 'DNS']])

  type Case = [
    name: string,
    claim: GroupsClaim,
    read: readonly EntraGroup[] | Error,
    answer: GroupAnswer,
    securityOnly?: boolean,
  ]
  const cases: Case[] = [
    [
      'are all that Graph lists where the token has no claim',
      absent,
      [dns, ipam],
      list(true, group(1, 'DNS'), group(2, 'IPAM')),
    ],
    ['are none where Graph lists none', absent, [], none],
    ['are not known where Graph failed: an error must never look like no groups', absent, throttled, unknown],
    [
      'are not known where Graph failed with a bug of ours',
      absent,
      new TypeError('x'),
      { kind: 'unknown', because: { code: 'internal' } },
    ],
    ['are limited to those in the claim', claimOf(idOf(2)), [dns, ipam], list(true, group(2, 'IPAM'))],
    [
      'are not limited by ids that are no groups of the user',
      claimOf(idOf(2), idOf(99)),
      [dns, ipam],
      list(true, group(2, 'IPAM')),
    ],
    [
      'are not limited in an overage',
      readGroupsClaim({ groups: [idOf(2)], hasgroups: true }),
      [dns, ipam],
      list(true, group(1, 'DNS'), group(2, 'IPAM')),
    ],
    ['are none where the claim is empty', claimOf(), [dns], none],
    ['are none where the claim is empty, whatever became of Graph', claimOf(), throttled, none],
    [
      'are the names of the claim where it has names',
      claimOf('DNS', 'CONTOSO\\IPAM'),
      [],
      list(true, nameOnly('DNS'), nameOnly('CONTOSO\\IPAM')),
    ],
    ['are the names of the claim, whatever became of Graph', claimOf('DNS'), throttled, list(true, nameOnly('DNS'))],
    ['are not known where the claim has ids and Graph failed', claimOf(idOf(1)), throttled, unknown],
    [
      'are not known where the claim has ids beside names and Graph failed',
      claimOf('DNS', idOf(1)),
      throttled,
      unknown,
    ],
    [
      'are names and ids where the claim has both',
      claimOf('Named', idOf(2)),
      [dns, ipam],
      list(true, nameOnly('Named'), group(2, 'IPAM')),
    ],
    [
      'are matched by id where their names are missing, and the names are not known',
      absent,
      [nameless],
      list(false, group(4, idOf(4))),
    ],
    [
      'are not wholly known where one name is missing',
      absent,
      [dns, nameless],
      list(false, group(1, 'DNS'), group(4, idOf(4))),
    ],
    [
      'are known where the name is missing only outside the claim',
      claimOf(idOf(1)),
      [dns, nameless],
      list(true, group(1, 'DNS')),
    ],
    ['are the ids of the claim where Graph lists nothing', claimOf(idOf(7)), [], list(false, group(7, idOf(7)))],
    [
      'have their name in Active Directory too',
      absent,
      [synced],
      list(true, group(5, 'Readers', 'CONTOSO\\MM-ReadOnly')),
    ],
    ['are security groups only, where that is chosen', absent, [dns, team], list(true, group(1, 'DNS')), true],
    ['are all kinds, where that is not chosen', absent, [dns, team], list(true, group(1, 'DNS'), group(3, 'Team'))],
    ['are none where none of them is a security group', absent, [team], none, true],
    ['are not known, and not none, where Graph tells neither names nor kinds', absent, [nameless], forbidden, true],
    [
      'include one of the claim that Graph does not list yet, when the map knows it',
      claimOf(idOf(1), mapped),
      [dns],
      list(true, group(1, 'DNS'), { id: mapped, names: [mapped], domainNames: [] }),
    ],
    [
      'keep the names not known where a nameless group was left out',
      absent,
      [dns, nameless],
      list(false, group(1, 'DNS')),
      true,
    ],
  ]
  for (const [name, claim, read, answer, securityOnly = false] of cases) {
    it(name, () => expect(effectiveGroups(claim, read, { securityOnly, map })).toEqual(answer))
  }
})

describe('Names that more than one group has', () => {
  const cases: [name: string, groups: GivenGroup[], doubled: string[]][] = [
    ['are told', given('DNS', 'IPAM', 'DNS'), ['DNS']],
    ['are told once', given('DNS', 'DNS', 'DNS'), ['DNS']],
    ['are told when they differ in nothing but case: they fit the same Micetro group', given('DNS', 'dns'), ['DNS']],
    ['are none with different names', given('DNS', 'IPAM'), []],
    ['are none where one group is listed twice', [...given('DNS'), ...given('DNS')], []],
    [
      'are none among names from the claim, which have no ids',
      [
        { id: undefined, names: ['DNS'], domainNames: ['DNS'] },
        { id: undefined, names: ['DNS'], domainNames: ['DNS'] },
      ],
      [],
    ],
  ]
  for (const [name, groups, doubled] of cases) {
    it(name, () => expect(doubledNames(groups).map((each) => each.toUpperCase())).toEqual(doubled))
  }
})

describe('Anything thrown, held as a value', () => {
  it('stays the same where it is ours', () => {
    const error = new AppError({ code: 'attempt_used' })
    expect(asError(error)).toBe(error)
  })

  it('becomes an internal failure with its cause where it is not', () => {
    const cause = new TypeError('bug')
    expect(asError(cause)).toMatchObject({ failure: { code: 'internal' }, cause })
  })
})
