import { describe, expect, it } from 'vitest'
import { rulesFor, type SyncRules } from '../../shared/sync/rules.ts'
import { configurationOf, tenantId } from '../configuration/sampleConfiguration.ts'
import { idOf } from './people.ts'

const partner = '22222222-2222-4222-8222-222222222222'
const several = { tenant_id: 'common', allowed_tenants: [tenantId, partner] }

describe('The rules for a person', () => {
  type Case = [
    name: string,
    configured: Parameters<typeof configurationOf>[0],
    tenant: string,
    rules: Partial<SyncRules>,
  ]
  const cases: Case[] = [
    ['of a single tenant: names count', {}, tenantId, { home: true, names: true, matchByName: false }],
    [
      'of a single tenant that a domain names: names count',
      { tenant_id: 'contoso.com' },
      tenantId,
      { home: true, names: true },
    ],
    [
      'with a single tenant: home_tenant means nothing',
      { home_tenant: partner },
      tenantId,
      { home: true, names: true },
    ],
    [
      'of the home tenant among several: names count',
      { ...several, home_tenant: tenantId },
      tenantId,
      { home: true, names: true },
    ],
    [
      'of another tenant: names do not count',
      { ...several, home_tenant: tenantId },
      partner,
      { home: false, names: false },
    ],
    [
      'of any tenant where none is the home tenant: names do not count',
      several,
      tenantId,
      { home: false, names: false },
    ],
    [
      'of organizations without a home tenant: names do not count',
      { ...several, tenant_id: 'organizations' },
      tenantId,
      { home: false, names: false },
    ],
    [
      'where ids decide: names of groups do not count, the name of the account does',
      { groups: { match: 'id' } },
      tenantId,
      { home: true, names: false },
    ],
    ['in a change-over: match_by_name holds', { match_by_name: true }, tenantId, { matchByName: true }],
    [
      'of another tenant in a change-over: match_by_name does not hold',
      { ...several, home_tenant: tenantId, match_by_name: true },
      partner,
      { matchByName: false },
    ],
    [
      'carry the rest as configured',
      { groups: { security_only: true, claim: 'required', required: true, map: { [idOf(1)]: 'DNS' } } },
      tenantId,
      { securityOnly: true, claimRequired: true, required: true, map: new Map([[idOf(1), 'DNS']]) },
    ],
    [
      'are lenient where nothing is configured',
      {},
      tenantId,
      { securityOnly: false, claimRequired: false, required: false, map: new Map() },
    ],
  ]
  for (const [name, configured, tenant, rules] of cases) {
    it(name, () => expect(rulesFor(configurationOf(configured), tenant)).toMatchObject(rules))
  }
})
