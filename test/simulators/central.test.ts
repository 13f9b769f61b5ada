import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hiddenFields, UserAgent } from '../integration/userAgent.ts'
import { Central } from './central.ts'
import { type GivenUser, LoginRefused, synchronise } from './centralAccounts.ts'
import { pythonProblem } from './centralScript.ts'
import { createCertificateAuthority, type ServerCertificate } from './certificateAuthority.ts'
import { type SimulatedMicetro, startMicetro } from './micetro.ts'
import { behaviourOf, usualRelease } from './micetroReleases.ts'
import { administrators, allUsers, type MicetroStore, seededStore } from './micetroStore.ts'
import { type SimulatedServer, sendJson, startServer } from './server.ts'

const alice: GivenUser = {
  loginName: 'alice@contoso.com',
  fullName: 'Alice Adams',
  externalID: 'sub-of-alice',
  email: 'alice.adams@contoso.com',
  groups: ['dns admins', 'CONTOSO\\DHCP-Operators', administrators, 'No such group'],
}

describe('Central synchronises', () => {
  let store: MicetroStore
  const given = (more: Partial<GivenUser> = {}) => synchronise(store, behaviourOf(usualRelease), { ...alice, ...more })

  beforeEach(() => {
    store = seededStore({ name: 'api', password: 'password' })
  })

  test('a new External user, in the groups whose names match and in no built-in one but All users', () => {
    const { user, episode } = given()
    expect(user).toMatchObject({ authenticationType: 'External', externalID: 'sub-of-alice', name: alice.loginName })
    expect(store.memberships(user.ref)).toEqual([allUsers, 'CONTOSO\\DHCP-Operators', 'DNS Admins'])
    expect(episode).toMatchObject({ created: true, added: ['DNS Admins', 'CONTOSO\\DHCP-Operators'], removed: [] })
  })

  test('by external id: e-mail, full name and memberships, never the name', () => {
    const { user } = given()
    store.setMemberships(user.ref, ['NOC', 'DNS Admins', administrators])
    const { episode } = given({ loginName: 'alice.brown@contoso.com', fullName: 'Alice Brown' })
    expect(user).toMatchObject({ name: 'alice@contoso.com', fullName: 'Alice Brown' })
    expect(store.memberships(user.ref)).toEqual([administrators, allUsers, 'CONTOSO\\DHCP-Operators', 'DNS Admins'])
    expect(episode).toMatchObject({ created: false, added: ['CONTOSO\\DHCP-Operators'], removed: ['NOC'] })
    expect(given({ fullName: 'Alice Brown' }).episode).toMatchObject({ created: false, changed: [], added: [] })
  })

  test('no memberships when no groups are given', () => {
    const { user } = given()
    given({ groups: [] })
    expect(store.memberships(user.ref)).toHaveLength(3)
  })

  test.each(['ian@contoso.com', 'adam@contoso.com'])('nothing onto %s, an account of another kind', (loginName) => {
    expect(() => given({ loginName })).toThrow(LoginRefused)
  })
})

describe('an attempt', () => {
  let central: Central
  const stateOf = (url: string | undefined) => new URL(url ?? '').searchParams.get('state') ?? ''

  beforeEach(() => {
    central = new Central(seededStore({ name: 'api', password: 'password' }), behaviourOf(usualRelease))
    central.configure({
      tenantId: 'tenant',
      clientId: 'client',
      clientCredential: 'credential',
      redirectUri: 'http://localhost:1/callback',
      authorizeUrl: 'http://localhost:1/authorize',
    })
  })

  test('needs the function’s address and key', () => {
    expect(central.begin()).toBeUndefined()
    central.configure({ functionUrl: 'http://localhost:1/central/auth_cb' })
    expect(central.begin()).toBeUndefined()
    central.configure({ functionKey: 'key' })
    expect(stateOf(central.begin())).toMatch(/^[\w-]{43}$/)
  })

  test('ends among a thousand younger ones; no script is run then', async () => {
    central.configure({ functionUrl: 'http://localhost:1/central/auth_cb', functionKey: 'key' })
    const crowded = stateOf(central.begin())
    for (let other = 0; other < 1000; other += 1) central.begin()
    for (const query of [`state=${crowded}&code=c`, 'state=unknown&code=c', '']) {
      expect(await central.complete(query)).toMatchObject({ kind: 'failed', status: 400 })
    }
    expect(central.runs).toEqual([])
  })
})

describe.skipIf(pythonProblem() !== undefined)('the pages', () => {
  let certificate: ServerCertificate
  let micetro: SimulatedMicetro
  let peer: SimulatedServer
  let answer: { status: number; body: Record<string, unknown> }
  let agent: UserAgent

  beforeAll(async () => {
    certificate = await (await createCertificateAuthority()).issue()
    peer = await startServer((_, response) => sendJson(response, answer.status, answer.body))
    micetro = await startMicetro({
      certificate,
      apiUser: 'api',
      apiPassword: 'password',
      signInUrl: 'http://localhost:1/login',
    })
  })
  afterAll(() => Promise.all([peer.close(), micetro.close()]))

  beforeEach(() => {
    agent = new UserAgent()
    answer = { status: 200, body: { ...alice, authenticator: 'Microsoft' } }
    micetro.central.configure({
      tenantId: 'tenant',
      clientId: 'client',
      clientCredential: 'left-over-credential',
      redirectUri: 'http://localhost:1/callback',
      authorizeUrl: 'http://localhost:1/authorize',
      functionUrl: `${peer.url}/central/auth_cb`,
      functionKey: 'the-function-key',
    })
  })
  afterEach(() => {
    peer.requests.length = 0
  })

  const at = (path: string) => new URL(path, micetro.webUrl).href
  /** As if Entra ID and the application had sent the browser on. */
  async function arrive(location: string | undefined, query = 'code=the-code') {
    const state = new URL(location ?? '').searchParams.get('state') ?? ''
    return agent.visit(at(`/mmws/auth_cb/microsoft?${query}&state=${state}`))
  }
  const begin = async () => (await agent.visit(at('/login/microsoft'))).location

  test('offer the button, go to Entra ID, open a session and end it', async () => {
    expect((await agent.visit(at('/login'))).body).toContain('Log in with Azure')
    const location = await begin()
    expect(Object.fromEntries(new URL(location ?? '').searchParams)).toMatchObject({
      client_id: 'client',
      response_type: 'code',
      redirect_uri: 'http://localhost:1/callback',
      code_challenge_method: 'S256',
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    const done = await arrive(location)
    expect([done.status, done.location]).toEqual([303, micetro.webUrl])
    expect(done.headers.getSetCookie()[0]).toMatch(/^mm-session=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/)
    expect((await agent.visit(micetro.webUrl)).body).toMatch(/Signed in as.*Alice Adams/)
    expect((await agent.visit(at('/login'))).location).toBe(micetro.webUrl)
    expect((await agent.post(at('/logout'), {})).location).toBe(at('/login'))
    expect((await agent.visit(micetro.webUrl)).body).not.toContain('Log out')
  })

  test('run the script of this project, which sends everything but the credential', async () => {
    await arrive(await begin())
    const run = micetro.central.runs.at(-1)
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.stringify(run?.input)).toContain('left-over-credential')
    expect(peer.requests).toHaveLength(1)
    expect(peer.requests[0]?.headers['x-functions-key']).toBe('the-function-key')
    expect(peer.requests[0]?.body).not.toContain('left-over-credential')
    const { client_credential: _, ...config } = { ...(run?.input.config as Record<string, unknown>) }
    expect(JSON.parse(peer.requests[0]?.body ?? '')).toEqual({ ...run?.input, config })
  })

  test('take a state once', async () => {
    const location = await begin()
    await arrive(location)
    expect((await arrive(location)).status).toBe(400)
    expect(peer.requests).toHaveLength(1)
  })

  test.each(['interaction_required', 'invalid_grant'])('on %s send the user to sign in again, once', async (error) => {
    answer = { status: 200, body: { error, error_description: 'Sign <in> again.' } }
    const again = await arrive(await begin())
    expect([again.status, new URL(again.location ?? '').port]).toEqual([303, '1'])
    const end = await arrive(again.location)
    expect(end.status).toBe(403)
    expect(end.body).toContain('Sign &lt;in&gt; again.')
    expect(hiddenFields(end.body)).toEqual({})
  })

  test('show the description of any other error', async () => {
    answer = { status: 403, body: { error: 'MMException', description: 'Switched off. (reference 17)' } }
    const end = await arrive(await begin(), 'error=access_denied')
    expect(end.status).toBe(502)
    expect(end.body).toContain('Switched off. (reference 17)')
    expect(micetro.central.runs.at(-1)?.exitCode).toBe(1)
  })

  test('say that external authentication is not configured', async () => {
    const bare = await startMicetro({
      certificate,
      apiUser: 'api',
      apiPassword: 'password',
      signInUrl: 'http://localhost:1/login',
    })
    try {
      const page = await agent.visit(`${bare.webUrl}login/microsoft`)
      expect([page.status, page.body.includes('not configured')]).toEqual([503, true])
      expect((await agent.visit(bare.webUrl)).body).not.toContain('Log in with Azure')
    } finally {
      await bare.close()
    }
  })

  test('say that Python is missing', async () => {
    const path = process.env.PATH
    process.env.PATH = '/nowhere'
    try {
      const end = await arrive(await begin())
      expect(end.status).toBe(500)
      expect(end.body).toMatch(/python3? was not found\. Install Python 3\.8/)
    } finally {
      process.env.PATH = path
    }
  })
})
