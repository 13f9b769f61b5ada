import { describe, expect, it } from 'vitest'
import type { MicetroGroup } from '../../shared/micetro/types.ts'
import type { GivenGroup } from '../../shared/sync/groupRules.ts'
import { matchGroups } from '../../shared/sync/matchGroups.ts'
import { administrators, allUsers, given, idOf, micetroGroup } from './people.ts'

const dns = micetroGroup(10, 'DNS')
const dnsLower = micetroGroup(11, 'dns')
const ipam = micetroGroup(12, 'IPAM')
const readers = micetroGroup(13, 'CONTOSO\\MM-ReadOnly')
const otherReaders = micetroGroup(14, 'FABRIKAM\\MM-ReadOnly')
const umlaut = micetroGroup(15, 'Größe')

const withId = (id: number, name: string): MicetroGroup => ({
  ...(name === 'DNS' ? dns : ipam),
  externalId: idOf(id),
})

interface Result {
  matched?: MicetroGroup[]
  ambiguous?: MicetroGroup[]
  unmatched?: string[]
}

const synced = (displayName: string, inDirectory: string): GivenGroup => ({
  id: idOf(1),
  names: [displayName, inDirectory],
  domainNames: [inDirectory],
})

describe('A Micetro group matches', () => {
  type Case = [
    name: string,
    given: GivenGroup[],
    groups: MicetroGroup[],
    result: Result,
    map?: Record<string, string>,
    names?: boolean,
  ]
  const cases: Case[] = [
    ['the Entra group of its name', given('DNS'), [dns, ipam], { matched: [dns] }],
    ['by its exact name first', given('DNS'), [dns, dnsLower], { matched: [dns] }],
    ['without regard to case when that is unambiguous', given('Dns'), [dns, ipam], { matched: [dns] }],
    ['with regard to case beyond ASCII', given('GRÖßE'), [umlaut], { unmatched: ['GRÖßE'] }],
    ['without regard to case of its ASCII letters', given('GRößE'), [umlaut], { matched: [umlaut] }],
    ['not at all when only case tells it from another', given('Dns'), [dns, dnsLower], { ambiguous: [dns, dnsLower] }],
    [
      'not at all when another has the very same name',
      given('DNS'),
      [dns, micetroGroup(99, 'DNS')],
      { ambiguous: [dns, micetroGroup(99, 'DNS')] },
    ],
    [
      'by its exact name, even where a second group fits without regard to case',
      given('DNS', 'Dns'),
      [dns, dnsLower],
      { matched: [dns], ambiguous: [dnsLower] },
    ],
    ['nothing that only begins like it', given('DNS admins', 'DN'), [dns], { unmatched: ['DNS admins', 'DN'] }],
    ['whatever blanks are at the ends', given(' DNS\u00a0'), [micetroGroup(10, 'DNS ')], { matched: [dns] }],
    ['whatever Unicode form its letters have', given('Gro\u0308ße'), [umlaut], { matched: [umlaut] }],
    [
      'no lookalike with the Kelvin sign',
      given('networ\u212a'),
      [micetroGroup(16, 'network')],
      { unmatched: ['networ\u212a'] },
    ],
    [
      'no lookalike with the Kelvin sign, in capitals either',
      given('NETWOR\u212a'),
      [micetroGroup(16, 'NETWORK')],
      { unmatched: ['NETWOR\u212a'] },
    ],
    [
      'a name that NFC would change only as it is written',
      given('R-\u2126', 'r-\u2126', 'R-\u03a9'),
      [micetroGroup(17, 'R-\u2126')],
      { matched: [micetroGroup(17, 'R-\u2126')], unmatched: ['r-\u2126', 'R-\u03a9'] },
    ],
    [
      'never when it is built-in',
      given('All users (built-in)', 'Administrators (built-in)'),
      [allUsers, administrators],
      { unmatched: ['All users (built-in)', 'Administrators (built-in)'] },
    ],
    [
      'by domain and account name when it is AD-integrated',
      [synced('Readers', 'CONTOSO\\MM-ReadOnly')],
      [readers, otherReaders],
      { matched: [readers] },
    ],
    [
      'by domain and account name without regard to case',
      [synced('Readers', 'contoso\\mm-readonly')],
      [readers],
      { matched: [readers] },
    ],
    [
      'not by the account name of another domain',
      [synced('Readers', 'FABRIKAM\\MM-ReadOnly')],
      [readers],
      { unmatched: ['Readers'] },
    ],
    [
      'by both names when one group of the directory has both',
      [synced('DNS', 'CONTOSO\\MM-ReadOnly')],
      [dns, readers],
      { matched: [dns, readers] },
    ],
    [
      'by a name of the claim with its domain',
      [{ id: undefined, names: ['CONTOSO\\MM-ReadOnly'], domainNames: ['CONTOSO\\MM-ReadOnly'] }],
      [readers],
      { matched: [readers] },
    ],
    [
      'not by a display name that only looks like domain and account',
      given('CONTOSO\\MM-ReadOnly'),
      [readers],
      { unmatched: ['CONTOSO\\MM-ReadOnly'] },
    ],
    [
      'by an id where names are missing',
      [{ id: idOf(1), names: [idOf(1)], domainNames: [] }],
      [micetroGroup(20, idOf(1))],
      { matched: [micetroGroup(20, idOf(1))] },
    ],
    ['the group that the map gives it', given('Whatever'), [dns], { matched: [dns] }, { [idOf(1)]: 'DNS' }],
    ['the mapped name without regard to case', given('Whatever'), [dns], { matched: [dns] }, { [idOf(1)]: 'dns' }],
    [
      'by the map alone: a group of the same name is nobody',
      [{ id: idOf(9), names: ['DNS'], domainNames: [] }],
      [dns],
      { unmatched: ['DNS'] },
      { [idOf(1)]: 'DNS' },
    ],
    [
      'by the map alone: a claim of the same name is nobody',
      [{ id: undefined, names: ['DNS'], domainNames: ['DNS'] }],
      [dns],
      { unmatched: ['DNS'] },
      { [idOf(1)]: 'DNS' },
    ],
    [
      'by the map alone, in any spelling',
      [{ id: idOf(9), names: ['dns'], domainNames: [] }],
      [dns],
      { unmatched: ['dns'] },
      { [idOf(1)]: 'Dns' },
    ],
    ['no mapped group by its own name besides', given('IPAM'), [dns, ipam], { matched: [dns] }, { [idOf(1)]: 'DNS' }],
    [
      'nothing where the map names a group that does not exist',
      given('IPAM'),
      [dns, ipam],
      { unmatched: ['Gone'] },
      { [idOf(1)]: 'Gone' },
    ],
    [
      'never by the map when it is built-in',
      given('Whatever'),
      [allUsers],
      { unmatched: ['All users (built-in)'] },
      { [idOf(1)]: 'All users (built-in)' },
    ],
    [
      'by the map where the name is missing',
      [{ id: idOf(1), names: [idOf(1)], domainNames: [] }],
      [dns],
      { matched: [dns] },
      { [idOf(1)]: 'DNS' },
    ],
    [
      'by its own External ID, whatever the Entra group is called',
      given('Whatever'),
      [withId(1, 'DNS'), ipam],
      { matched: [withId(1, 'DNS')] },
    ],
    [
      'by its own External ID in capitals and with blanks',
      given('Whatever'),
      [{ ...dns, externalId: ` ${idOf(1).toUpperCase()} ` }],
      { matched: [dns] },
    ],
    [
      'by its own External ID alone: a group of the same name is nobody',
      given('x', 'DNS'),
      [withId(9, 'DNS')],
      { unmatched: ['x', 'DNS'] },
    ],
    [
      'by its own External ID alone, also when that is of another provider',
      given('DNS'),
      [{ ...dns, externalId: 'okta-group-7' }],
      { unmatched: ['DNS'] },
    ],
    [
      'by its own External ID, and the Entra group no other by its name',
      given('IPAM'),
      [withId(1, 'DNS'), ipam],
      { matched: [dns] },
    ],
    [
      'by its own External ID beside the one that the map gives',
      given('x'),
      [withId(1, 'DNS'), ipam],
      { matched: [dns, ipam] },
      { [idOf(1)]: 'IPAM' },
    ],
    [
      'both groups of one External ID',
      given('x'),
      [withId(1, 'DNS'), { ...ipam, externalId: idOf(1) }],
      { matched: [dns, ipam] },
    ],
    [
      'never by its External ID when it is built-in',
      given('Whatever'),
      [{ ...allUsers, externalId: idOf(1) }],
      { unmatched: ['Whatever'] },
    ],
    [
      'not by an External ID that a claim has as a name',
      [{ id: undefined, names: [idOf(1)], domainNames: [] }],
      [withId(1, 'DNS')],
      { unmatched: [idOf(1)] },
    ],
    [
      'not by a mapped id that a claim has as a name',
      [{ id: undefined, names: [idOf(1)], domainNames: [] }],
      [dns],
      { unmatched: [idOf(1)] },
      { [idOf(1)]: 'DNS' },
    ],
    [
      'no display name, on-premises name or name of a claim where ids alone count',
      [...given('DNS'), synced('x', 'CONTOSO\\MM-ReadOnly'), { id: undefined, names: ['IPAM'], domainNames: [] }],
      [dns, ipam, readers],
      { unmatched: ['DNS', 'x', 'IPAM'] },
      {},
      false,
    ],
    [
      'what the map gives where ids alone count',
      given('a', 'DNS'),
      [dns, ipam],
      { matched: [ipam], unmatched: ['DNS'] },
      { [idOf(1)]: 'IPAM' },
      false,
    ],
    [
      'by its own External ID where ids alone count',
      given('a', 'DNS'),
      [withId(1, 'IPAM'), dns],
      { matched: [withId(1, 'IPAM')], unmatched: ['DNS'] },
      {},
      false,
    ],
    [
      'perhaps, where Entra ID knows the DNS domain only: neither joined nor left',
      [{ ...synced('Readers', 'contoso.com\\MM-ReadOnly'), perhaps: ['contoso\\MM-ReadOnly'] }],
      [readers, otherReaders],
      { ambiguous: [readers], unmatched: ['Readers'] },
    ],
    ['two Entra groups by the map', given('a', 'b'), [dns], { matched: [dns] }, { [idOf(1)]: 'DNS', [idOf(2)]: 'DNS' }],
  ]
  for (const [
    name,
    groups,
    micetro,
    { matched = [], ambiguous = [], unmatched = [] },
    map = {},
    names = true,
  ] of cases) {
    it(name, () => {
      const found = matchGroups(groups, micetro, { names, map: new Map(Object.entries(map)) })
      expect([...found.matched.keys()].sort()).toEqual(matched.map(({ ref }) => ref).sort())
      expect([...found.ambiguous].sort()).toEqual(ambiguous.map(({ ref }) => ref).sort())
      expect(found.unmatched).toEqual(unmatched)
    })
  }

  it('and it is told what reached it: an id before a name', () => {
    const groups = [dns, { ...ipam, externalId: idOf(2) }, readers]
    const { matched } = matchGroups(given('DNS', 'IPAM', 'Boss'), [...groups, micetroGroup(18, 'Boss')], {
      names: true,
      map: new Map([[idOf(3), 'CONTOSO\\MM-ReadOnly']]),
    })
    expect(Object.fromEntries(matched)).toEqual({
      [dns.ref]: { by: 'name', group: 'DNS' },
      [ipam.ref]: { by: 'id', group: 'IPAM' },
      [readers.ref]: { by: 'id', group: 'Boss' },
    })
  })

  it('by the rules of this time, whatever rules the same list was matched by before', () => {
    const groups = [dns, ipam]
    const mapped = { names: true, map: new Map([[idOf(9), 'DNS']]) }
    const refs = (rules: typeof mapped): string[] => [...matchGroups(given('DNS'), groups, rules).matched.keys()]
    const rules = [{ ...mapped, map: new Map() }, mapped, { ...mapped, names: false }, { ...mapped, map: new Map() }]
    expect(rules.map(refs)).toEqual([[dns.ref], [], [], [dns.ref]])
  })
})
