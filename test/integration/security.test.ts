import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOutgoing } from '../../shared/outgoing/http.ts'
import { comeBack as comeBackForCentral, postToFunction } from './centralButton.ts'
import { expectNoSecrets } from './noSecrets.ts'
import { forget, goToEntra, healthOf, type Stage, shownError, signIn, startStage } from './stage.ts'
import { UserAgent, type Visit } from './userAgent.ts'

let stage: Stage
let mark = 0

beforeAll(async () => {
  stage = await startStage({ centralButton: true })
})
afterAll(() => stage.close())
beforeEach(() => {
  stage.world.entra.behave()
  forget(stage)
  mark = stage.output().length
})

const tokenCalls = () => stage.world.entra.requests.filter(({ path }) => path.endsWith('/token')).length
const callbackUrl = (fields: Record<string, string>) =>
  `${stage.host.url}/mmws/auth_cb/microsoft?${new URLSearchParams(fields)}`
const parameter = (address: string, name: string) => new URL(address).searchParams.get(name) ?? ''

/** What the application logged since the test began, each line with its level. */
const logged = () =>
  [
    ...stage
      .output()
      .slice(mark)
      .matchAll(/^\[[^\]]+\] (\w+) Function\.\w+\.User: (\{.*\})$/gm),
  ].map(([, level = '', json = '']) => ({ level, ...(JSON.parse(json) as Record<string, unknown>) }))
const security = () => logged().flatMap((line) => ('event' in line && line.event === 'security' ? [line] : []))

describe('an error that a browser brings is shown as unverified, gets no advice, and is information', () => {
  const errors: [error: string, description: string][] = [
    ['invalid_client', 'AADSTS7000222: The provided client secret keys are expired.'],
    ['unauthorized_client', 'AADSTS65001: The user or administrator has not consented.'],
    ['access_denied', 'AADSTS50105: Your administrator has configured the application to block users.'],
    ['server_error', 'AADSTS50196: The server terminated an operation.'],
    ['temporarily_unavailable', ''],
    ['invalid_grant', ''],
    ['<script>', '<script>alert(1)</script>'],
  ]
  const advice = /secret|credential|consent|assign|service health|Start "/i

  test.each(errors)('%s at the callback', async (error, error_description) => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const done = await agent.visit(callbackUrl({ error, error_description, state: parameter(callback, 'state') }))
    expect([done.status, shownError(done)]).toEqual([400, 'unverified_error'])
    expect(done.body).toContain('Unverified')
    expect(done.body).not.toMatch(advice)
    expect(done.body).not.toContain('<script')
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'information', event: 'failed', code: 'unverified_error', status: 400 }),
    ])
    expect(tokenCalls()).toBe(0)
  })

  // The one that is not here passes through: Central begins anew.
  test.each(errors.filter(([error]) => error !== 'invalid_grant'))('%s in Central’s arguments', async (error, text) => {
    const { document } = await comeBackForCentral(stage, 'nora')
    mark = stage.output().length
    const query = new URLSearchParams({ error, error_description: text, state: 's' }).toString()
    const { status, body } = await postToFunction(stage, { ...document, arguments: query })
    expect([status, body]).toEqual([
      400,
      { error: 'MMException', description: expect.stringMatching(/\(unverified_error, reference [0-9a-f-]{36}\)$/) },
    ])
    expect(JSON.stringify(body)).not.toMatch(advice)
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'information', event: 'failed', code: 'unverified_error' }),
    ])
  })
})

test('nothing that somebody without an account can send is a warning', async () => {
  const { callback } = await goToEntra(stage, 'nora')
  const state = parameter(callback, 'state')
  mark = stage.output().length
  const rows: (() => Promise<Visit>)[] = [
    () => new UserAgent().visit(callbackUrl({ code: 'c' })),
    () => new UserAgent().visit(callbackUrl({ code: 'c', error: 'server_error', state })),
    () => new UserAgent().visit(callbackUrl({ code: 'c', state })),
    () => new UserAgent().visit(callbackUrl({ error: 'server_error', state })),
    () => new UserAgent().visit(callbackUrl({ code: 'c', state: `${state.slice(0, -1)}x` })),
    () => new UserAgent().visit(callbackUrl({ code: 'c', state: `${'0'.repeat(40)}.${'x'.repeat(43)}` })),
    () => new UserAgent().post(callbackUrl({}), { code: 'x'.repeat(20_000), state }),
    () => new UserAgent().post(`${stage.host.url}/central/auth_cb`, { arguments: 'code=c' }),
    () => new UserAgent().post(`${stage.host.url}/config/microsoft/save-and-test`, { save: 'true' }),
    () => new UserAgent().visit(`${stage.host.url}/config/microsoft`),
  ]
  for (const send of rows) expect((await send()).status).toBeGreaterThanOrEqual(400)
  // A code that is none, and another one after the fresh start that Entra ID's refusal brings.
  const agent = new UserAgent()
  const { location = '' } = await agent.visit(`${stage.host.url}/login`)
  const { location: again = '' } = await agent.visit(callbackUrl({ code: 'c', state: parameter(location, 'state') }))
  expect((await agent.visit(callbackUrl({ code: 'c', state: parameter(again, 'state') }))).status).toBe(400)
  expect(logged().filter(({ level }) => level !== 'information')).toEqual([])
})

describe('what looks like an attack is a security event of its own', () => {
  test('a code that belongs to another attempt: the verifier does not fit, and nothing is begun anew', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const { callback: stolen } = await goToEntra(stage, 'alice')
    mark = stage.output().length
    const fields = { code: parameter(stolen, 'code'), state: parameter(callback, 'state') }
    const done = await agent.visit(callbackUrl(fields))
    expect([done.status, shownError(done)]).toEqual([400, 'entra_refused'])
    expect(security()).toEqual([
      { level: 'warning', event: 'security', kind: 'pkce_mismatch', correlationId: expect.any(String) },
    ])
  })

  test('a code with the verifier of another attempt, from Central', async () => {
    const [own, stolen] = [await comeBackForCentral(stage, 'nora'), await comeBackForCentral(stage, 'alice')]
    await postToFunction(stage, { ...stolen.document, state: own.document.state })
    expect(security()).toEqual([expect.objectContaining({ level: 'warning', kind: 'pkce_mismatch' })])
  })

  test('an ID token with the nonce of another attempt', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    stage.world.entra.next('wrongNonce')
    await agent.visit(callback)
    expect(security()).toEqual([expect.objectContaining({ level: 'warning', kind: 'foreign_nonce' })])
  })

  test('a used attempt that comes again together with its cookie; without it, it is somebody’s Back key', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const held = new Map(agent.cookies.get('localhost'))
    await agent.visit(callback)
    mark = stage.output().length
    expect(shownError(await agent.visit(callback))).toBe('attempt_used')
    expect(logged().map(({ level }) => level)).toEqual(['information'])
    agent.cookies.set('localhost', held)
    expect(shownError(await agent.visit(callback))).toBe('attempt_used')
    expect(security()).toEqual([expect.objectContaining({ level: 'warning', kind: 'attempt_replayed' })])
  })
})

describe('who answers must be who was asked (RFC 9207)', () => {
  const foreign = 'https://login.attacker.example/tenant/v2.0'

  test('a callback that names another issuer is refused before anything is called', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const done = await agent.visit(`${callback}&${new URLSearchParams({ iss: foreign })}`)
    expect([done.status, shownError(done), tokenCalls()]).toEqual([400, 'bad_request', 0])
  })

  test('one that names the right one lands', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const { entra, directory } = stage.world
    const done = await agent.visit(`${callback}&${new URLSearchParams({ iss: entra.issuerOf(directory.home.id) })}`)
    expect(done.status).toBe(303)
  })

  test('so is one in Central’s arguments', async () => {
    const { document } = await comeBackForCentral(stage, 'nora')
    const query = `${document.arguments}&${new URLSearchParams({ iss: foreign })}`
    const { status, body } = await postToFunction(stage, { ...document, arguments: query })
    expect([status, body.error, tokenCalls()]).toEqual([400, 'InvalidInput', 0])
  })

  test('an attempt that was begun at another tenant is stale: its code goes to nobody else', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const other = stage.world.directory.tenants.find(({ id }) => id !== stage.world.directory.home.id)
    await stage.restart({ ENTRA_TENANT_ID: other?.id ?? '' })
    forget(stage)
    expect(shownError(await agent.visit(callback))).toBe('attempt_stale')
    expect(tokenCalls()).toBe(0)
  })
})

test('a signing key of another tenant does not serve, however right its signature', async () => {
  const { entra, directory } = stage.world
  const other = directory.tenants.find(({ id }) => id !== directory.home.id)
  const send = createOutgoing(readFileSync(stage.world.settings(stage.port).NODE_EXTRA_CA_CERTS ?? '', 'utf8')).send
  const { signal } = new AbortController()
  const url = `${entra.url}/${directory.home.id}/discovery/v2.0/keys`
  const { text } = await send({ method: 'GET', url, timeout: 5000, signal })
  const body = text.replaceAll(entra.issuerOf(directory.home.id), entra.issuerOf(other?.id ?? ''))
  expect(body).not.toBe(text)
  entra.misbehave({ kind: 'status', status: 200, body }, { path: /\/keys$/, times: Number.POSITIVE_INFINITY })
  await stage.restart()
  mark = stage.output().length
  expect(shownError(await signIn(stage, 'nora'))).toBe('token_rejected')
  expect(logged()).toEqual([expect.objectContaining({ level: 'error', check: 'issuer' })])
})

test('/health names what is wrong by dependency, setting and reason, and no host, account, secret or value', async () => {
  const { world } = stage
  const names = { SIGN_IN_KEY_SECRET: 'name-of-a-secret', MICETRO_PASSWORD_SECRET: 'wrong-password' }
  world.vault.set('wrong-password', 'not-the-password-of-the-account')
  world.vault.set('micetro-entra-config', JSON.stringify({ groups: { map: { 'a-group-of-theirs': 'x' } } }))
  await stage.restart({ ...names, MICETRO_API_USER: 'the-api-account' })
  const { status, body } = await healthOf(stage)
  expect(status).toBe(503)
  expect(body).toContain('configuration: secret_invalid, see ENTRA_CONFIG_SECRET')
  expect(body).toContain('sign-in key: secret_missing, see SIGN_IN_KEY_SECRET')
  expect(body).toContain('micetro: micetro_credentials, see MICETRO_API_USER and MICETRO_PASSWORD_SECRET')
  expect(body).not.toMatch(/localhost|name-of-a-secret|wrong-password|the-api-account|a-group-of-theirs/)
  // Who may read the log, learns the rest.
  expect(stage.output()).toMatch(/"event":"unhealthy".*"hints":\[.*the-api-account/)
})

test('no secret, code, token, verifier, cookie or password is in any line at the most talkative level', () => {
  expectNoSecrets(stage)
})
