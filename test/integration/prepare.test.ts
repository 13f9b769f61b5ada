import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { laterClock, sixMinutesLater } from '../host/laterClock.ts'
import type { SimulatedServer } from '../simulators/server.ts'
import { expectNoSecrets } from './noSecrets.ts'
import { behave, chooseUser, comeBack, forever, forget, type Stage, signIn, startStage } from './stage.ts'
import { UserAgent } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ centralButton: true }, laterClock)
  // The first sign-in of all makes the account.
  await signIn(stage, 'nora')
})
afterAll(() => stage.close())
beforeEach(async () => {
  behave(stage)
  await startAnew()
})

/** A process that begins to listen still loads what it needs to call anybody. */
const started = { timeout: 10_000 }

/** A fresh process, of which every call is seen. */
async function startAnew(): Promise<void> {
  await stage.host.close()
  stage.world.identity.requests.length = 0
  forget(stage)
  await stage.restart()
}

const peers = (): Record<'vault' | 'identity' | 'entra' | 'graph' | 'micetro', SimulatedServer> => {
  const { vault, identity, entra, graph, micetro } = stage.world
  const [node] = micetro.nodes
  if (node === undefined) throw new Error('Micetro has no node')
  return { vault, identity, entra, graph, micetro: node }
}

/** What the application has called, by its last words; what the browser called at Entra ID is left out. */
const calls = (): string[] =>
  Object.entries(peers())
    .flatMap(([peer, { requests }]) => requests.map(({ path }) => `${peer} ${/[^/]+\/?$/.exec(path)?.[0] ?? path}`))
    .filter((call) => !['entra authorize', 'entra login'].includes(call))
    .sort()

/** The vault's SDK asks without a token first, to be told for what it needs one. */
const forLogin = [
  'entra openid-configuration',
  'identity token',
  'vault micetro-entra-config/',
  'vault micetro-entra-config/',
  'vault micetro-sign-in-key/',
  'vault micetro-sign-in-key/',
]
const ahead = [
  'entra keys',
  'micetro Groups',
  'micetro sessions',
  'micetro swagger.json',
  'vault micetro-api-password/',
  'vault micetro-entra-client-credential/',
]
/** Two phases: the code for tokens; then Graph and Micetro side by side. */
const forCallback = ['entra token', 'graph me', 'graph microsoft.graph.group', 'micetro Users']

/** Begins a sign-in. @returns how it ends */
async function begin(): Promise<() => Promise<string | undefined>> {
  const agent = new UserAgent()
  const { location } = await agent.visit(`${stage.host.url}/login`)
  if (location === undefined) throw new Error('/login leads nowhere')
  return async () => (await comeBack(agent, await chooseUser(agent, location, 'nora'))).location
}

test('a process reads what /login waits for when it starts, once, and nothing else', async () => {
  await expect.poll(calls, started).toEqual(forLogin)
  await begin()
  await expect.poll(calls).toEqual([...forLogin, ...ahead].sort())
})

test('what it cannot read then it says nothing of, and /login tries by itself', async () => {
  stage.world.identity.misbehave({ kind: 'status', status: 400 }, forever)
  stage.world.entra.misbehave({ kind: 'status', status: 503 }, forever)
  await startAnew()
  await expect.poll(() => stage.world.identity.requests.length, started).toBeGreaterThan(0)
  await expect.poll(() => stage.world.entra.requests.length, started).toBeGreaterThan(0)
  behave(stage)
  await (await begin())()
  expect(stage.host.output()).not.toMatch(/"event":"failed"/)
})

test('while the person is at Entra ID a fresh process reads all that the callback needs, once', async () => {
  const end = await begin()
  await expect.poll(calls).toEqual([...forLogin, ...ahead].sort())
  forget(stage)
  expect(await end()).toBe(stage.world.micetro.webUrl)
  expect(calls().filter((call) => !call.startsWith('identity'))).toEqual(forCallback)
})

test('meanwhile connections are opened for the calls of the callback, and they are what it uses', async () => {
  const { entra, graph, micetro } = peers()
  const made = (): number[] => [entra, graph, micetro].map((peer) => peer.connections())
  const before = graph.connections()
  const end = await begin()
  await expect.poll(calls).toEqual([...forLogin, ...ahead].sort())
  await expect.poll(() => graph.connections()).toBe(before + 2)
  const ready = made()
  await end()
  expect(made()).toEqual(ready)
})

test('a fresh process asks for the metadata that the settings lead to while the vault has not answered', async () => {
  stage.world.vault.misbehave({ kind: 'hang' }, { path: /entra-config/, ...forever })
  await startAnew()
  const login = new UserAgent().visit(`${stage.host.url}/login`)
  await expect.poll(calls).toContain('entra openid-configuration')
  expect(calls()).toContain('vault micetro-entra-config/')
  stage.world.vault.behave()
  expect((await login).status).toBe(302)
})

test('after a pause /login reads the configuration again; the rest that has grown old is read meanwhile', async () => {
  await (await begin())()
  await sixMinutesLater(stage.host)
  forget(stage)
  stage.world.identity.requests.length = 0
  const end = await begin()
  const old = ['micetro Groups', 'micetro-entra-client-credential/', 'micetro-entra-config/', 'micetro-sign-in-key/']
  await expect.poll(calls).toEqual(old.map((call) => (call.startsWith('micetro-') ? `vault ${call}` : call)).sort())
  forget(stage)
  expect(await end()).toBe(stage.world.micetro.webUrl)
  expect(calls()).toEqual(forCallback)
})

test('/login waits for nothing of it: it answers while every call that it began is under way', async () => {
  stage.world.vault.misbehave({ kind: 'hang' }, { path: /api-password|client-credential/, ...forever })
  stage.world.entra.misbehave({ kind: 'hang' }, { path: /keys/, ...forever })
  expect((await new UserAgent().visit(`${stage.host.url}/login`)).status).toBe(302)
  const begun = ['entra keys', 'vault micetro-api-password/', 'vault micetro-entra-client-credential/']
  await expect.poll(calls).toEqual([...forLogin, ...begun].sort())
})

describe('a preparation that fails says nothing, and the callback tries by itself', () => {
  const unreadable = { kind: 'status', status: 400 } as const
  const rows: [what: string, peer: keyof ReturnType<typeof peers>, path: RegExp][] = [
    ['the credential', 'vault', /client-credential/],
    ['the password of the API account', 'vault', /api-password/],
    ['the signing keys', 'entra', /keys/],
    ['the log-in at Micetro', 'micetro', /sessions/],
    ['the groups of Micetro', 'micetro', /Groups/],
  ]
  for (const [what, peer, path] of rows) {
    test(what, async () => {
      peers()[peer].misbehave(unreadable, { path })
      const end = await begin()
      await expect.poll(() => peers()[peer].requests.some((request) => path.test(request.path))).toBe(true)
      expect(await end()).toBe(stage.world.micetro.webUrl)
      expect(stage.host.output()).not.toMatch(/"event":"failed"/)
    })
  }
})

describe('500 calls of /login that nobody goes on with', () => {
  /** @returns the statuses that came */
  const junk = async (): Promise<Set<number>> => {
    const done = new Set<number>()
    for (let each = 0; each < 500; each += 10) {
      const visits = Array.from({ length: 10 }, () => new UserAgent().visit(`${stage.host.url}/login`))
      for (const { status } of await Promise.all(visits)) done.add(status)
    }
    return done
  }

  test('make the same calls as one', async () => {
    expect(await junk()).toEqual(new Set([302]))
    await expect.poll(calls).toEqual([...forLogin, ...ahead].sort())
  })

  test('make as few while everything that is prepared fails', async () => {
    stage.world.vault.misbehave({ kind: 'status', status: 404 }, { path: /client-credential/, ...forever })
    stage.world.entra.misbehave({ kind: 'status', status: 503 }, { path: /keys/, ...forever })
    for (const node of stage.world.micetro.nodes) node.misbehave({ kind: 'drop' }, forever)
    // 503 as soon as it is known that no address of Micetro answers.
    expect([...(await junk())].filter((status) => status !== 302 && status !== 503)).toEqual([])
    // Micetro's addresses are gone through again for some seconds, as for a failover, and a slow machine has two rounds.
    expect(calls().length).toBeLessThan(60)
    expect(calls().filter((call) => call.includes('credential')).length).toBeLessThan(5)
  })
})

test('the bounce of a sign-in that Central started reads what Central will ask for, and nothing of Micetro', async () => {
  const { location } = await new UserAgent().visit(
    `${stage.host.url}/mmws/auth_cb/microsoft?code=code-for-central&state=state-of-central`,
  )
  expect(location).toContain(stage.world.micetro.web.url)
  const expected = [...forLogin, ...ahead].filter((call) => !/^micetro|password/.test(call))
  await expect.poll(calls).toEqual(expected.sort())
})

test('no secret was printed', () => expectNoSecrets(stage))
