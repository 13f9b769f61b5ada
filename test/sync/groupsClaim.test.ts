import { describe, expect, it } from 'vitest'
import { claimSuffices, type GroupsClaim, readGroupsClaim } from '../../shared/sync/groupsClaim.ts'
import { idOf } from './people.ts'

const overage: GroupsClaim = { kind: 'overage' }
const absent: GroupsClaim = { kind: 'absent' }
const given = (ids: string[], names: string[], from: 'groups' | 'roles' = 'groups'): GroupsClaim => ({
  kind: 'given',
  ids: new Set(ids),
  names,
  from,
})

describe('The groups claim', () => {
  const cases: [name: string, claims: Parameters<typeof readGroupsClaim>[0], claim: GroupsClaim][] = [
    ['may be absent', {}, absent],
    ['may be empty', { groups: [] }, { kind: 'empty' }],
    ['is empty with nothing but blanks in it', { groups: ['', ' '] }, { kind: 'empty' }],
    ['may have ids', { groups: [idOf(1)] }, given([idOf(1)], [])],
    ['may have its ids in capitals', { groups: [idOf(1).toUpperCase()] }, given([idOf(1)], [])],
    ['may have names already', { groups: ['DNS', 'CONTOSO\\IPAM'] }, given([], ['DNS', 'CONTOSO\\IPAM'])],
    ['may have both', { groups: [idOf(1), 'DNS'] }, given([idOf(1)], ['DNS'])],
    ['does not limit in an overage', { _claim_names: { groups: 'src1' } }, overage],
    [
      'does not limit in an overage, even if it is there',
      { groups: [idOf(1)], _claim_names: { groups: 'src1' } },
      overage,
    ],
    ['limits beside an overage of something else', { groups: [], _claim_names: { roles: 'src1' } }, { kind: 'empty' }],
    ['does not limit with hasgroups', { groups: [], hasgroups: true }, overage],
    ['does not limit with hasgroups as a text', { groups: [], hasgroups: 'true' }, overage],
    ['may be emitted as roles', { roles: [idOf(1), idOf(2)] }, given([idOf(1), idOf(2)], [], 'roles')],
    ['is not the roles where one of them is a word', { roles: [idOf(1), 'Micetro.Admin'] }, absent],
    ['is not the roles where there are none', { roles: [] }, absent],
    ['goes before roles', { groups: ['DNS'], roles: [idOf(1)] }, given([], ['DNS'])],
    ['goes before roles when it is empty', { groups: [], roles: [idOf(1)] }, { kind: 'empty' }],
  ]
  for (const [name, claims, claim] of cases) it(name, () => expect(readGroupsClaim(claims)).toEqual(claim))

  const suffices: [claim: GroupsClaim, optional: boolean, required: boolean][] = [
    [absent, false, true],
    [overage, false, false],
    [{ kind: 'empty' }, true, true],
    [given([idOf(1)], []), false, false],
    [given([], ['DNS']), false, false],
  ]
  for (const [claim, optional, required] of suffices) {
    it(`when ${claim.kind}: Graph is ${optional ? 'not ' : ''}asked for groups, and ${required ? 'not ' : ''}where the claim is required`, () => {
      expect([false, true].map((claimRequired) => claimSuffices(claim, { claimRequired }))).toEqual([
        optional,
        required,
      ])
    })
  }
})
