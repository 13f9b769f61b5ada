import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SavedConfiguration } from '../../../shared/configuration/entraConfiguration.ts'
import { failureOf } from '../../../shared/failure.ts'
import { createTrial } from '../../../shared/saveAndTest/candidate.ts'
import { type Verdict, verdictOf } from '../../../shared/saveAndTest/check.ts'
import { betweenSignInsCheck } from '../../../shared/saveAndTest/checks/betweenSignIns.ts'
import { type ReconcileStage, startReconcileStage } from '../../reconcile/stage.ts'
import type { CallAnswer } from '../../simulators/graph.ts'

let stage: ReconcileStage

beforeAll(async () => {
  stage = await startReconcileStage()
})
afterAll(() => stage.close())
beforeEach(() => stage.reset())

const quiet = (): void => undefined

async function check(configuration: SavedConfiguration): Promise<Verdict> {
  const { signal } = new AbortController()
  const request = {
    configuration,
    credential: undefined,
    credentialExpires: undefined,
    save: false,
    saveDespiteFailures: false,
    version: undefined,
    only: undefined,
  }
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  const trial = await createTrial(stage.engine(), request, log, signal)
  return betweenSignInsCheck.run(trial, signal).catch((error: unknown) => verdictOf(failureOf(error)))
}

const report: SavedConfiguration = { between_sign_ins: { mode: 'report' } }

describe('Save and Test, of what happens between sign-ins,', () => {
  test('asks nobody while it is switched off', async () => {
    expect(await check({})).toMatchObject({ outcome: 'skipped' })
    expect([stage.world.graph.requests, stage.world.entra.requests]).toEqual([[], []])
  })

  test('reads one user, that user’s groups and the deleted users, and counts the accounts that carry an object id', async () => {
    stage.account(stage.person('anna', ['NOC']), [])
    stage.account(stage.person('bert'), [])
    expect(await check(report)).toEqual({
      outcome: 'passed',
      detail: expect.stringContaining('2 of 2 External accounts'),
    })
    const asked = stage.world.graph.requests.map(({ path, body }) => path + body).join(' ')
    for (const part of ['deletedItems', '/users/', 'accountEnabled', 'transitiveMemberOf'])
      expect(asked).toContain(part)
    expect(stage.world.micetro.store.audit).toEqual([])
  })

  test('warns where people are looked for by name', async () => {
    stage.account(stage.person('anna', ['NOC']), [])
    stage.account(stage.person('bert'), [], { description: '' })
    expect(await check(report)).toMatchObject({ outcome: 'warning', detail: expect.stringContaining('1 of 2') })
  })

  test('reads anybody where nobody has an account yet', async () => {
    expect(await check(report)).toMatchObject({ outcome: 'passed', detail: expect.stringContaining('0 of 0') })
  })

  test.each(['User.Read.All', 'GroupMember.Read.All'])('names %s where it is missing', async (missing) => {
    const { app } = stage.world.directory
    app.grantedRoles = app.grantedRoles.filter((role) => role !== missing)
    const verdict = await check(report)
    expect(verdict).toMatchObject({ outcome: 'failed', detail: expect.stringContaining(missing) })
  })

  test('wants the home tenant where there are several', async () => {
    const several = { tenant_id: 'common', allowed_tenants: [stage.world.directory.home.id] }
    expect(await check({ ...report, ...several })).toMatchObject({
      outcome: 'failed',
      hint: expect.stringContaining('home tenant'),
    })
  })

  const told = (answer: CallAnswer, from: string, to: string) => ({
    ...answer,
    body: JSON.parse(JSON.stringify(answer.body).replaceAll(from, to)) as unknown,
  })
  test.each<[string, (target: string, answer: CallAnswer) => CallAnswer]>([
    ['whether an account is enabled', (_, answer) => told(answer, '"accountEnabled":true', '"accountEnabled":null')],
    ['names of groups', (_, answer) => told(answer, '"displayName":"', '"displayName":null,"x":"')],
    ['groups', (target, answer) => (target.includes('transitive') ? { ...answer, status: 400 } : answer)],
    ['deleted users', (target, answer) => (target.includes('deleted') ? { ...answer, status: 400 } : answer)],
    ['anybody', (target, answer) => (target.includes('/users') ? { ...answer, status: 404 } : answer)],
  ])('fails where Graph does not tell %s', async (_, tamper) => {
    stage.account(stage.person('anna', ['NOC']), [])
    stage.world.graph.faults.tamper = tamper
    expect(await check(report)).toMatchObject({ outcome: 'failed' })
  })
})
