import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createState as sealState } from '../../shared/sealing/attempt.ts'
import { deriveSealingKey } from '../../shared/sealing/sealingKey.ts'
import { Secret } from '../../shared/secret.ts'
import type { CentralInput } from '../simulators/centralAttempt.ts'
import { documentOf } from '../simulators/centralAttempt.ts'
import { pythonProblem } from '../simulators/centralScript.ts'
import { groupOf, pairwiseSubject, userOf } from '../simulators/directory.ts'
import { allUsers } from '../simulators/micetroStore.ts'
import { comeBack, configuredCentral, postToFunction, pressButton } from './centralButton.ts'
import { expectNoSecrets, mustNotBePrinted } from './noSecrets.ts'
import { behave, chooseUser, forever, forget, type Stage, shownError, signIn, startStage } from './stage.ts'
import { UserAgent } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ centralButton: true })
})
afterAll(() => stage.close())

beforeEach(() => {
  const { micetro } = stage.world
  behave(stage)
  for (const user of [...micetro.store.users.values()]) {
    if (user.authenticationType === 'External') micetro.store.removeUser(user.ref)
  }
  forget(stage)
})

const store = () => stage.world.micetro.store
const sub = (key: string) => {
  const { directory } = stage.world
  return pairwiseSubject(userOf(directory, key), directory.app.clientId)
}
/** What the host printed since the mark. */
const printedSince = (mark: number) => stage.output().slice(mark)

describe('a user document', () => {
  const users: [key: string, email: string, groups: string[]][] = [
    [
      'alice',
      'alice.adams@contoso.com',
      [
        'CONTOSO\\DHCP-Operators',
        'DHCP Operators (on-premises)',
        'DNS Admins',
        'IPAM Readers',
        'Lunch Club',
        'Network Engineering',
        'corp.contoso.com\\DHCP-Operators',
      ],
    ],
    ['gina', 'gina.grant@mail.example', ['IPAM Readers']],
    ['nora', 'nora.nilsson@contoso.com', []],
  ]
  test.each(users)('of %s has what Central needs and nothing else', async (key, email, groups) => {
    const { document } = await comeBack(stage, key)
    const { status, body } = await postToFunction(stage, document)
    const user = userOf(stage.world.directory, key)
    expect(status).toBe(200)
    expect({ ...body, groups: [...(body.groups as string[])].sort() }).toEqual({
      loginName: user.preferredUsername,
      fullName: user.name,
      externalID: sub(key),
      email,
      groups,
      authenticator: 'Microsoft',
    })
    expect([store().audit, store().reads]).toEqual([[], []])
  })

  test.each([
    ['grace', 250],
    ['max', 2500],
  ])('of %s has all %i groups', async (key, count) => {
    const { document } = await comeBack(stage, key)
    const { body } = await postToFunction(stage, document)
    expect(new Set(body.groups as string[])).toEqual(
      new Set(userOf(stage.world.directory, key).groups.map(({ displayName }) => displayName)),
    )
    expect(body.groups).toHaveLength(count)
  })

  test('has the groups of the claim only, where the token lists some', async () => {
    const { directory } = stage.world
    userOf(directory, 'alice').extraClaims = { groups: [groupOf(directory, 'IPAM Readers').id] }
    try {
      const { body } = await postToFunction(stage, (await comeBack(stage, 'alice')).document)
      expect(body.groups).toEqual(['IPAM Readers'])
    } finally {
      userOf(directory, 'alice').extraClaims = {}
    }
  })

  test('redeems with Central’s verifier and redirect URI, and our own credential', async () => {
    const { document, attempt } = await comeBack(stage, 'nora')
    forget(stage)
    await postToFunction(stage, document)
    const sent = new URLSearchParams(stage.world.entra.requests.find(({ path }) => path.endsWith('/token'))?.body)
    expect(sent.get('code_verifier')).toBe(attempt.verifier)
    expect(sent.get('redirect_uri')).toBe(document.config.redirect_uri)
    expect(sent.get('client_secret')).toBe(stage.world.secrets.clientSecret)
  })
})

describe('what Central may send besides', () => {
  const variants: [name: string, change: (document: CentralInput) => Record<string, unknown>][] = [
    ['unknown keys', (d) => ({ ...d, version: 2, config: { ...d.config, groups_uri: 'https://x.example', new: [1] } })],
    [
      'a credential of another application',
      (d) => ({ ...d, config: { ...d.config, client_credential: 'other-apps-secret' } }),
    ],
    [
      'a certificate as credential',
      (d) => ({
        ...d,
        config: { ...d.config, client_credential: { private_key: 'other-apps-key', thumbprint: 'AB' } },
      }),
    ],
    [
      'ids in capitals',
      (d) => ({ ...d, config: { ...d.config, client_id: String(d.config.client_id).toUpperCase() } }),
    ],
    ['a question mark before the query', (d) => ({ ...d, arguments: `?${d.arguments}` })],
  ]
  test.each(variants)('%s: is tolerated', async (_name, change) => {
    mustNotBePrinted('other-apps-secret')
    mustNotBePrinted('other-apps-key')
    const { document } = await comeBack(stage, 'nora')
    const { status, body } = await postToFunction(stage, change(document))
    expect([status, body.loginName]).toEqual([200, 'nora@contoso.com'])
    expect(JSON.stringify(body)).not.toContain('other-apps')
  })

  test.each([
    [undefined, false],
    [0, false],
    [4, false],
    [5, true],
    [9, true],
    ['debug', false],
    [null, false],
  ])('loglevel %s: a log %s', async (loglevel, wanted) => {
    const { document, attempt } = await comeBack(stage, 'nora')
    const { body } = await postToFunction(stage, { ...document, ...(loglevel !== undefined && { loglevel }) })
    expect(typeof body.log).toBe(wanted ? 'string' : 'undefined')
    const code = new URLSearchParams(document.arguments).get('code') ?? ''
    for (const secret of [attempt.verifier, attempt.nonce, code, stage.world.secrets.clientSecret, 'eyJ']) {
      expect(JSON.stringify(body)).not.toContain(secret)
    }
  })
})

describe('errors that Central handles itself come with status 200', () => {
  const described = (error: string) => ({
    status: 200,
    body: { error, error_description: expect.stringMatching(/\.$/) },
  })

  test.each([
    ['interactionRequired', 'interaction_required'],
    ['invalidGrant', 'invalid_grant'],
    ['expiredCode', 'invalid_grant'],
  ] as const)('of the token endpoint: %s', async (fault, error) => {
    const { document } = await comeBack(stage, 'nora')
    stage.world.entra.next(fault)
    expect(await postToFunction(stage, document)).toEqual(described(error))
  })

  test.each([
    ['error=interaction_required&error_description=AADSTS50076%3A+more&state=s', 'interaction_required'],
    ['error=login_required&error_description=AADSTS50058%3A+nobody&state=s', 'interaction_required'],
    ['error=invalid_grant&state=s', 'invalid_grant'],
  ])('of the authorize endpoint: %s', async (query, error) => {
    const { document } = await comeBack(stage, 'nora')
    expect(await postToFunction(stage, { ...document, arguments: query })).toEqual(described(error))
  })

  test('a code that was redeemed before', async () => {
    const { document } = await comeBack(stage, 'nora')
    await postToFunction(stage, document)
    expect(await postToFunction(stage, document)).toEqual(described('invalid_grant'))
  })

  test('a code with the verifier of another attempt', async () => {
    const [stolen, own] = [await comeBack(stage, 'alice'), await comeBack(stage, 'nora')]
    const document = { ...stolen.document, state: own.document.state }
    expect(await postToFunction(stage, document)).toEqual(described('invalid_grant'))
  })
})

describe('errors of ours', () => {
  const failed = (kind: string, description: RegExp) => ({
    error: kind,
    description: expect.stringMatching(description),
  })
  const reference = /\(.*reference [0-9a-f-]{36}\)$/

  test.each([
    ['error=access_denied&error_description=AADSTS65004%3A+declined&state=s', 400],
    ['error=server_error&state=s', 400],
    ['error=temporarily_unavailable&state=s', 400],
    ['error=%3Cscript%3E&error_description=%3Cscript%3E&state=s', 400],
  ])('the authorize endpoint’s %s', async (query, status) => {
    const { document } = await comeBack(stage, 'nora')
    const reply = await postToFunction(stage, { ...document, arguments: query })
    expect(reply).toEqual({ status, body: failed('MMException', reference) })
    expect(JSON.stringify(reply.body)).not.toContain('<script')
  })

  test.each(['serverError', 'unavailable', 'throttled'] as const)(
    'the token endpoint’s %s: Central is told to begin anew, once; a fault that lasts is an error',
    async (fault) => {
      await stage.restart()
      const answers = []
      for (const _ of [1, 2]) {
        const { document } = await comeBack(stage, 'nora')
        stage.world.entra.next(fault, { retryAfter: 3600 })
        answers.push((await postToFunction(stage, document)).body.error)
      }
      expect(answers).toEqual(['invalid_grant', 'MMException'])
    },
  )

  test.each([
    ['notJson', 502, /entra_malformed/],
    ['wrongNonce', 502, /token_rejected/],
    ['wrongSignature', 502, /token_rejected/],
    ['wrongTenant', 502, /token_rejected/],
  ] as const)('the token endpoint’s %s', async (fault, status, description) => {
    const { document } = await comeBack(stage, 'nora')
    stage.world.entra.next(fault)
    expect(await postToFunction(stage, document)).toEqual({ status, body: failed('MMException', description) })
  })

  test('the reference is that of the log line', async () => {
    const mark = stage.output().length
    const { body } = await postToFunction(stage, '{}')
    const id = /reference ([0-9a-f-]{36})\)$/.exec(String(body.description))?.[1] ?? 'none'
    expect(printedSince(mark)).toContain(`"correlationId":"${id}"`)
  })

  const without = (object: object, name: string): Record<string, unknown> =>
    Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
  const refused: [name: string, change: (document: CentralInput) => unknown, problem: RegExp][] = [
    ['no JSON', () => 'code=1&state=2', /not JSON/],
    ['nothing', () => '', /not JSON/],
    ['a list', (d) => [d], /only the endpoint "microsoft"/],
    ['null', () => 'null', /not valid/],
    ['an Okta document', (d) => ({ ...d, endpoint: 'okta' }), /only the endpoint "microsoft"/],
    ['no endpoint', (d) => without(d, 'endpoint'), /only the endpoint "microsoft"/],
    ['no arguments', (d) => without(d, 'arguments'), /arguments is missing/],
    ['no configuration', (d) => without(d, 'config'), /config is missing/],
    ['no state', (d) => without(d, 'state'), /state is missing/],
    [
      'a stolen code without a verifier',
      (d) => ({ ...d, state: without(d.state, 'code_verifier') }),
      /state\.code_verifier/,
    ],
    ['an empty verifier', (d) => ({ ...d, state: { ...d.state, code_verifier: '' } }), /state\.code_verifier/],
    ['no nonce', (d) => ({ ...d, state: without(d.state, 'nonce') }), /state\.nonce/],
    ['a nonce that is a number', (d) => ({ ...d, state: { ...d.state, nonce: 7 } }), /state\.nonce/],
    ['arguments as a list', (d) => ({ ...d, arguments: [d.arguments] }), /arguments is missing or not valid/],
    ['arguments without a code', (d) => ({ ...d, arguments: 'state=s' }), /no code/],
    ['two codes', (d) => ({ ...d, arguments: `${d.arguments}&code=2` }), /code is repeated/],
    ['a code and an error', (d) => ({ ...d, arguments: `${d.arguments}&error=e` }), /a code and an error/],
    [
      'another client',
      (d) => ({ ...d, config: { ...d.config, client_id: crypto.randomUUID() } }),
      /config\.client_id is not/,
    ],
    [
      'another tenant',
      (d) => ({ ...d, config: { ...d.config, tenant_id: crypto.randomUUID() } }),
      /config\.tenant_id is not/,
    ],
    [
      'a redirect URI that is not ours',
      (d) => ({ ...d, config: { ...d.config, redirect_uri: 'https://attacker.example/mmws/auth_cb/microsoft' } }),
      /config\.redirect_uri is not/,
    ],
    [
      'our redirect URI with a query',
      (d) => ({ ...d, config: { ...d.config, redirect_uri: `${d.config.redirect_uri}?x` } }),
      /config\.redirect_uri is not/,
    ],
    ['10 MB', (d) => ({ ...d, filling: 'x'.repeat(10_000_000) }), /too long/],
    ['10 MB of garbage', () => 'x'.repeat(10_000_000), /too long/],
  ]
  test.each(refused)('%s: 400, and Entra ID is not asked', async (_name, change, problem) => {
    const { document } = await comeBack(stage, 'nora')
    forget(stage)
    const changed = change(document)
    const reply = await postToFunction(stage, typeof changed === 'string' ? changed : JSON.stringify(changed))
    expect(reply).toEqual({ status: 400, body: failed('InvalidInput', problem) })
    expect(reply.body.description).toMatch(reference)
    expect(stage.world.entra.requests).toEqual([])
  })

  test.each([
    ['left out', (config: object) => without(config, 'tenant_id')],
    ['common', (config: object) => ({ ...config, tenant_id: 'common' })],
  ])('a tenant that is %s, as Micetro has it by default, is accepted', async (_name, change) => {
    const { document } = await comeBack(stage, 'nora')
    const { status, body } = await postToFunction(stage, { ...document, config: change(document.config) })
    expect([status, body.loginName]).toEqual([200, 'nora@contoso.com'])
  })

  test('a wrong function key: 401, and the code is still good', async () => {
    const { document } = await comeBack(stage, 'nora')
    for (const key of ['wrong', '']) expect((await postToFunction(stage, document, key)).status).toBe(401)
    expect((await postToFunction(stage, document)).status).toBe(200)
  })
})

describe('when the groups are not known, the answer says none and the log says why', () => {
  const groupsPath = /transitiveMemberOf/
  const cases: [why: string, arrange: () => void][] = [
    [
      'Graph breaks off on page two',
      () => stage.world.graph.misbehave({ kind: 'cutOff' }, { path: /skiptoken/, ...forever }),
    ],
    [
      'Graph fails on page two',
      () => stage.world.graph.misbehave({ kind: 'status', status: 500 }, { path: /skiptoken/, ...forever }),
    ],
    [
      'Graph refuses',
      () => stage.world.graph.misbehave({ kind: 'status', status: 403, body: '{}' }, { path: groupsPath }),
    ],
    [
      'Graph answers without a list',
      () => stage.world.graph.misbehave({ kind: 'status', status: 200, body: '{}' }, { path: groupsPath }),
    ],
    ['Graph drops every connection', () => stage.world.graph.misbehave({ kind: 'drop' }, forever)],
    [
      'Graph is throttled for long',
      () => stage.world.graph.throttle({ retryAfter: 120, path: groupsPath, ...forever }),
    ],
  ]
  test.each(cases)('%s', async (_why, arrange) => {
    const { document } = await comeBack(stage, 'max')
    arrange()
    const mark = stage.output().length
    const { status, body } = await postToFunction(stage, { ...document, loglevel: 5 })
    expect([status, body.loginName, body.groups]).toEqual([200, 'max@contoso.com', []])
    expect(printedSince(mark)).toContain('"event":"groups_unread"')
    expect(body.log).toMatch(/groups not read: graph_\w+\. \S/)
  })

  test('names may not be read: none are sent, unless the token lists ids, which are sent then', async () => {
    const { app } = stage.world.directory
    const { grantedScopes } = app
    app.grantedScopes = ['User.Read']
    try {
      const mark = stage.output().length
      const first = await postToFunction(stage, { ...(await comeBack(stage, 'alice')).document, loglevel: 5 })
      expect([first.status, first.body.groups]).toEqual([200, []])
      expect(first.body.log).toContain('GroupMember.Read.All')
      expect(printedSince(mark)).toContain('"event":"group_names_unknown"')

      app.groupMembershipClaims = 'ApplicationGroup'
      const ids = ['DNS Admins', 'IPAM Readers'].map((name) => groupOf(stage.world.directory, name).id)
      app.assignedGroupIds = ids
      const { body } = await postToFunction(stage, (await comeBack(stage, 'alice')).document)
      expect([...(body.groups as string[])].sort()).toEqual(ids.sort())
    } finally {
      Object.assign(app, { grantedScopes, groupMembershipClaims: 'none', assignedGroupIds: [] })
    }
  })

  test('the profile is not read either: the address is that of the token, and the log says so', async () => {
    const { document } = await comeBack(stage, 'gina')
    stage.world.graph.faults.forbidProfile = true
    const mark = stage.output().length
    const { body } = await postToFunction(stage, document)
    expect([body.email, body.groups]).toEqual(['gina.grant@mail.example', ['IPAM Readers']])
    expect(printedSince(mark)).toContain('"event":"profile_unread"')
  })
})

describe('a callback whose state is not ours', () => {
  const callback = () => `${stage.host.url}/mmws/auth_cb/microsoft`
  const central = () => `${stage.world.micetro.web.url}/mmws/auth_cb/microsoft`
  const query = 'code=1.A%2Bb%26c&state=of%20Central&session_state=x%0d%0ay&extra=%C3%A4'

  test('goes to CENTRAL_CALLBACK_URL with the query as it came, and no cookie', async () => {
    const { status, headers } = await fetch(`${callback()}?${query}`, { redirect: 'manual' })
    expect([status, headers.get('location'), headers.getSetCookie()]).toEqual([303, `${central()}?${query}`, []])
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('also with an error of Entra ID', async () => {
    const { status, headers } = await fetch(`${callback()}?error=access_denied&state=s`, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([303, `${central()}?error=access_denied&state=s`])
  })

  test('wherever the request says it comes from or goes to', async () => {
    const url = new URL(callback())
    const headers = {
      host: 'attacker.example',
      forwarded: 'host=attacker.example',
      'x-forwarded-host': 'attacker.example',
      'x-forwarded-proto': 'https',
      'x-original-url': '/attacker.example',
      origin: 'https://attacker.example',
      referer: 'https://attacker.example/',
    }
    const location = await new Promise((resolve, reject) => {
      request({
        port: url.port,
        path: `${url.pathname}?state=s&code=c&redirect_uri=https%3A%2F%2Fattacker.example`,
        headers,
      })
        .on('response', (response) => {
          response.resume()
          resolve(response.headers.location)
        })
        .on('error', reject)
        .end()
    })
    expect(location).toBe(`${central()}?state=s&code=c&redirect_uri=https%3A%2F%2Fattacker.example`)
  })

  test('by form_post goes on by GET, its fields in the query', async () => {
    const body = new URLSearchParams({ code: '1.A+b&c', state: 'of Central', session_state: 'ä' }).toString()
    const { status, headers } = await fetch(callback(), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
    expect([status, headers.get('location')]).toEqual([303, `${central()}?${body}`])
  })

  test('by form_post with anything but a form of a usual length is refused', async () => {
    for (const body of ['code=1&state=s\r\nx-evil: 1', 'code=1&state=s\u00e4', `state=s&code=${'x'.repeat(16_384)}`]) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await fetch(callback(), { method: 'POST', redirect: 'manual', headers, body })
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    }
  })

  test.each(['code=1&code=2&state=s', 'state=s&state=t&code=1', 'code=1'])(
    'and is malformed goes nowhere: %#',
    async (malformed) => {
      const { status, headers } = await fetch(`${callback()}?${malformed}`, { redirect: 'manual' })
      expect([status, headers.get('location')]).toEqual([400, null])
    },
  )

  const key = () => deriveSealingKey(new Secret(stage.world.secrets.signInKey), 'key')
  const own: [name: string, state: () => string, code: string][] = [
    ['stale', () => sealState(key(), Date.now() - 11 * 60_000), 'attempt_stale'],
    ['without its cookie', () => sealState(key(), Date.now()), 'attempt_missing'],
    [
      'with another MAC',
      () => sealState(key(), Date.now()).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      'attempt_unknown',
    ],
    ['with another time', () => sealState(key(), Date.now()).replace(/^.{8}/, 'ffffffff'), 'attempt_unknown'],
    ['with a sign that is none of ours', () => sealState(key(), Date.now()).replace(/^./, 'Z'), 'attempt_unknown'],
    ['cut short', () => sealState(key(), Date.now()).slice(0, -1), 'attempt_unknown'],
    ['with something behind it', () => `${sealState(key(), Date.now())}x`, 'attempt_unknown'],
  ]
  test.each(own)('but was, and is %s: an error page, never Central', async (_name, state, code) => {
    const agent = new UserAgent()
    for (const name of ['code', 'error']) {
      const page = await agent.visit(`${callback()}?${name}=x&state=${state()}`)
      expect([page.status, page.location, shownError(page)]).toEqual([400, undefined, code])
    }
  })
})

const problem = pythonProblem()
if (problem !== undefined) console.warn(`The tests with Central's script are skipped: ${problem}`)

describe.skipIf(problem !== undefined)('Micetro’s own button', () => {
  test('leads through Entra ID, the function, Central and its script to a session', async () => {
    const agent = new UserAgent()
    const { bounced, done, run } = await pressButton(stage, 'alice', agent)
    expect([
      bounced.status,
      bounced.location?.startsWith(`${stage.world.micetro.web.url}/mmws/auth_cb/microsoft?`),
    ]).toEqual([303, true])
    expect([done.status, done.location]).toEqual([303, stage.world.micetro.webUrl])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.stringify(run?.input)).toContain(stage.world.secrets.centralCredential)
    expect((await agent.visit(stage.world.micetro.webUrl)).body).toMatch(/Signed in as.*Alice Adams/)
    expect(store().user('alice@contoso.com')).toMatchObject({
      authenticationType: 'External',
      externalID: sub('alice'),
    })
    expect(store().memberships('alice@contoso.com')).toEqual([
      allUsers,
      'CONTOSO\\DHCP-Operators',
      'DNS Admins',
      'IPAM Readers',
    ])
    // Nothing is written or read by the function.
    expect([store().audit, store().reads]).toEqual([[], []])
  })

  test('keeps the memberships when Graph fails', async () => {
    await pressButton(stage, 'alice')
    store().setMemberships('alice@contoso.com', ['NOC'])
    stage.world.graph.faults.forbidGroups = true
    expect((await pressButton(stage, 'alice')).done.status).toBe(303)
    expect(store().memberships('alice@contoso.com')).toEqual([allUsers, 'NOC'])
  })

  test('leads to Entra ID once more when the code is refused, and then to the session', async () => {
    const agent = new UserAgent()
    stage.world.entra.next('invalidGrant')
    const { done, run } = await pressButton(stage, 'nora', agent)
    expect([done.status, run?.exitCode]).toEqual([303, 0])
    const callback = await chooseUser(agent, done.location ?? '', 'nora')
    const end = await agent.visit((await agent.visit(callback)).location ?? '')
    expect([end.status, end.location]).toEqual([303, stage.world.micetro.webUrl])
    expect((await agent.visit(stage.world.micetro.webUrl)).body).toMatch(/Signed in as.*Nora Nilsson/)
  })

  const broken: [name: string, configure: object, status: number, shown: RegExp, exitCode: number][] = [
    ['a key that is withdrawn', { functionKey: 'withdrawn-function-key' }, 502, /HTTP 401: .*key.* was refused/, 1],
    [
      'another client id at Central',
      { clientId: crypto.randomUUID() },
      502,
      /config\.client_id is not the one configured/,
      1,
    ],
  ]
  test.each(broken)('shows what is wrong: %s', async (_name, configure, status, shown, exitCode) => {
    const central = configuredCentral(stage)
    const before = central.configuration
    const agent = new UserAgent()
    try {
      const { query } = await comeBack(stage, 'nora')
      const state = new URL(central.begin() ?? '').searchParams.get('state') ?? ''
      central.configure(configure)
      const end = await agent.visit(
        `${stage.world.micetro.webUrl}mmws/auth_cb/microsoft?${query.replace(/state=[^&]*/, `state=${state}`)}`,
      )
      expect(end.status).toBe(status)
      expect(end.body).toMatch(shown)
      const run = central.runs.at(-1)
      expect(run?.exitCode).toBe(exitCode)
      expect(Object.keys(JSON.parse(run?.stdout ?? ''))).toEqual(['error', 'description'])
    } finally {
      central.configure(before ?? {})
    }
  })

  test('a document with Central’s own redirect URI is taken as well', async () => {
    const central = configuredCentral(stage)
    const { configuration } = central
    if (configuration === undefined) throw new Error('not configured')
    const { app } = stage.world.directory
    const redirectUri = `${stage.world.micetro.web.url}/mmws/auth_cb/microsoft`
    app.redirectUris.push(redirectUri)
    central.configure({ redirectUri })
    try {
      const { document } = await comeBack(stage, 'nora')
      expect(document.config.redirect_uri).toBe(redirectUri)
      expect((await postToFunction(stage, document)).status).toBe(200)
      const other = { ...configuration, redirectUri: redirectUri.replace('http://localhost', 'HTTP://LOCALHOST') }
      const { attempt, query } = await comeBack(stage, 'nora')
      // The same address in other letters is ours, and goes to Entra ID letter by letter.
      expect((await postToFunction(stage, documentOf(other, attempt, query))).body.error).not.toBe('InvalidInput')
    } finally {
      app.redirectUris.pop()
      central.configure({ redirectUri: configuration.redirectUri })
    }
  })
})

describe.skipIf(problem !== undefined)('an account that the vendor’s script made', () => {
  /** What that script sends: the sign-in name as mail address, and the first hundred groups. */
  const vendorsAccount = () => {
    const account = store().addUser({
      name: 'alice@contoso.com',
      fullName: 'Alice Adams',
      email: 'alice@contoso.com',
      externalID: sub('alice'),
    })
    store().setMemberships(account.ref, ['DNS Admins'])
    return account
  }
  const externals = () => [...store().users.values()].filter((user) => user.authenticationType === 'External')

  test.each(['the application, then the button', 'the button, then the application'])(
    'is matched by both ways in, not doubled: %s',
    async (order) => {
      const account = vendorsAccount()
      const ways = [() => signIn(stage, 'alice'), async () => (await pressButton(stage, 'alice')).done]
      if (order.startsWith('the button')) ways.reverse()
      for (const way of ways) {
        expect((await way()).status).toBe(303)
        expect(externals()).toEqual([account])
        expect(account).toMatchObject({ email: 'alice.adams@contoso.com', externalID: sub('alice') })
        expect(store().memberships(account.ref)).toEqual([
          allUsers,
          'CONTOSO\\DHCP-Operators',
          'DNS Admins',
          'IPAM Readers',
        ])
      }
    },
  )

  test('is matched although the person was renamed', async () => {
    const account = vendorsAccount()
    const alice = userOf(stage.world.directory, 'alice')
    alice.preferredUsername = 'alice.brown@contoso.com'
    try {
      await signIn(stage, 'alice')
      await pressButton(stage, 'alice')
      expect(externals()).toEqual([account])
    } finally {
      alice.preferredUsername = 'alice@contoso.com'
    }
  })

  test('a second sign-in by either way changes nothing', async () => {
    vendorsAccount()
    await pressButton(stage, 'alice')
    forget(stage)
    const agent = new UserAgent()
    await pressButton(stage, 'alice', agent)
    expect((await agent.visit(stage.world.micetro.webUrl)).body).toContain('Nothing changed')
    await signIn(stage, 'alice')
    expect(store().audit).toEqual([])
  })
})

const page = readFileSync('docs/central.md', 'utf8').split('\n### Test it by hand\n')[1]?.split('\n## ')[0] ?? ''
const block = (language: string): string => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? ''

describe.skipIf(pythonProblem() !== undefined || process.platform === 'win32')(
  'the test by hand of docs/central.md',
  () => {
    /** Runs its command in a folder as the page describes it. */
    async function byHand(settings: { url: string; key: string }): Promise<string> {
      const folder = mkdtempSync(join(tmpdir(), 'by-hand-'))
      try {
        copyFileSync('infra/central/mm_auth_cb.py', join(folder, 'mm_auth_cb.py'))
        writeFileSync(join(folder, 'mm_auth_cb.json'), JSON.stringify(settings))
        const shell = spawn('sh', ['-c', block('sh')], { cwd: folder })
        return await text(shell.stdout)
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
    const url = () => `${stage.host.url}/central/auth_cb`

    test('prints the very line that stands there', async () => {
      const printed = await byHand({ url: url(), key: stage.host.functionKey })
      expect(printed.replace(/reference [0-9a-f-]{36}/, 'reference …')).toBe(block('json').trimEnd())
      const reference = /reference ([0-9a-f-]{36})/.exec(printed)?.[1]
      expect(stage.output()).toMatch(new RegExp(`"event":"failed","route":"central".*"correlationId":"${reference}"`))
    })

    test('says with the words of the table that the script did not get that far', async () => {
      const table = readFileSync('docs/central.md', 'utf8').split('\n## Trouble\n')[1]
      expect(await byHand({ url: url(), key: 'no-such-key' })).toMatch(/HTTP 401: \\"key\\" .*was refused/)
      expect(table).toContain('`HTTP 401: "key" … was refused`')
    })
  },
)

describe('settings', () => {
  test('without CENTRAL_CALLBACK_URL a state that is not ours is an error page', async () => {
    await stage.restart({ CENTRAL_CALLBACK_URL: '' })
    const page = await new UserAgent().visit(`${stage.host.url}/mmws/auth_cb/microsoft?code=c&state=s`)
    expect([page.status, page.location, shownError(page)]).toEqual([400, undefined, 'attempt_unknown'])
    const { document } = await comeBack(stage, 'nora')
    const config = { ...document.config, redirect_uri: `${stage.world.micetro.web.url}/mmws/auth_cb/microsoft` }
    expect((await postToFunction(stage, { ...document, config })).status).toBe(400)
    expect((await postToFunction(stage, document)).status).toBe(200)
  })

  test('sign-in that is switched off is so for Central too', async () => {
    stage.world.vault.set('micetro-entra-config', JSON.stringify({ enabled: false }))
    await stage.restart()
    const { document } = await comeBack(stage, 'nora')
    const { status, body } = await postToFunction(stage, document)
    expect([status, body.error]).toEqual([403, 'MMException'])
    expect(body.description).toMatch(/switched off.*sign_in_disabled/)
  })
})

test('no secret, code, token, verifier, nonce, credential or key is in any line at the most talkative level', () => {
  expectNoSecrets(stage)
})
