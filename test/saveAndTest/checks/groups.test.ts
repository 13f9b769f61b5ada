import { describe, expect, it } from 'vitest'
import type { SavedConfiguration } from '../../../shared/configuration/entraConfiguration.ts'
import type { EntraGroup } from '../../../shared/graph/graphCalls.ts'
import type { MicetroGroup } from '../../../shared/micetro/types.ts'
import { judgeGroups } from '../../../shared/saveAndTest/checks/groups.ts'
import { configurationOf, tenantId } from '../../configuration/sampleConfiguration.ts'
import { allUsers, entraGroup, idOf, micetroGroup } from '../../sync/people.ts'

const dns = micetroGroup(10, 'DNS')
const named = (number: number, displayName: string): EntraGroup => entraGroup(number, { displayName })

describe('Save and Test looks at the groups of both sides, and', () => {
  type Case = [
    name: string,
    values: SavedConfiguration,
    groups: MicetroGroup[],
    entra: EntraGroup[] | undefined,
    outcome: string,
    detail: RegExp,
  ]
  const byId: SavedConfiguration = { groups: { match: 'id' } }
  const mapped = (id: number, name: string): SavedConfiguration => ({ groups: { map: { [idOf(id)]: name } } })
  const cases: Case[] = [
    [
      'counts those that match',
      {},
      [allUsers, dns],
      [named(1, 'dns'), named(2, 'x')],
      'passed',
      /has 1 groups.*; 1 of them/,
    ],
    [
      'warns of names that several groups of the tenant have',
      {},
      [dns],
      [named(1, 'DNS'), named(2, 'dns')],
      'warning',
      /same name: dns\./,
    ],
    [
      'does not warn of them where ids decide',
      { groups: { match: 'id', map: { [idOf(1)]: 'DNS' } } },
      [dns],
      [named(1, 'DNS'), named(2, 'DNS')],
      'passed',
      /1 of them/,
    ],
    [
      'warns of a map to a group that Micetro does not have',
      mapped(1, 'Gone'),
      [dns],
      undefined,
      'warning',
      /does not have: Gone\./,
    ],
    [
      'warns of a map to a lookalike',
      mapped(1, 'networ\u212a'),
      [micetroGroup(1, 'network')],
      undefined,
      'warning',
      /does not have: networ\u212a\./,
    ],
    [
      'warns of a map to a built-in group',
      mapped(1, 'All users (built-in)'),
      [allUsers, dns],
      undefined,
      'warning',
      /does not have: All users/,
    ],
    [
      'warns of a map from an id that the tenant does not have',
      mapped(7, 'DNS'),
      [dns],
      [named(1, 'x')],
      'warning',
      /tenant does not have: aaaaaaaa/,
    ],
    [
      'does not where other tenants may have it',
      { tenant_id: 'common', allowed_tenants: [tenantId], ...mapped(7, 'DNS') },
      [dns],
      [named(1, 'x')],
      'passed',
      /0 of them/,
    ],
    [
      'warns of Micetro groups that differ in case alone',
      {},
      [dns, micetroGroup(11, 'dns')],
      undefined,
      'warning',
      /nothing but case: dns\./,
    ],
    ['warns where ids decide and none leads anywhere', byId, [dns], undefined, 'warning', /nobody gets a membership/],
    [
      'warns of the same where there is no home tenant',
      { tenant_id: 'common', allowed_tenants: [tenantId] },
      [dns],
      undefined,
      'warning',
      /nobody gets a membership/,
    ],
    [
      'does not where a Micetro group has an External ID',
      byId,
      [{ ...dns, externalId: idOf(1) }],
      [named(1, 'x')],
      'passed',
      /1 of them/,
    ],
    ['says what it cannot see', {}, [dns], undefined, 'skipped', /Test sign-in/],
    [
      'is content with a map that fits, where it cannot see more',
      mapped(1, 'dns '),
      [dns],
      undefined,
      'passed',
      /every row of the table/,
    ],
  ]
  for (const [name, values, groups, entra, outcome, detail] of cases) {
    it(name, () => {
      const verdict = judgeGroups(configurationOf(values), groups, entra)
      expect(verdict.outcome).toBe(outcome)
      expect(verdict.detail).toMatch(detail)
    })
  }
})
