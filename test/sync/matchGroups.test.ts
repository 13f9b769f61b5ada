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
  type Case = [name: string, given: GivenGroup[], groups: MicetroGroup[], result: Result, map?: Record<string, string>]
  const cases: Case[] = [
    ['the Entra group of its name', given('DNS'), [dns, ipam], { matched: [dns] }],
    ['by its exact name first', given('DNS'), [dns, dnsLower], { matched: [dns] }],
    ['without regard to case when that is unambiguous', given('Dns'), [dns, ipam], { matched: [dns] }],
    ['without regard to case beyond ASCII', given('GRÖßE'), [umlaut], { matched: [umlaut] }],
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
    ['no name with spaces around it', given(' DNS '), [dns], { unmatched: [' DNS '] }],
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
    ['two Entra groups by the map', given('a', 'b'), [dns], { matched: [dns] }, { [idOf(1)]: 'DNS', [idOf(2)]: 'DNS' }],
  ]
  for (const [name, groups, micetro, { matched = [], ambiguous = [], unmatched = [] }, map = {}] of cases) {
    it(name, () => {
      const found = matchGroups(groups, micetro, new Map(Object.entries(map)))
      expect([...found.matched].sort()).toEqual(matched.map(({ ref }) => ref).sort())
      expect([...found.ambiguous].sort()).toEqual(ambiguous.map(({ ref }) => ref).sort())
      expect(found.unmatched).toEqual(unmatched)
    })
  }
})
