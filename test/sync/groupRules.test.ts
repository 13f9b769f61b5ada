import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/failure.ts'
import type { EntraGroup } from '../../shared/graph/graphCalls.ts'
import {
  asError,
  doubledNames,
  effectiveGroups,
  type GivenGroup,
  type GroupAnswer,
} from '../../shared/sync/groupRules.ts'
import { type GroupsClaim, readGroupsClaim } from '../../shared/sync/groupsClaim.ts'
import type { GroupRules } from '../../shared/sync/rules.ts'
import { entraGroup, given, idOf, usualRules } from './people.ts'

const absent: GroupsClaim = { kind: 'absent' }
const claimOf = (...values: string[]): GroupsClaim => readGroupsClaim({ groups: values })

describe('The groups that count', () => {
  const dns = entraGroup(1, { displayName: 'DNS' })
  const ipam = entraGroup(2, { displayName: 'IPAM' })
  const team = entraGroup(3, { displayName: 'Team', securityEnabled: false })
  const nameless = entraGroup(4, { displayName: null, securityEnabled: null })
  const synced = entraGroup(5, {
    displayName: 'Readers',
    onPremisesNetBiosName: 'CONTOSO',
    onPremisesDomainName: 'contoso.com',
    onPremisesSamAccountName: 'MM-ReadOnly',
  })
  const withoutNetBios = { ...synced, onPremisesNetBiosName: null }
  const imitation = entraGroup(6, { displayName: 'CONTOSO\\MM-ReadOnly' })
  const group = (id: number, ...names: string[]): GivenGroup => ({
    id: idOf(id),
    names,
    domainNames: names.filter((name) => name.includes('\\')),
  })
  const nameOnly = (name: string): GivenGroup => ({
    id: undefined,
    names: [name],
    domainNames: name.includes('\\') ? [name] : [],
  })
  const syncedNames = ['Readers', 'CONTOSO\\MM-ReadOnly', 'contoso.com\\MM-ReadOnly']
  const perhaps = ['contoso\\MM-ReadOnly']
  const list = (complete: boolean, ...groups: GivenGroup[]): GroupAnswer => ({ kind: 'listed', groups, complete })
  const nothing = list(true)
  const throttled = new AppError({ code: 'graph_throttled', status: 429 })
  const unknown: GroupAnswer = { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } }
  const none: GroupAnswer = { kind: 'none' }
  const forbidden: GroupAnswer = {
    kind: 'unknown',
    because: { code: 'graph_forbidden', permission: 'GroupMember.Read.All' },
  }
  const asRoles = (...ids: string[]): GroupsClaim => readGroupsClaim({ roles: ids })
  const overage: GroupsClaim = { kind: 'overage' }
  const securityOnly = { securityOnly: true }
  const byId = { names: false }
  const claimRequired = { claimRequired: true }

  type Case = [
    name: string,
    claim: GroupsClaim,
    read: readonly EntraGroup[] | Error,
    answer: GroupAnswer,
    rules?: Partial<GroupRules>,
  ]
  const all = list(true, group(1, 'DNS'), group(2, 'IPAM'))
  const cases: Case[] = [
    // No claim.
    ['are all that Graph lists where the token has no claim', absent, [dns, ipam], all],
    ['are not limited in an overage', overage, [dns, ipam], all],
    ['are none where Graph lists none', absent, [], none],
    ['are not known where Graph failed: an error must never look like no groups', absent, throttled, unknown],
    [
      'are not known where Graph failed with a bug of ours',
      absent,
      new TypeError('x'),
      { kind: 'unknown', because: { code: 'internal' } },
    ],
    ['have their names in Active Directory too', absent, [synced], list(true, group(5, ...syncedNames))],
    [
      'have their name in Active Directory with the DNS domain where that is all there is, and a likely one',
      absent,
      [withoutNetBios],
      list(true, { ...group(5, 'Readers', 'contoso.com\\MM-ReadOnly'), perhaps }),
    ],
    // Ids.
    ['are limited to those in the claim', claimOf(idOf(2)), [dns, ipam], list(true, group(2, 'IPAM'))],
    [
      'are known to be none of those that Graph lists where the claim has none of them, so that memberships end',
      claimOf(idOf(99)),
      [dns],
      list(true, group(99, idOf(99))),
    ],
    [
      'include one of the claim that Graph does not list, by its id',
      claimOf(idOf(1), idOf(99)),
      [dns],
      list(true, group(1, 'DNS'), group(99, idOf(99))),
    ],
    ['are not known where the claim has ids and Graph failed', claimOf(idOf(1)), throttled, unknown],
    ['are the ids of the claim where Graph lists nothing', claimOf(idOf(7)), [], list(false, group(7, idOf(7)))],
    // An empty claim.
    ['are none where the claim is empty', claimOf(), [dns], none],
    ['are none where the claim is empty, whatever became of Graph', claimOf(), throttled, none],
    // Names.
    [
      'are the names of the claim where Graph lists none of that name, for Entra ID may have changed them',
      claimOf('Named', 'CONTOSO\\IPAM'),
      [dns],
      list(true, nameOnly('Named'), nameOnly('CONTOSO\\IPAM')),
    ],
    ['are not known where the claim has names and Graph failed', claimOf('DNS'), throttled, unknown],
    [
      'are not all known where the claim has names and Graph lists nothing',
      claimOf('DNS'),
      [],
      list(false, nameOnly('DNS')),
    ],
    ['are those whose display name the claim has', claimOf('dns'), [dns, ipam], list(true, group(1, 'DNS'))],
    [
      'are those whose sAMAccountName the claim has, and that is a name then',
      claimOf('MM-ReadOnly'),
      [dns, synced],
      list(true, { ...group(5, ...syncedNames, 'MM-ReadOnly'), domainNames: syncedNames.slice(1) }),
    ],
    [
      'are those whose NETBIOS\\name the claim has',
      claimOf('contoso\\mm-readonly'),
      [dns, synced],
      list(true, group(5, ...syncedNames)),
    ],
    [
      'are those whose DNSDOMAIN\\name the claim has',
      claimOf('contoso.com\\MM-ReadOnly'),
      [dns, synced],
      list(true, group(5, ...syncedNames)),
    ],
    [
      'are not of Active Directory where only the display name has the form of one',
      claimOf('CONTOSO\\MM-ReadOnly'),
      [imitation],
      list(true, { ...group(6, 'CONTOSO\\MM-ReadOnly'), domainNames: [] }),
    ],
    [
      'have no id where the claim has a name that several of them have',
      claimOf('DNS'),
      [dns, entraGroup(8, { displayName: 'dns' })],
      list(true, { ...group(1, 'DNS'), id: undefined }, { ...group(8, 'dns'), id: undefined }),
    ],
    [
      'are names and ids where the claim has both',
      claimOf('Named', idOf(2)),
      [dns, ipam],
      list(true, group(2, 'IPAM'), nameOnly('Named')),
    ],
    [
      'have no id where the claim has a name that several of them have, though only one of those counts',
      claimOf('DNS'),
      [dns, entraGroup(8, { displayName: 'dns', securityEnabled: false })],
      list(true, { ...group(1, 'DNS'), id: undefined }),
      securityOnly,
    ],
    // A name in the form of an id.
    [
      'do not include an unlisted id where the claim has names, for it may be a name too',
      claimOf('DNS', idOf(77)),
      [dns],
      list(true, group(1, 'DNS')),
    ],
    [
      'are the group that is called like an id, and not the group with that id',
      claimOf(idOf(77)),
      [entraGroup(8, { displayName: idOf(77).toUpperCase() })],
      list(true, group(8, idOf(77).toUpperCase())),
    ],
    [
      'are left open where a nameless group could be called like the id in the claim',
      claimOf(idOf(77)),
      [nameless],
      list(false),
    ],
    [
      'include an unlisted id beside one that Graph lists, names or not',
      claimOf(idOf(4), idOf(77)),
      [nameless],
      list(false, group(4, idOf(4)), group(77, idOf(77))),
    ],
    // Ids as roles.
    ['are limited to ids that are emitted as roles', asRoles(idOf(2)), [dns, ipam], list(true, group(2, 'IPAM'))],
    [
      'are left open where no role is one of the groups, for they may be roles after all',
      asRoles(idOf(77)),
      [dns],
      list(false),
    ],
    [
      'are never a role that Graph does not list as a group',
      asRoles(idOf(1), idOf(77)),
      [dns],
      list(true, group(1, 'DNS')),
    ],
    // Names that may not be read.
    [
      'are matched by id where their names are missing, and are not all known',
      absent,
      [nameless],
      list(false, group(4, idOf(4))),
    ],
    [
      'are not all known where one name is missing',
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
    [
      'are not all known where the claim has names and one name is missing',
      claimOf('DNS'),
      [dns, nameless],
      list(false, group(1, 'DNS')),
    ],
    ['are known without names where ids decide', absent, [nameless], list(true, group(4, idOf(4))), byId],
    [
      'are not all known without names where ids decide but the claim has names',
      claimOf('DNS'),
      [nameless],
      list(false, nameOnly('DNS')),
      byId,
    ],
    // Security groups only.
    ['are security groups only, where that is chosen', absent, [dns, team], list(true, group(1, 'DNS')), securityOnly],
    ['are all kinds, where that is not chosen', absent, [dns, team], list(true, group(1, 'DNS'), group(3, 'Team'))],
    [
      'are known to be none where none of them is a security group, so that memberships end',
      absent,
      [team],
      nothing,
      securityOnly,
    ],
    [
      'are security groups only, also where the claim has ids',
      claimOf(idOf(1), idOf(3)),
      [dns, team],
      list(true, group(1, 'DNS')),
      securityOnly,
    ],
    [
      'are security groups only, also where the claim names others',
      claimOf('Team', 'DNS'),
      [dns, team],
      list(true, group(1, 'DNS')),
      securityOnly,
    ],
    [
      'are not known, and not none, where Graph tells neither names nor kinds',
      absent,
      [nameless],
      forbidden,
      securityOnly,
    ],
    [
      'are not known either where ids decide and Graph tells no kinds',
      absent,
      [nameless],
      forbidden,
      { ...securityOnly, ...byId },
    ],
    [
      'are not all known where a nameless group was left out',
      absent,
      [dns, nameless],
      list(false, group(1, 'DNS')),
      securityOnly,
    ],
    [
      'never include an unlisted id where its kind is not known',
      claimOf(idOf(1), idOf(77)),
      [dns],
      list(true, group(1, 'DNS')),
      securityOnly,
    ],
    [
      'do not include the ids of the claim where Graph lists nothing: their kind is not known',
      claimOf(idOf(7)),
      [],
      list(false),
      securityOnly,
    ],
    // A claim that is required.
    ['are none that count where the claim is missing but required', absent, [dns], nothing, claimRequired],
    ['are none that count where the claim is empty but required', claimOf(), [dns], nothing, claimRequired],
    [
      'are none that count where the claim is required, even if Graph failed',
      absent,
      throttled,
      nothing,
      claimRequired,
    ],
    ['are all in an overage, though the claim is required', overage, [dns, ipam], all, claimRequired],
    [
      'are limited as ever where the required claim is there',
      claimOf(idOf(2)),
      [dns, ipam],
      list(true, group(2, 'IPAM')),
      claimRequired,
    ],
    [
      'are not known where the required claim is there and Graph failed',
      claimOf(idOf(2)),
      throttled,
      unknown,
      claimRequired,
    ],
    [
      'are limited by the roles where those are the required claim',
      asRoles(idOf(1)),
      [dns, ipam],
      list(true, group(1, 'DNS')),
      claimRequired,
    ],
  ]
  for (const [name, claim, read, answer, rules] of cases) {
    it(name, () => expect(effectiveGroups(claim, read, { ...usualRules, ...rules })).toEqual(answer))
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
