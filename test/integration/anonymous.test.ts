import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createEngine } from '../../shared/engine.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'
import { expectNoSecrets } from './noSecrets.ts'
import { behave, forget, goToEntra, healthOf, type Stage, signIn, startStage } from './stage.ts'
import { UserAgent, type Visit } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())
beforeEach(() => {
  behave(stage)
  forget(stage)
})

/** Carries out 300 requests, ten at a time. */
async function flood(send: (index: number) => Promise<Visit>): Promise<Set<number>> {
  const statuses = new Set<number>()
  for (let first = 0; first < 300; first += 10) {
    const ten = await Promise.all(Array.from({ length: 10 }, (_each, index) => send(first + index)))
    for (const { status } of ten) statuses.add(status)
  }
  return statuses
}

const visit = (path: string) => new UserAgent().visit(stage.host.url + path)
const junkCallback = async (): Promise<Visit> => {
  const agent = new UserAgent()
  const { location } = await agent.visit(`${stage.host.url}/login`)
  const state = new URL(location ?? '').searchParams.get('state') ?? ''
  return agent.visit(`${stage.host.url}/mmws/auth_cb/microsoft?${new URLSearchParams({ code: 'junk', state })}`)
}
const calls = () => {
  const { vault, entra, graph, micetro } = stage.world
  const tokens = entra.requests.filter(({ path }) => path.endsWith('/token'))
  return {
    vault: vault.requests.length,
    tokens: tokens.length,
    entra: entra.requests.length - tokens.length,
    graph: graph.requests.length,
    micetro: micetro.nodes.flatMap(({ requests }) => requests).length,
  }
}

/** Three hundred requests last a second or two; twenty calls leave room for a slow machine and the pause of five seconds. */
const few = 20

describe('300 requests of nobody in particular cause a bounded number of calls', () => {
  test('/login without a client id', async () => {
    await stage.restart({ ENTRA_CLIENT_ID: '' })
    forget(stage)
    expect(await flood(() => visit('/login'))).toEqual(new Set([500]))
    expect(calls().vault).toBeLessThan(few)
  })

  test('/login without a sign-in key', async () => {
    await stage.restart({ SIGN_IN_KEY_SECRET: 'no-such-secret' })
    forget(stage)
    expect(await flood(() => visit('/login'))).toEqual(new Set([500]))
    expect(calls().vault).toBeLessThan(few)
  })

  test('/login while the metadata of the sign-in service cannot be read', async () => {
    stage.world.entra.misbehave({ kind: 'status', status: 503 }, { times: Number.POSITIVE_INFINITY })
    await stage.restart()
    forget(stage)
    expect(await flood(() => visit('/login'))).toEqual(new Set([503]))
    expect(calls().entra).toBeLessThan(few)
  })

  test('codes that are none, while the credential is expired: no token call and no look into the vault for each', async () => {
    await stage.restart()
    const [secret] = stage.world.directory.app.secrets
    if (secret === undefined) throw new Error('no secret')
    secret.expired = true
    forget(stage)
    expect(await flood(junkCallback)).toEqual(new Set([500]))
    secret.expired = false
    // The first ten are under way together before any of them is refused.
    expect(calls().tokens).toBeLessThan(10 + few)
    expect(calls().vault).toBeLessThan(few)
  })

  test('callbacks with states that are nobody’s, spoiled, without a cookie, or used: nothing is called', async () => {
    await stage.restart()
    const agent = new UserAgent()
    const { callback } = await goToEntra(stage, 'nora', agent)
    await agent.visit(callback)
    const { callback: other } = await goToEntra(stage, 'nora')
    const { pathname, search } = new URL(other)
    const rows = [
      '/mmws/auth_cb/microsoft?code=c&state=nobodys',
      `${pathname}${search.replace(/(state=[0-9a-f]{20})./, '$1x')}`,
      pathname + search,
      new URL(callback).pathname + new URL(callback).search,
    ]
    forget(stage)
    // 409: the one that was used has landed already.
    expect(await flood((index) => visit(rows[index % rows.length] ?? ''))).toEqual(new Set([400, 409]))
    expect(calls()).toEqual({ vault: 0, tokens: 0, entra: 0, graph: 0, micetro: 0 })
  })

  test('callbacks of attempts that were begun under another configuration', async () => {
    await stage.restart()
    const begun: (() => Promise<Visit>)[] = []
    await flood(async () => {
      const agent = new UserAgent()
      const login = await agent.visit(`${stage.host.url}/login`)
      const state = new URL(login.location ?? '').searchParams.get('state') ?? ''
      begun.push(() =>
        agent.visit(`${stage.host.url}/mmws/auth_cb/microsoft?${new URLSearchParams({ code: 'junk', state })}`),
      )
      return login
    })
    await stage.restart({ ENTRA_CLIENT_ID: '99999999-9999-4999-8999-999999999999' })
    forget(stage)
    expect(await flood((index) => begun[index]?.() ?? Promise.reject(new Error('not begun')))).toEqual(new Set([400]))
    expect(calls().vault).toBeLessThan(few)
    expect(calls().tokens).toBe(0)
  })

  test('/health while the password of the API account is wrong: one log-in', async () => {
    stage.world.vault.set('wrong-password', 'not-the-password-of-the-account')
    await stage.restart({ MICETRO_PASSWORD_SECRET: 'wrong-password' })
    forget(stage)
    expect(await flood(() => healthOf(stage))).toEqual(new Set([503]))
    const logIns = stage.world.micetro.nodes
      .flatMap(({ requests }) => requests)
      .filter(({ method }) => method === 'POST')
    expect(logIns.length).toBeLessThanOrEqual(2)
    expect(calls().vault).toBeLessThan(few)
  })
})

test('a refused password of the API account is tried once in 30 seconds, however often somebody asks', async () => {
  const { KEY_VAULT_URL: _, ...settings } = stage.world.settings(stage.port)
  const clock = fakeClock()
  const engine = createEngine({ ...settings, MICETRO_API_PASSWORD: 'not-the-password-of-the-account' }, clock)
  forget(stage)
  const seconds = 600
  for (let second = 0; second < seconds; second += 1) {
    await engine
      .micetro()
      .client.listGroups(AbortSignal.timeout(10_000))
      .catch(() => undefined)
    clock.pass(1000)
  }
  const logIns = stage.world.micetro.nodes.flatMap(({ requests }) => requests).filter(({ method }) => method === 'POST')
  expect(logIns.length).toBeGreaterThan(0)
  expect(logIns.length).toBeLessThanOrEqual(seconds / 30)
})

test('a failure that has passed is forgotten: the next sign-in lands', async () => {
  await stage.restart()
  expect((await signIn(stage, 'nora')).status).toBe(303)
})

test('no secret, code, token, verifier, cookie or password is in any line at the most talkative level', () => {
  expectNoSecrets(stage)
})
