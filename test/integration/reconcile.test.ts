import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SavedConfiguration } from '../../shared/configuration/entraConfiguration.ts'
import type { ReconcileReport } from '../../shared/reconcile/report.ts'
import { type DirectoryUser, userOf } from '../simulators/directory.ts'
import { expectNoSecrets } from './noSecrets.ts'
import { forget, type Stage, signIn, startStage } from './stage.ts'

let stage: Stage
let alice: DirectoryUser
const account = 'alice@contoso.com'

beforeAll(async () => {
  stage = await startStage()
  stage.world.directory.app.grantedRoles = ['User.Read.All', 'GroupMember.Read.All']
  alice = userOf(stage.world.directory, 'alice')
})
afterAll(async () => {
  expectNoSecrets(stage)
  await stage.close()
})

/** What is saved; a process reads it when it starts. */
async function save(configuration: SavedConfiguration): Promise<void> {
  stage.world.vault.set('micetro-entra-config', JSON.stringify(configuration))
  await stage.restart()
  forget(stage)
}

const key = () => ({ 'x-functions-key': stage.host.functionKey })
const ask = (body: string, headers: Record<string, string> = key()) =>
  fetch(`${stage.host.url}/config/microsoft/reconcile`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
async function run(mode: 'report' | 'enforce'): Promise<ReconcileReport> {
  const answer = await ask(JSON.stringify({ mode }))
  expect(answer.status).toBe(200)
  return (await answer.json()) as ReconcileReport
}
/** What the page is told of the runs that this instance has seen. */
async function runsSeen(): Promise<unknown> {
  const answer = await fetch(`${stage.host.url}/config/microsoft`, { headers: key() })
  return ((await answer.json()) as { runs: unknown }).runs
}
const store = () => stage.world.micetro.store
const graphCalls = () => stage.world.graph.requests.length
const runLines = () =>
  stage.host
    .output()
    .split('\n')
    .filter((line) => line.includes('"event":"reconcile"'))

/** Fires the timer as an operator does. */
const fire = (headers: Record<string, string> = key()) =>
  fetch(`${stage.host.url}/admin/functions/reconcile`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', ...headers },
  })

describe('switched off, as it is by default', () => {
  beforeAll(() => save({}))

  test('the route answers the outcome off, and Microsoft Graph is not asked', async () => {
    expect(await run('enforce')).toEqual({
      mode: 'enforce',
      outcome: 'off',
      accounts: [],
      counts: { active: 0, disabled: 0, deleted: 0, not_found: 0, unclear: 0 },
    })
    expect([graphCalls(), stage.world.entra.requests.length, store().reads.length]).toEqual([0, 0, 0])
  })

  test('the timer does nothing and logs nothing', async () => {
    const before = runLines().length
    expect((await fire()).status).toBe(202)
    // What the timer would have said comes before what the route says now.
    await run('report')
    expect(runLines()).toHaveLength(before + 1)
    expect([graphCalls(), store().reads.length]).toEqual([0, 0])
  })

  test('no run is remembered, and the instance says since when it has been looking', async () => {
    const begun = Date.now()
    expect(await runsSeen()).toEqual({ since: expect.stringMatching(/Z$/), last: null })
    const { since } = (await runsSeen()) as { since: string }
    expect(Date.parse(since)).toBeLessThan(begun)
  })
})

describe('the route', () => {
  beforeAll(() => save({ between_sign_ins: { mode: 'report' } }))

  test('asks for the function key', async () => {
    expect((await ask('{"mode":"report"}', {})).status).toBe(401)
  })

  test.each([
    '',
    'x',
    '[]',
    '{}',
    '{"mode":"off"}',
    '{"mode":"Report"}',
    '{"mode":"report","force":true}',
    `{"mode":"report"}${' '.repeat(2000)}`,
  ])('takes exactly a mode, and refuses "%s" with 400', async (body) => {
    const answer = await ask(body)
    expect([answer.status, graphCalls()]).toEqual([400, 0])
    expect(await answer.json()).toMatchObject({ error: 'bad_request' })
  })

  test('answers 200 and the report of a run that failed, too', async () => {
    stage.world.graph.misbehave({ kind: 'status', status: 403 }, { times: Number.POSITIVE_INFINITY })
    store().addUser({ name: 'x@contoso.com' })
    expect(await run('report')).toMatchObject({
      outcome: 'failed',
      counts: { unclear: 1 },
      reason: expect.stringContaining('User.Read.All'),
    })
    stage.world.graph.behave()
    store().removeUser('x@contoso.com')
  })
})

describe('who leaves', () => {
  const groups = () =>
    store()
      .memberships(account)
      .filter((name) => !name.endsWith('(built-in)'))
  let left: DirectoryUser['groups']

  beforeAll(async () => {
    await save({ between_sign_ins: { mode: 'enforce' } })
    left = [...alice.groups]
    await signIn(stage, 'alice')
    forget(stage)
  })
  beforeEach(() => {
    alice.groups = [...left]
    alice.accountEnabled = true
  })

  test('carries the object id in the description since the first sign-in', () => {
    expect(store().user(account)?.description).toBe(`Entra ID ${alice.oid}`)
  })

  test('a group loses its rights with the next run of the timer, and gets them back at the next sign-in after joining again', async () => {
    alice.groups = left.filter(({ displayName }) => displayName !== 'DNS Admins')
    const before = runLines().length
    expect((await fire()).status).toBe(202)
    await expect.poll(runLines).toHaveLength(before + 1)
    expect(runLines().at(-1)).toContain('"outcome":"done"')
    expect(groups()).toEqual(['CONTOSO\\DHCP-Operators', 'IPAM Readers'])
    expect(await runsSeen()).toMatchObject({ last: { by: 'timer', mode: 'enforce', outcome: 'done', removals: 1 } })
    alice.groups = [...left]
    await signIn(stage, 'alice')
    expect(groups()).toContain('DNS Admins')
  })

  test('the company loses all of them; the account stays', async () => {
    alice.accountEnabled = false
    const report = await run('report')
    expect(report.accounts).toEqual([
      { name: account, verdict: 'disabled', removals: ['IPAM Readers', 'DNS Admins', 'CONTOSO\\DHCP-Operators'] },
    ])
    expect(groups()).toHaveLength(3)
    expect((await run('enforce')).accounts).toEqual(report.accounts)
    expect(groups()).toEqual([])
    expect(store().user(account)).toBeDefined()
    const counts = { active: 0, disabled: 1, deleted: 0, not_found: 0, unclear: 0 }
    const at = expect.stringMatching(/^\d{4}-.*Z$/)
    // Numbers, and nobody's name.
    expect(await runsSeen()).toMatchObject({
      last: { at, by: 'request', mode: 'enforce', outcome: 'done', counts, removals: 3 },
    })
    expect(JSON.stringify(await runsSeen())).not.toContain('contoso')
    expect(stage.host.output()).toContain(
      `{"event":"membership_removed","account":"${account}","group":"IPAM Readers","verdict":"disabled"`,
    )
  })
})

test('the timer is fired with the key alone', async () => {
  expect((await fire({})).status).toBe(401)
})
