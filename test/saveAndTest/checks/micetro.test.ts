import { describe, expect, it } from 'vitest'
import { micetroPermissionCheck, micetroVersionCheck } from '../../../shared/saveAndTest/checks/micetro.ts'
import { answer } from '../../outgoing/answers.ts'
import { trialOf } from '../trialOf.ts'

const { signal } = new AbortController()

describe('The permission of the API account', () => {
  const named = (...names: string[]) => names.map((name, index) => ({ ref: `Roles/${index + 1}`, name }))
  const user = (rights: object) => ({ ref: 'Users/2', name: 'Entra-Sync', ...rights })
  const judge = async (...users: object[]) => {
    const trial = await trialOf({ micetro: () => answer(200, { result: { users, totalResults: users.length } }) })
    return (await micetroPermissionCheck.run(trial, signal)).outcome
  }

  const cases: [rights: string, users: object[], outcome: string][] = [
    ['its role User Administrators', [user({ roles: named('User Administrators') })], 'passed'],
    ['its group User Administrators', [user({ groups: named('User Administrators (built-in)') })], 'passed'],
    ['the role Administrators', [user({ roles: named('Administrators (built-in)') })], 'passed'],
    ['other roles alone', [user({ roles: named('DNS Administrators', 'IPAM') })], 'warning'],
    ['no role', [user({ roles: [], groups: [] })], 'warning'],
    ['the role of another account', [{ ...user({ roles: named('Administrators') }), name: 'entra-sync-2' }], 'warning'],
    ['nothing: it is not listed', [], 'warning'],
  ]
  for (const [rights, users, outcome] of cases)
    it(`is ${outcome === 'passed' ? 'shown' : 'not shown'} by ${rights}`, async () =>
      expect(await judge(...users)).toBe(outcome))

  it('is shown by its group where a list leaves the memberships out', async () => {
    const groups = named('User Administrators (built-in)').map((group) => ({ ...group, ref: 'Groups/3' }))
    const trial = await trialOf({
      micetro: (path) => answer(200, { result: path.startsWith('/Users?') ? { users: [user({})] } : { groups } }),
    })
    expect((await micetroPermissionCheck.run(trial, signal)).outcome).toBe('passed')
  })

  it('is refused where Micetro refuses to show users', async () => {
    const trial = await trialOf({ micetro: () => answer(403) })
    const verdict = await micetroPermissionCheck.run(trial, signal)
    expect(verdict).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('micetro_forbidden') as string })
  })
})

describe('The release', () => {
  const text = { type: 'string' }
  const user = { name: text, authenticationType: text }
  const group = { name: text, adIntegrated: text }
  const judge = async (definition: object | undefined, { basic = false, groups = [] as object[] } = {}) => {
    const trial = await trialOf({
      micetro: (path, { headers }) => {
        if (basic && !headers?.authorization?.startsWith('Basic')) return answer(401)
        if (path === '/swagger.json') return definition === undefined ? answer(404) : answer(200, definition)
        return answer(200, { result: { groups, totalResults: groups.length } })
      },
    })
    return micetroVersionCheck.run(trial, signal)
  }
  const definitionOf = (version: string, userMore = {}, groupMore = {}) => ({
    info: { version },
    definitions: { User: { properties: { ...user, ...userMore } }, Group: { properties: { ...group, ...groupMore } } },
  })

  it('that has everything passes, and is named', async () => {
    const all = definitionOf('25.2.0', { externalID: text, authenticator: text }, { externalID: text })
    expect(await judge(all)).toEqual({
      outcome: 'passed',
      detail:
        'Micetro 25.2.0 lets the API account in with a session. External IDs of users: yes; of groups: yes. ' +
        'Login provider of an account: yes.',
    })
  })

  it('that takes Basic only, or has no external IDs, says so', async () => {
    const verdict = await judge(definitionOf('10.5.1'), { basic: true })
    expect(verdict.detail).toMatch(
      /10\.5\.1 lets the API account in by Basic\. External IDs of users: no; of groups: no/,
    )
    expect(verdict).toMatchObject({ outcome: 'warning', hint: expect.stringMatching(/^Accounts are matched by name/) })
  })

  it('before 10.3.2 is warned of, whatever else it has', async () => {
    const verdict = await judge(definitionOf('10.3.1', { externalID: text }))
    expect(verdict).toMatchObject({ outcome: 'warning', hint: expect.stringMatching(/^Before 10\.3\.2.*update/) })
  })

  it('without a definition shows the external IDs of groups by the groups themselves', async () => {
    const groups = [{ ref: 'Groups/6', name: 'DNS', externalID: 'id' }]
    expect((await judge(undefined, { groups })).detail).toMatch(
      /^Micetro lets .* External IDs of users: not told; of groups: yes\./,
    )
    expect((await judge(undefined)).detail).toMatch(/of groups: not told\./)
  })
})
