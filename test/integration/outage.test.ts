import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePort, startHost } from '../host/hostProcess.ts'
import { laterClock, sixMinutesLater } from '../host/laterClock.ts'
import { createUser, groupOf } from '../simulators/directory.ts'
import { allUsers } from '../simulators/micetroStore.ts'
import type { Fault } from '../simulators/server.ts'
import { expectNoSecrets } from './noSecrets.ts'
import {
  behave,
  chooseUser,
  comeBack,
  forever,
  forget,
  goToEntra,
  healthOf,
  type Stage,
  shownError,
  signIn,
  startStage,
} from './stage.ts'
import { UserAgent } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())
beforeEach(() => {
  const { vault } = stage.world
  behave(stage)
  vault.permit()
  forget(stage)
})

describe('a vault that takes requests and never answers', () => {
  test('ends in a page, and once it answers again the next sign-in goes on', async () => {
    stage.world.vault.misbehave({ kind: 'hang' }, forever)
    await stage.restart()
    const refused = await new UserAgent().visit(`${stage.host.url}/login`)
    expect([refused.status, shownError(refused)]).toEqual([503, 'vault_unreachable'])
    stage.world.vault.behave()
    // The failure is told again for five seconds, so that anonymous visitors cannot make the vault be asked each time.
    await expect
      .poll(async () => (await new UserAgent().visit(`${stage.host.url}/login`)).status, { timeout: 10_000 })
      .toBe(302)
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('does not hinder an instance that has what it needs, however old', async () => {
    await stage.restart(laterClock)
    expect((await signIn(stage, 'nora')).status).toBe(303)
    for (let times = 0; times < 4; times += 1) await sixMinutesLater(stage.host)
    stage.world.vault.misbehave({ kind: 'hang' }, forever)
    forget(stage)
    expect((await new UserAgent().visit(`${stage.host.url}/login`)).status).toBe(302)
    expect(stage.world.vault.requests.length).toBeGreaterThan(0)
    await expect
      .poll(async () => (await healthOf(stage)).body, { timeout: 20_000 })
      .toMatch(
        /^key vault: vault_unreachable \(\w+\), see KEY_VAULT_URL$[\s\S]*^sign-in started here: ok, but see key vault$/m,
      )
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('makes /health of a fresh instance say that nobody gets in', async () => {
    stage.world.vault.misbehave({ kind: 'drop' }, forever)
    await stage.restart()
    const { status, body } = await healthOf(stage)
    expect(status).toBe(503)
    expect(body).toMatch(/^sign-in started here: cannot work, see configuration, sign-in key, micetro$/m)
  })
})

test('a foreign state while the vault is slow makes nobody else wait: the keys that are there go on serving', async () => {
  await stage.restart(laterClock)
  expect((await signIn(stage, 'nora')).status).toBe(303)
  await sixMinutesLater(stage.host)
  forget(stage)
  stage.world.vault.misbehave({ kind: 'hang' }, { path: /sign-in-key/, ...forever })
  const state = `${'0'.repeat(40)}.${'A'.repeat(43)}`
  const foreign = new UserAgent().visit(`${stage.host.url}/mmws/auth_cb/microsoft?code=c&state=${state}`)
  await expect.poll(() => stage.world.vault.requests.some(({ path }) => path.includes('sign-in-key'))).toBe(true)
  expect((await new UserAgent().visit(`${stage.host.url}/login`)).status).toBe(302)
  expect(shownError(await foreign)).toBe('vault_unreachable')
})

test('Graph that hangs does not refuse a first sign-in: the account is made, the memberships stay', async () => {
  await stage.restart()
  stage.world.graph.misbehave({ kind: 'hang' }, forever)
  expect((await signIn(stage, 'alice')).status).toBe(303)
  expect(stage.world.micetro.store.user('alice@contoso.com')?.authenticationType).toBe('External')
  expect(stage.output()).toContain('groups_unread')
})

test('Micetro that hangs ends in a page within the budget', async () => {
  for (const node of stage.world.micetro.nodes) node.misbehave({ kind: 'hang' }, forever)
  const done = await signIn(stage, 'nora')
  expect([done.status >= 503, ['budget_spent', 'micetro_unreachable'].includes(shownError(done) ?? '')]).toEqual([
    true,
    true,
  ])
})

test('Micetro that is down says when to try again, and /login says it before Entra ID is gone to, until it is back', async () => {
  await stage.restart()
  for (const node of stage.world.micetro.nodes) node.misbehave({ kind: 'drop' }, forever)
  const done = await signIn(stage, 'nora')
  expect([done.status, shownError(done), done.headers.get('retry-after')]).toEqual([503, 'micetro_unreachable', '5'])
  const login = () => new UserAgent().visit(`${stage.host.url}/login`)
  const refused = await login()
  expect([refused.status, shownError(refused), refused.headers.get('retry-after')]).toEqual([
    503,
    'micetro_unreachable',
    '5',
  ])
  for (const node of stage.world.micetro.nodes) node.behave()
  await expect.poll(async () => (await login()).status, { timeout: 5000 }).toBe(302)
  expect((await signIn(stage, 'nora')).status).toBe(303)
})

test('a failover of some seconds costs no sign-in', async () => {
  await stage.restart()
  for (const node of stage.world.micetro.nodes) node.misbehave({ kind: 'status', status: 503 }, { times: 4 })
  expect((await signIn(stage, 'nora')).status).toBe(303)
})

describe('fifty people at once, while the address of Micetro that serves them dies and comes back', () => {
  const trouble: [name: string, fault: Fault][] = [
    ['resets every connection', { kind: 'drop' }],
    ['does what it is asked and loses every answer', { kind: 'lost' }],
    ['stalls', { kind: 'hang' }],
  ]
  /** Until Micetro has carried out so many writes; the last of them is not answered yet. */
  async function atWrite(count: number): Promise<void> {
    const { audit } = stage.world.micetro.store
    if (audit.length >= count) throw new Error(`${audit.length} writes already`)
    await new Promise<void>((resolve) => {
      audit.push = (...entries) => {
        const length = Array.prototype.push.apply(audit, entries)
        if (length === count) resolve()
        return length
      }
    })
    Reflect.deleteProperty(audit, 'push')
  }
  test.each(trouble)('all land, and none is created twice: it %s', async (_name, fault) => {
    const { directory, micetro } = stage.world
    const groups = [groupOf(directory, 'DNS Admins'), groupOf(directory, 'IPAM Readers')]
    const keys = Array.from({ length: 50 }, (_, index) => `engineer${index}`)
    const users = keys.map((key) => createUser(directory.home, key, `Engineer ${key}`, { groups, hidden: true }))
    const known = new Set(directory.users.map(({ key }) => key))
    directory.users.push(...users.filter(({ key }) => !known.has(key)))
    const { store } = micetro
    for (const { ref, authenticationType } of [...store.users.values()])
      if (authenticationType === 'External') store.removeUser(ref)
    await stage.restart()
    const [node] = micetro.nodes
    if (node === undefined) throw new Error('no node')

    const back = await Promise.all(keys.map((key) => goToEntra(stage, key)))
    forget(stage)
    // In the middle of the writes, of which there are 150, and back in the middle of those at the other address.
    const over = atWrite(40)
      .then(() => node.misbehave(fault, forever))
      .then(() => atWrite(90))
      .then(() => node.behave())
    const all = Promise.all(back.map(({ agent, callback }) => comeBack(agent, callback)))
    const done = await all
    await over
    expect(done.map((visit) => [visit.status, shownError(visit), visit.location])).toEqual(
      keys.map(() => [303, undefined, micetro.webUrl]),
    )
    const external = () => [...store.users.values()].filter((user) => user.authenticationType === 'External')
    const accounts = external().map(({ name }) => name)
    expect(accounts.toSorted()).toEqual(users.map(({ preferredUsername }) => preferredUsername).toSorted())
    for (const name of accounts) expect(store.memberships(name)).toEqual([allUsers, 'DNS Admins', 'IPAM Readers'])
    // Nothing is left half-done: the next sign-ins have nothing to write.
    forget(stage)
    const again = await Promise.all(keys.map((key) => signIn(stage, key)))
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set([303]))
    expect([store.audit, external()]).toEqual([[], expect.objectContaining({ length: 50 })])
  })
})

test('a wrong password is not tried by every sign-in, so that the account is not locked', async () => {
  stage.world.vault.set('wrong-password', 'the-wrong-password')
  await stage.restart({ MICETRO_PASSWORD_SECRET: 'wrong-password' })
  for (let attempt = 0; attempt < 4; attempt += 1)
    expect(shownError(await signIn(stage, 'nora'))).toBe('micetro_credentials')
  const logIns = stage.world.micetro.nodes.flatMap(({ requests }) =>
    requests.filter(({ path }) => path.endsWith('/sessions')),
  )
  expect(logIns.length).toBeLessThanOrEqual(2)
  await stage.restart()
})

test('an old version of the credential that was disabled after a rotation gives way to the newest', async () => {
  const { vault, directory } = stage.world
  const old = vault.versions('micetro-entra-client-credential').at(-1)?.version ?? ''
  vault.set('micetro-entra-config', JSON.stringify({ credential_version: old }))
  directory.app.secrets = [{ value: 'the-rotated-client-secret', expired: false }]
  vault.set('micetro-entra-client-credential', 'the-rotated-client-secret')
  vault.disable('micetro-entra-client-credential', old)
  await stage.restart()
  expect((await signIn(stage, 'nora')).status).toBe(303)
})

test('an attempt that another instance began under a configuration saved a moment ago is completed here', async () => {
  const { world, port } = stage
  await stage.restart()
  expect((await signIn(stage, 'nora')).status).toBe(303)
  const other = await freePort()
  const clientId = '12345678-1234-4234-8234-123456789012'
  world.directory.apps.push({ ...world.directory.app, clientId })
  world.vault.set(
    'micetro-entra-config',
    JSON.stringify({ client_id: clientId, redirect_uri: `http://localhost:${port}/mmws/auth_cb/microsoft` }),
  )
  const host = await startHost({ port: other, env: world.settings(port) })
  try {
    // Faster than any person, so the look of a moment ago may still hold: it is repeated once a second at the most.
    await vi.waitFor(
      async () => {
        const { agent, callback } = await goToEntra({ host }, 'grace')
        expect(new URL(callback).port).toBe(String(port))
        expect((await comeBack(agent, callback)).location).toBe(world.micetro.webUrl)
      },
      { timeout: 10_000 },
    )
  } finally {
    await host.close()
  }
})

test('a dry run that fails leads back to the configuration, never to a real sign-in', async () => {
  await stage.restart()
  const agent = new UserAgent()
  const begun = await agent.visit(`${stage.host.url}/config/microsoft/test-sign-in`, {
    method: 'POST',
    headers: { 'x-functions-key': stage.host.functionKey },
  })
  const { location } = JSON.parse(begun.body) as { location: string }
  const callback = await chooseUser(agent, location, 'nora')
  stage.world.entra.next('wrongSignature')
  const report = await comeBack(agent, callback)
  expect(report.body).not.toContain('href="/login"')
  expect(report.body).toContain('keys')
})

test('no secret was printed', () => expectNoSecrets(stage))
