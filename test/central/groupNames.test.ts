import { describe, expect, it } from 'vitest'
import { groupNames, noGroupCounts } from '../../shared/central/groupNames.ts'
import type { GivenGroup, GroupAnswer } from '../../shared/sync/groupRules.ts'
import { type GroupsClaim, readGroupsClaim } from '../../shared/sync/groupsClaim.ts'
import { given, idOf, listed } from '../sync/people.ts'

const absent: GroupsClaim = { kind: 'absent' }
const list = (...groups: GivenGroup[]): GroupAnswer => ({ kind: 'listed', groups, complete: true })
const unread = (answer: GroupAnswer): GroupAnswer => ({ ...answer, complete: false }) as GroupAnswer
const nameless = list(...given(idOf(1), idOf(2)))
const synced: GivenGroup = {
  id: idOf(1),
  names: ['Readers', 'CONTOSO\\MM-ReadOnly'],
  domainNames: ['CONTOSO\\MM-ReadOnly'],
}

describe('Central is told', () => {
  type Case = [
    name: string,
    answer: GroupAnswer,
    names: string[],
    map?: Record<string, string>,
    byName?: boolean,
    claim?: GroupsClaim,
  ]
  const cases: Case[] = [
    ['the names of the groups', listed('DNS', 'IPAM'), ['DNS', 'IPAM']],
    ['each name once', listed('DNS', 'DNS'), ['DNS']],
    ['nothing where Entra ID gives no groups, so that it leaves the memberships', { kind: 'none' }, []],
    [
      'nothing where the groups could not be read',
      { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } },
      [],
    ],
    [
      'a name that no group has where none of the groups counts, so that it ends the memberships',
      listed(),
      [noGroupCounts],
    ],
    [
      'the same where the map reserves the name of the only group',
      listed('x', 'DNS'),
      [noGroupCounts],
      { [idOf(9)]: 'DNS', [idOf(8)]: 'x' },
    ],
    ['a mapped group by its Micetro name', listed('Whatever'), ['DNS'], { [idOf(1)]: 'DNS' }],
    ['a reserved name by the map alone', listed('Whatever', 'DNS', 'IPAM'), ['DNS', 'IPAM'], { [idOf(1)]: 'DNS' }],
    ['no reserved name in another spelling', listed('x', 'dns', ' DNS '), ['x'], { [idOf(9)]: 'DNS' }],
    [
      'no lookalike of a reserved name, for Central may fold more than we do',
      listed('x', 'networ\u212a'),
      ['x'],
      { [idOf(9)]: 'Network' },
    ],
    [
      'no reserved name in another case beyond ASCII',
      listed('x', 'GR\u00d6\u00dfE'),
      ['x'],
      { [idOf(9)]: 'Gr\u00f6\u00dfe' },
    ],
    ['names of Active Directory too', list(synced), ['Readers', 'CONTOSO\\MM-ReadOnly']],
    ['no display name that only looks like one of Active Directory', listed('x', 'CONTOSO\\MM-ReadOnly'), ['x']],
    ['that none counts where such a display name is all there is', listed('CONTOSO\\MM-ReadOnly'), [noGroupCounts]],
    [
      'no built-in group, neither by name nor by the map',
      listed('Administrators (built-in)', 'x'),
      [noGroupCounts],
      { [idOf(2)]: 'All users' },
    ],
    ['no id beside names', listed('DNS', idOf(2)), ['DNS']],
    ['nothing where names were not read', unread(listed('DNS')), []],
    ['nothing where names were not read and the token lists no ids', unread(nameless), []],
    [
      'the ids where names were not read and the token lists them',
      unread(nameless),
      [idOf(1), idOf(2)],
      {},
      true,
      readGroupsClaim({ groups: [idOf(1), idOf(2)] }),
    ],
    [
      'nothing where ids decide and something was not read',
      unread(nameless),
      [],
      { [idOf(1)]: 'DNS' },
      false,
      readGroupsClaim({ groups: [idOf(1), idOf(2)] }),
    ],
    ['mapped groups alone where ids decide', listed('x', 'DNS'), ['IPAM'], { [idOf(1)]: 'IPAM' }, false],
    ['that none counts where ids decide and none is mapped', listed('DNS'), [noGroupCounts], {}, false],
  ]
  for (const [name, answer, names, map = {}, byName = true, claim = absent] of cases) {
    it(name, () =>
      expect(groupNames(answer, claim, { names: byName, map: new Map(Object.entries(map)) })).toEqual(names),
    )
  }
})
