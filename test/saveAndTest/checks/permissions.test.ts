import { describe, expect, it } from 'vitest'
import type { Answer } from '../../../shared/outgoing/http.ts'
import { permissionsCheck } from '../../../shared/saveAndTest/checks/permissions.ts'
import { answer } from '../../outgoing/answers.ts'
import { trialOf } from '../trialOf.ts'

const principal = answer(200, { id: '77777777-7777-4777-8777-777777777777' })

async function judge(grants: Answer, found = principal) {
  const graph = (path: string): Answer => (path.includes('oauth2PermissionGrants') ? grants : found)
  return permissionsCheck.run(await trialOf({ graph }), new AbortController().signal)
}

const granted = (...grants: [consentType: string, scope: string | null][]): Answer =>
  answer(200, { value: grants.map(([consentType, scope]) => ({ consentType, scope })) })

describe('Admin consent', () => {
  const cases: [name: string, grants: Answer, outcome: string, detail: RegExp][] = [
    ['of both permissions', granted(['AllPrincipals', 'User.Read GroupMember.Read.All']), 'passed', /is granted/],
    [
      'of both, one by one',
      granted(['AllPrincipals', ' User.Read'], ['AllPrincipals', 'GroupMember.Read.All']),
      'passed',
      /is granted/,
    ],
    ['of one', granted(['AllPrincipals', 'User.Read']), 'failed', /missing for GroupMember\.Read\.All \(/],
    [
      'of a permission of similar name',
      granted(['AllPrincipals', 'User.Read.All GroupMember.Read']),
      'failed',
      /missing for User\.Read and GroupMember\.Read\.All/,
    ],
    [
      'that one person gave for herself',
      granted(['Principal', 'User.Read GroupMember.Read.All']),
      'failed',
      /missing for User\.Read and/,
    ],
    ['of nothing', granted(['AllPrincipals', null]), 'failed', /missing/],
    ['that may not be read', answer(403), 'skipped', /Only a user/],
  ]
  for (const [name, grants, outcome, detail] of cases)
    it(`${name} is ${outcome}`, async () => {
      const verdict = await judge(grants)
      expect(verdict.outcome).toBe(outcome)
      expect(verdict.detail).toMatch(detail)
    })

  it('is skipped where the application may not read itself', async () => {
    expect((await judge(granted(), answer(403))).outcome).toBe('skipped')
  })
})
