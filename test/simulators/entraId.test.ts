import { createHash, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { Agent } from 'node:https'
import {
  AuthError,
  ConfidentialClientApplication,
  type Configuration,
  type INetworkModule,
  type NetworkRequestOptions,
  ServerError,
} from '@azure/msal-node'
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  exportJWK,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
} from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hiddenFields, UserAgent, type Visit } from '../integration/userAgent.ts'
import { askTls, type TlsAnswer } from './askTls.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type ServerCertificate,
} from './certificateAuthority.ts'
import { certificateEntry, createDirectory, type Directory, groupOf, pairwiseSubject, userOf } from './directory.ts'
import { type SimulatedEntraId, startEntraId, type TokenFault } from './entraId.ts'

const redirectUri = 'http://localhost:7071/mmws/auth_cb/microsoft'
const graphUrl = 'https://graph.microsoft.com'
const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

let authority: CertificateAuthority
let certificate: ServerCertificate
let agent: Agent
let entra: SimulatedEntraId
let directory: Directory
let browser: UserAgent

beforeAll(async () => {
  authority = await createCertificateAuthority()
  certificate = await authority.issue()
  agent = new Agent({ ca: authority.pem })
  directory = createDirectory()
  entra = await startEntraId({ directory, certificate })
})

afterAll(async () => {
  agent.destroy()
  await entra.close()
})

beforeEach(() => {
  // The servers keep running; what tests change is put back.
  Object.assign(directory, createDirectory())
  Object.assign(entra.behaviour, { unassigned: 'page', graphUrl })
  browser = new UserAgent()
})

afterEach(() => entra.behave())

const send = (url: string, options?: Parameters<typeof askTls>[2]) => askTls(agent, url, options)

async function sendForMsal<T>(method: string, url: string, options: NetworkRequestOptions = {}) {
  const { headers, body } = options
  const answer = await send(url, { method, ...(headers && { headers }), ...(body !== undefined && { body }) })
  const parsed: T = JSON.parse(answer.text)
  const answerHeaders = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
  return { status: answer.status, headers: Object.fromEntries(answerHeaders), body: parsed }
}

const networkClient: INetworkModule = {
  sendGetRequestAsync: (url, options) => sendForMsal('GET', url, options),
  sendPostRequestAsync: (url, options) => sendForMsal('POST', url, options),
}

function msal(auth: Partial<Configuration['auth']> = {}): ConfidentialClientApplication {
  const credential = 'clientCertificate' in auth || 'clientAssertion' in auth
  return new ConfidentialClientApplication({
    auth: {
      clientId: directory.app.clientId,
      authority: `${entra.url}/${directory.home.id}`,
      knownAuthorities: [new URL(entra.url).host],
      ...(!credential && { clientSecret: directory.app.secrets[0]?.value ?? '' }),
      ...auth,
    },
    system: { networkClient },
  })
}

/** An authorization request as a client would write it; undefined takes a parameter out. */
function authorizeUrl(changes: Record<string, string | undefined> = {}, tenant = directory.home.id): string {
  const url = new URL(`${entra.browserUrl}/${tenant}/oauth2/v2.0/authorize`)
  const parameters: Record<string, string | undefined> = {
    client_id: directory.app.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile offline_access User.Read',
    state: 'the state',
    nonce: 'the nonce',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

/** Opens an authorization request and picks the user, to where the browser leaves Entra ID or stays on an error page. */
async function signIn(address: string, user: Record<string, string> | string): Promise<Visit> {
  const page = await browser.visit(address)
  const action = /<form method="post" action="([^"]*)">/.exec(page.body)?.[1]
  if (action === undefined) return page
  const choice = typeof user === 'string' ? { user } : user
  const chosen = await browser.post(new URL(action, page.url).href, { ...hiddenFields(page.body), ...choice })
  return chosen.location?.includes('/respond?') ? browser.visit(chosen.location) : chosen
}

/** How a sign-in went back to the application. */
function returnOf({ location, body, status }: Visit): { redirectUri: string; fields: URLSearchParams } {
  const url = URL.parse(location ?? '')
  if (url !== null) return { redirectUri: url.origin + url.pathname, fields: url.searchParams }
  const action = /<form method="post" action="([^"]*)">/.exec(body)?.[1]
  if (action === undefined || !body.includes('document.forms[0].submit()')) throw new TypeError(`a page: ${status}`)
  return { redirectUri: action, fields: new URLSearchParams(hiddenFields(body)) }
}

async function codeFor(user: string, changes: Record<string, string | undefined> = {}): Promise<string> {
  const { fields } = returnOf(await signIn(authorizeUrl(changes), user))
  return fields.get('code') ?? ''
}

type TokenBody = Record<string, unknown> & { id_token?: string; access_token?: string }

async function askToken(
  changes: Record<string, string | undefined>,
  tenant = directory.home.id,
): Promise<{ status: number; headers: TlsAnswer['headers']; body: TokenBody }> {
  const parameters: Record<string, string | undefined> = {
    grant_type: 'authorization_code',
    client_id: directory.app.clientId,
    client_secret: directory.app.secrets[0]?.value,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...changes,
  }
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const answer = await send(`${entra.url}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(given).toString(),
  })
  const body: TokenBody = JSON.parse(answer.text)
  return { status: answer.status, headers: answer.headers, body }
}

async function publishedKeys(): Promise<JSONWebKeySet> {
  const answer = await send(`${entra.url}/${directory.home.id}/discovery/v2.0/keys`)
  const keys: JSONWebKeySet = JSON.parse(answer.text)
  return keys
}

async function verify(idToken: string) {
  return jwtVerify(idToken, createLocalJWKSet(await publishedKeys()), {
    algorithms: ['RS256'],
    issuer: entra.issuerOf(directory.home.id),
    audience: directory.app.clientId,
  })
}

async function claimsOf(user: string): Promise<Record<string, unknown>> {
  const { body } = await askToken({ code: await codeFor(user) })
  return decodeJwt(body.id_token ?? '')
}

describe('a sign-in with MSAL', () => {
  it('ends with tokens of the user, whatever the credential', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const issued = await authority.issue(['localhost'])
    directory.app.certificates = [certificateEntry(issued.cert)]
    entra.behaviour.assertionKeys = async () => [{ ...(await exportJWK(keys.publicKey)), kid: 'identity' }]
    const issuer = entra.issuerOf(directory.home.id)
    const audience = 'api://AzureADTokenExchange'
    directory.app.federatedCredentials = [{ issuer, subject: 'principal of the identity', audience }]
    const clientAssertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'identity' })
      .setIssuer(issuer)
      .setSubject('principal of the identity')
      .setAudience(audience)
      .setExpirationTime('1h')
      .sign(keys.privateKey)
    const thumbprintSha256 = directory.app.certificates[0]?.thumbprintSha256 ?? ''
    const clients = [
      msal(),
      msal({ clientCertificate: { privateKey: issued.key, thumbprintSha256 } }),
      msal({ clientAssertion }),
      msal({ authority: `${entra.url}/contoso.com` }),
    ]
    for (const client of clients) {
      const address = await client.getAuthCodeUrl({
        scopes: [`${graphUrl}/User.Read`],
        redirectUri,
        responseMode: 'query',
        state: 'the state',
        nonce: 'the nonce',
        codeChallenge: challenge,
        codeChallengeMethod: 'S256',
      })
      expect(address.startsWith(`${entra.browserUrl}/`)).toBe(true)
      const { fields } = returnOf(await signIn(address, 'alice'))
      expect(fields.get('state')).toBe('the state')
      const result = await client.acquireTokenByCode({
        code: fields.get('code') ?? '',
        scopes: [`${graphUrl}/User.Read`],
        redirectUri,
        codeVerifier: verifier,
        nonce: 'the nonce',
      })
      expect(result.account?.username).toBe('alice@contoso.com')
      expect(result.tenantId).toBe(directory.home.id)
      expect(entra.resolveToken(result.accessToken)).toMatchObject({
        user: { key: 'alice' },
        scopes: ['User.Read', 'GroupMember.Read.All'],
        expired: false,
      })
    }
  })

  it('gives an application its own token, with the permissions that were granted to it', async () => {
    directory.app.grantedRoles = ['Group.Read.All']
    const result = await msal().acquireTokenByClientCredential({ scopes: [`${graphUrl}/.default`] })
    expect(entra.resolveToken(result?.accessToken ?? '')).toMatchObject({
      user: undefined,
      scopes: [],
      roles: ['Group.Read.All'],
    })
    const { body } = await askToken({ grant_type: 'client_credentials', scope: 'User.Read' })
    expect(body).toMatchObject({ error: 'invalid_scope', error_codes: [1002012] })
  })

  it('shows MSAL a refusal with its number', async () => {
    const client = msal({ clientSecret: 'wrong' })
    const failure = await client
      .acquireTokenByCode({ code: await codeFor('alice'), scopes: [], redirectUri, codeVerifier: verifier })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ServerError)
    expect(failure instanceof AuthError && failure.errorCode).toBe('invalid_client')
    expect(failure instanceof ServerError && Number(failure.errorNo)).toBe(7000215)
  })
})

describe('metadata', () => {
  const metadataOf = async (tenant: string) => {
    const answer = await send(`${entra.url}/${tenant}/v2.0/.well-known/openid-configuration`)
    const body: Record<string, unknown> = JSON.parse(answer.text)
    return { status: answer.status, body }
  }

  it('names the tenant by its id, also when it was asked for by domain', async () => {
    for (const name of [directory.home.id, 'contoso.com']) {
      const { body } = await metadataOf(name)
      expect(body).toMatchObject({
        issuer: entra.issuerOf(directory.home.id),
        authorization_endpoint: `${entra.browserUrl}/${directory.home.id}/oauth2/v2.0/authorize`,
        token_endpoint: `${entra.url}/${directory.home.id}/oauth2/v2.0/token`,
        jwks_uri: `${entra.url}/${directory.home.id}/discovery/v2.0/keys`,
      })
    }
  })

  it.each(['common', 'organizations'])('has a placeholder in the issuer of %s', async (name) => {
    expect((await metadataOf(name)).body).toMatchObject({ issuer: `${entra.url}/{tenantid}/v2.0` })
  })

  it('refuses an unknown tenant', async () => {
    const { status, body } = await metadataOf('b2f7a3c4-0000-4000-a000-000000000000')
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: 'invalid_tenant', error_codes: [90002] })
  })
})

describe('the ID token', () => {
  it('has the claims of version 2.0 and a signature by a published key', async () => {
    const { body } = await askToken({ code: await codeFor('alice') })
    const { payload, protectedHeader } = await verify(body.id_token ?? '')
    const alice = userOf(directory, 'alice')
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' })
    expect(payload).toMatchObject({
      ver: '2.0',
      tid: directory.home.id,
      oid: alice.oid,
      sub: pairwiseSubject(alice, directory.app.clientId),
      preferred_username: 'alice@contoso.com',
      name: 'Alice Adams',
      nonce: 'the nonce',
    })
    expect(payload).not.toHaveProperty('email')
    expect(payload).not.toHaveProperty('groups')
    for (const key of (await publishedKeys()).keys) expect(key).not.toHaveProperty('alg')
  })

  it('has an email claim only where the directory has one', async () => {
    expect(await claimsOf('gina')).toMatchObject({
      email: 'gina.grant@mail.example',
      preferred_username: 'gina@fabrikam.example',
      tid: directory.home.id,
    })
  })

  it('has another sub for another application, and the same one each time', () => {
    const alice = userOf(directory, 'alice')
    expect(pairwiseSubject(alice, 'one')).not.toBe(pairwiseSubject(alice, 'two'))
    expect(pairwiseSubject(alice, 'one')).toBe(pairwiseSubject(userOf(createDirectory(), 'alice'), 'one'))
  })

  it('follows the settings for groups', async () => {
    const { app } = directory
    const id = (name: string): string => groupOf(directory, name).id
    const security = ['DNS Admins', 'IPAM Readers', 'Network Engineering', 'DHCP Operators (on-premises)'].map(id)
    const role = userOf(directory, 'alice').roles[0]?.roleTemplateId ?? ''

    app.groupMembershipClaims = 'SecurityGroup'
    expect((await claimsOf('alice')).groups).toEqual([...security, role])
    app.groupMembershipClaims = 'All'
    expect((await claimsOf('alice')).groups).toEqual([...security, id('Lunch Club'), role])
    app.groupMembershipClaims = 'ApplicationGroup'
    app.assignedGroupIds = [id('DNS Admins'), id('Network Engineering'), id('DHCP Operators (on-premises)')]
    expect((await claimsOf('alice')).groups).toEqual([id('DNS Admins'), id('DHCP Operators (on-premises)')])
    app.groupClaimFormat = 'netbios_domain_and_sam_account_name'
    expect((await claimsOf('alice')).groups).toEqual(['CONTOSO\\DHCP-Operators'])
    app.groupClaimFormat = 'dns_domain_and_sam_account_name'
    expect((await claimsOf('alice')).groups).toEqual(['corp.contoso.com\\DHCP-Operators'])
    app.groupClaimFormat = 'sam_account_name'
    expect((await claimsOf('alice')).groups).toEqual(['DHCP-Operators'])
    app.groupClaimFormat = 'cloud_displayname'
    expect((await claimsOf('alice')).groups).toEqual(['DNS Admins'])
    expect(await claimsOf('nora')).not.toHaveProperty('groups')
  })

  it('has a marker instead of more than 200 groups, or where a user is set so', async () => {
    directory.app.groupMembershipClaims = 'SecurityGroup'
    userOf(directory, 'nora').forceOverage = true
    for (const user of ['grace', 'nora']) {
      const claims = await claimsOf(user)
      expect(claims).toMatchObject({ _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } })
      expect(claims).not.toHaveProperty('groups')
    }
  })

  it('takes claims from the test that wants them', async () => {
    userOf(directory, 'alice').extraClaims = { groups: [], name: undefined, acct: 0 }
    const claims = await claimsOf('alice')
    expect(claims).toMatchObject({ groups: [], acct: 0 })
    expect(claims).not.toHaveProperty('name')
  })

  it('names the tenant of the user when anybody may sign in', async () => {
    directory.app.multiTenant = true
    const { fields } = returnOf(await signIn(authorizeUrl({}, 'organizations'), 'felix'))
    const { body } = await askToken({ code: fields.get('code') ?? '' }, 'organizations')
    expect(decodeJwt(body.id_token ?? '')).toMatchObject({
      iss: entra.issuerOf(directory.foreign.id),
      tid: directory.foreign.id,
    })
  })
})

describe('the sign-in page', () => {
  it('offers the users of the tenant and says what it is', async () => {
    const page = await browser.visit(authorizeUrl())
    expect(page.status).toBe(200)
    expect(page.body).toContain('Simulated Entra ID')
    for (const name of ['Alice Adams', 'Nora Nilsson', 'Grace Garcia', 'Gina Grant', 'Ian Ingram', 'Una Underwood']) {
      expect(page.body).toContain(name)
    }
    for (const name of ['Max Moreau', 'Felix Fischer']) expect(page.body).not.toContain(name)
  })

  it('escapes what the directory holds', async () => {
    userOf(directory, 'alice').name = '<img src=x>'
    const { body } = await browser.visit(authorizeUrl())
    expect(body).toContain('&lt;img src=x&gt;')
    expect(body).not.toContain('<img')
  })

  it('has no session for prompt=none, and shows for any other prompt', async () => {
    const without = returnOf(await browser.visit(authorizeUrl({ prompt: 'none' })))
    expect(without.redirectUri).toBe(redirectUri)
    expect(without.fields.get('error')).toBe('login_required')
    expect(without.fields.get('error_description')).toMatch(/^AADSTS50058: .* Trace ID: .* Timestamp: /)
    expect(without.fields.get('state')).toBe('the state')
    expect((await browser.visit(authorizeUrl({ prompt: 'select_account' }))).body).toContain('Pick an account')
  })

  it('posts the answer from another site, on a page of its own, in response mode form_post', async () => {
    const page = await signIn(authorizeUrl({ response_mode: 'form_post' }), 'alice')
    expect(new URL(page.url).hostname).toBe('127.0.0.1')
    const { fields, redirectUri: action } = returnOf(page)
    expect([action, fields.get('state')]).toEqual([redirectUri, 'the state'])
    const { body } = await askToken({ code: fields.get('code') ?? '' })
    expect(body).toHaveProperty('id_token')
  })

  it('goes back when the user cancels', async () => {
    const { fields } = returnOf(await signIn(authorizeUrl(), { cancel: '1' }))
    expect(fields.get('error')).toBe('access_denied')
    expect(fields.get('error_description')).toContain('AADSTS65004')
  })
})

describe('errors of the authorize endpoint', () => {
  const ofItsOwn: [name: string, code: number, changes: Record<string, string | undefined>, tenant?: string][] = [
    ['an unregistered redirect URI', 50011, { redirect_uri: 'http://localhost:7071/elsewhere' }],
    ['a redirect URI in another case', 50011, { redirect_uri: redirectUri.toUpperCase() }],
    ['an unknown client', 700016, { client_id: 'b2f7a3c4-0000-4000-a000-000000000000' }],
    ['an unknown tenant', 90002, {}, 'unknown.example'],
    ['a client that is missing', 900144, { client_id: undefined }],
  ]
  it.each(ofItsOwn)('stay on a page for %s', async (_name, code, changes, tenant) => {
    const page = await browser.visit(authorizeUrl(changes, tenant))
    expect(page.location).toBeUndefined()
    expect(page.status).toBe(400)
    expect(page.body).toContain(`AADSTS${code}:`)
  })

  const returned: [name: string, error: string, code: number, changes: Record<string, string | undefined>][] = [
    ['another response type', 'unsupported_response_type', 700054, { response_type: 'id_token' }],
    ['another response mode', 'invalid_request', 70007, { response_mode: 'fragment' }],
    ['an unknown prompt', 'invalid_request', 90023, { prompt: 'never' }],
    ['a challenge without its method', 'invalid_request', 90023, { code_challenge_method: undefined }],
    ['no scope', 'invalid_request', 900144, { scope: undefined }],
    ['a scope of another cloud', 'invalid_resource', 500011, { scope: 'https://graph.microsoft.us/User.Read' }],
    ['a challenge of a wrong size', 'invalid_request', 501491, { code_challenge: 'short' }],
    ['a scope without consent', 'consent_required', 65001, { scope: 'openid Directory.Read.All' }],
  ]
  it.each(returned)('go back to the application for %s', async (_name, error, code, changes) => {
    const { fields, redirectUri: to } = returnOf(await signIn(authorizeUrl(changes), 'alice'))
    expect(to).toBe(redirectUri)
    expect(fields.get('error')).toBe(error)
    expect(fields.get('error_description')).toContain(`AADSTS${code}:`)
    expect(fields.get('error_uri')).toBe(`${entra.url}/error?code=${code}`)
    expect(fields.get('state')).toBe('the state')
  })

  it('refuse common for a single-tenant application', async () => {
    const { fields } = returnOf(await browser.visit(authorizeUrl({}, 'common')))
    expect(fields.get('error_description')).toContain('AADSTS50194:')
  })

  it('keep a user who is not assigned on a page, unless the test wants it back', async () => {
    const page = await signIn(authorizeUrl(), 'una')
    expect([page.status, page.location]).toEqual([400, undefined])
    expect(page.body).toContain('AADSTS50105:')
    entra.behaviour.unassigned = 'redirect'
    const { fields } = returnOf(await signIn(authorizeUrl(), 'una'))
    expect(fields.get('error')).toBe('access_denied')
    expect(fields.get('error_description')).toContain('AADSTS50105:')
    directory.app.assignmentRequired = false
    expect(returnOf(await signIn(authorizeUrl(), 'una')).fields.has('code')).toBe(true)
  })

  it('refuse a user of another tenant', async () => {
    expect((await signIn(authorizeUrl(), 'felix')).body).toContain('AADSTS50020:')
  })

  it('take any port of localhost, as Entra ID does', async () => {
    const address = authorizeUrl({ redirect_uri: redirectUri.replace('7071', '9999') })
    expect(returnOf(await signIn(address, 'alice')).fields.has('code')).toBe(true)
  })
})

describe('errors of the token endpoint', () => {
  it('have the shape of Entra ID, with the correlation id of the request', async () => {
    const { status, body } = await askToken({
      client_secret: 'wrong',
      'client-request-id': '7a3c2b1d-1111-4222-8333-444455556666',
    })
    expect(status).toBe(401)
    expect(body).toMatchObject({
      error: 'invalid_client',
      error_codes: [7000215],
      correlation_id: '7a3c2b1d-1111-4222-8333-444455556666',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
      trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(body.error_description).toMatch(
      /^AADSTS7000215: .+ Trace ID: \S+ Correlation ID: 7a3c2b1d\S+ Timestamp: .+Z$/,
    )
  })

  const cases: [name: string, error: string, code: number, changes: Record<string, string | undefined>][] = [
    ['no credential', 'invalid_client', 7000218, { client_secret: undefined }],
    ['an unknown client', 'unauthorized_client', 700016, { client_id: 'b2f7a3c4-0000-4000-a000-000000000000' }],
    ['no grant type', 'invalid_request', 900144, { grant_type: undefined }],
    ['a foreign grant type', 'unsupported_grant_type', 70003, { grant_type: 'refresh_token' }],
    ['a code that was never issued', 'invalid_grant', 70000, { code: 'invented' }],
    ['another redirect URI', 'invalid_client', 50011, { redirect_uri: 'http://localhost:7071/elsewhere' }],
    ['a wrong verifier', 'invalid_grant', 501481, { code_verifier: randomBytes(32).toString('base64url') }],
    ['no verifier', 'invalid_grant', 501481, { code_verifier: undefined }],
    ['a malformed verifier', 'invalid_grant', 501481, { code_verifier: 'short' }],
    ['a scope without consent', 'invalid_grant', 65001, { scope: 'openid Directory.Read.All' }],
    ['a scope of another cloud', 'invalid_resource', 500011, { scope: 'https://graph.microsoft.us/User.Read' }],
    ['an assertion of another type', 'invalid_client', 50027, { ...assertionFields('x'), client_assertion_type: 'x' }],
    ['a malformed assertion', 'invalid_client', 50027, assertionFields('nonsense')],
  ]
  it.each(cases)('name %s', async (_name, error, code, changes) => {
    const { body } = await askToken({ code: await codeFor('alice'), ...changes })
    expect(body).toMatchObject({ error, error_codes: [code] })
  })

  it('name an expired secret', async () => {
    directory.app.secrets = [{ value: 'old', expired: true }]
    expect((await askToken({ client_secret: 'old' })).body).toMatchObject({
      error: 'invalid_client',
      error_codes: [7000222],
    })
  })

  it('take any of several secrets, as during a rotation', async () => {
    directory.app.secrets.push({ value: 'the new one', expired: false })
    expect((await askToken({ code: await codeFor('alice'), client_secret: 'the new one' })).status).toBe(200)
  })

  it('name a second redemption, also when both come at once', async () => {
    const code = await codeFor('alice')
    const answers = await Promise.all([askToken({ code }), askToken({ code })])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
    expect((await askToken({ code })).body).toMatchObject({ error: 'invalid_grant', error_codes: [54005] })
  })

  it('name a redirect URI that is registered but not the one of the authorization request', async () => {
    directory.app.redirectUris.push('https://signin.contoso.com/mmws/auth_cb/microsoft')
    const { body } = await askToken({
      code: await codeFor('alice'),
      redirect_uri: 'https://signin.contoso.com/mmws/auth_cb/microsoft',
    })
    expect(body).toMatchObject({ error_codes: [500112] })
  })

  it('name a code of another tenant, an unknown tenant, and common for a single-tenant application', async () => {
    expect((await askToken({}, 'unknown.example')).body).toMatchObject({ error_codes: [90002] })
    expect((await askToken({}, 'common')).body).toMatchObject({ error_codes: [50194] })
    directory.app.multiTenant = true
    const { body } = await askToken({ code: await codeFor('alice') }, directory.foreign.id)
    expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [700005] })
  })

  it('name missing consent with its suberror', async () => {
    const code = await codeFor('alice')
    directory.app.grantedScopes = []
    expect((await askToken({ code })).body).toMatchObject({ error_codes: [65001], suberror: 'consent_required' })
  })

  it('come for a GET too', async () => {
    const answer = await send(`${entra.url}/${directory.home.id}/oauth2/v2.0/token`)
    expect(JSON.parse(answer.text)).toMatchObject({ error_codes: [900561] })
  })
})

function assertionFields(assertion: string): Record<string, string | undefined> {
  return {
    client_secret: undefined,
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }
}

describe('client assertions', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const audience = 'api://AzureADTokenExchange'

  async function askWith(claims: Record<string, unknown>, header: Record<string, string> = {}) {
    const assertion = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'identity', ...header })
      .setExpirationTime('10m')
      .sign(keys.privateKey)
    return askToken({
      grant_type: 'client_credentials',
      scope: `${graphUrl}/.default`,
      ...assertionFields(assertion),
    })
  }

  beforeEach(async () => {
    const issuer = entra.issuerOf(directory.home.id)
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'identity' }
    entra.behaviour.assertionKeys = (asked) => (asked === issuer ? [jwk] : [])
    directory.app.federatedCredentials = [{ issuer, subject: 'principal', audience }]
  })

  const federated: [name: string, code: number, claims: Record<string, unknown>][] = [
    ['issuer', 700211, { iss: 'https://elsewhere.example' }],
    ['subject', 700213, { sub: 'another principal' }],
    ['case of the subject', 7002138, { sub: 'Principal' }],
    ['audience', 700212, { aud: 'api://AzureADTokenExchangeUSGov' }],
  ]
  it.each(federated)('of a managed identity must match in %s', async (_name, code, claims) => {
    const right = { iss: entra.issuerOf(directory.home.id), sub: 'principal', aud: audience }
    expect((await askWith(right)).status).toBe(200)
    const { status, body } = await askWith({ ...right, ...claims })
    expect([status, body.error, body.error_codes]).toEqual([401, 'invalid_client', [code]])
  })

  it('of a managed identity must be signed by its issuer', async () => {
    entra.behaviour.assertionKeys = () => []
    const { body } = await askWith({ iss: entra.issuerOf(directory.home.id), sub: 'principal', aud: audience })
    expect(body).toMatchObject({ error: 'invalid_client', error_codes: [50013] })
  })

  it('of a certificate must name one that is registered, be signed with it, and be meant for this tenant', async () => {
    const { clientId } = directory.app
    const aud = `${entra.url}/${directory.home.id}/oauth2/v2.0/token`
    const claims = { iss: clientId, sub: clientId, aud }
    expect((await askWith(claims)).body).toMatchObject({ error: 'invalid_client', error_codes: [700027] })

    const issued = await authority.issue(['localhost'])
    directory.app.certificates = [certificateEntry(issued.cert)]
    const thumbprint = Buffer.from(directory.app.certificates[0]?.thumbprintSha256 ?? '', 'hex').toString('base64url')
    const { body } = await askWith(claims, { 'x5t#S256': thumbprint })
    expect(body).toMatchObject({ error_codes: [700027] })
    expect(body.error_description).toContain('failed signature validation')
    expect((await askWith({ ...claims, sub: 'another' })).body).toMatchObject({ error_codes: [700021] })

    const sign = (changes: Record<string, unknown>) =>
      new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: 'PS256', 'x5t#S256': thumbprint })
        .setExpirationTime('10m')
        .sign(createPrivateKey(issued.key))
    const ask = async (changes: Record<string, unknown>) =>
      askToken({
        grant_type: 'client_credentials',
        scope: `${graphUrl}/.default`,
        ...assertionFields(await sign(changes)),
      })
    expect((await ask({})).status).toBe(200)
    expect((await ask({ aud: 'https://elsewhere.example' })).body).toMatchObject({ error_codes: [700023] })
    expect((await ask({ nbf: Math.floor(Date.now() / 1000) + 3600 })).body).toMatchObject({ error_codes: [700024] })
  })
})

describe('faults on demand', () => {
  const tokenOf = async (fault: TokenFault): Promise<string> => {
    const code = await codeFor('alice')
    entra.next(fault)
    const { body } = await askToken({ code })
    return body.id_token ?? ''
  }

  it.each<[TokenFault, string]>([
    ['wrongSignature', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['unknownKid', 'ERR_JWKS_NO_MATCHING_KEY'],
    ['hs256', 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['expired', 'ERR_JWT_EXPIRED'],
    ['notYetValid', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['wrongAudience', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['wrongIssuer', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['wrongTenant', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['version1', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['malformedIdToken', 'ERR_JWS_INVALID'],
  ])('%s makes a token that a verifier refuses', async (fault, code) => {
    const failure = await verify(await tokenOf(fault)).catch((error: unknown) => error)
    expect(failure instanceof errors.JOSEError && failure.code).toBe(code)
  })

  it('algNone, wrongNonce, noNonce, wrongTenant and noIdToken do what they say', async () => {
    const none = await tokenOf('algNone')
    expect(none.endsWith('.')).toBe(true)
    expect(decodeProtectedHeader(none).alg).toBe('none')
    expect((await verify(await tokenOf('wrongNonce'))).payload.nonce).not.toBe('the nonce')
    expect((await verify(await tokenOf('noNonce'))).payload).not.toHaveProperty('nonce')
    expect(await tokenOf('noIdToken')).toBe('')
    const foreign = await jwtVerify(await tokenOf('wrongTenant'), createLocalJWKSet(await publishedKeys()))
    expect(foreign.payload).toMatchObject({ tid: directory.foreign.id, iss: entra.issuerOf(directory.foreign.id) })
  })

  it('hit so many answers as they were asked for', async () => {
    entra.next('noIdToken', { times: 2 })
    const found: boolean[] = []
    for (let time = 0; time < 3; time += 1) {
      found.push('id_token' in (await askToken({ code: await codeFor('alice') })).body)
    }
    expect(found).toEqual([false, false, true])
  })

  it.each<[TokenFault, number, string, number]>([
    ['interactionRequired', 400, 'interaction_required', 50076],
    ['invalidGrant', 400, 'invalid_grant', 70000],
    ['expiredCode', 400, 'invalid_grant', 70008],
    ['throttled', 429, 'temporarily_unavailable', 90055],
    ['unavailable', 503, 'temporarily_unavailable', 90033],
    ['serverError', 500, 'server_error', 90020],
  ])('%s refuses the request', async (fault, status, error, code) => {
    const authorizationCode = await codeFor('alice')
    entra.next(fault)
    const answer = await askToken({ code: authorizationCode })
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ error, error_codes: [code] })
  })

  it('carry what they were given', async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
    entra.next('interactionRequired', { claims })
    expect((await askToken({ code: await codeFor('alice') })).body).toMatchObject({ suberror: 'basic_action', claims })
    entra.next('throttled', { retryAfter: 7 })
    expect((await askToken({ code: await codeFor('alice') })).headers['retry-after']).toBe('7')
    entra.next('notJson')
    const answer = await send(`${entra.url}/${directory.home.id}/oauth2/v2.0/token`, { method: 'POST' })
    expect(answer.text).toContain('<html>')
  })

  it('of a user sign-in wait while the application asks for itself', async () => {
    entra.next('wrongNonce')
    const own = await askToken({ grant_type: 'client_credentials', scope: `${graphUrl}/.default` })
    expect(own.status).toBe(200)
    expect(await claimsOf('alice')).toMatchObject({ nonce: expect.not.stringMatching(/^the nonce$/) })
  })
})

describe('keys and tokens', () => {
  it('sign with a new key after a rotation, and still publish the old one', async () => {
    const before = (await askToken({ code: await codeFor('alice') })).body.id_token ?? ''
    await entra.rotateKeys()
    const after = (await askToken({ code: await codeFor('alice') })).body.id_token ?? ''
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    await verify(before)
    await verify(after)
  })

  it('give no refresh token unless it is asked for', async () => {
    const { body } = await askToken({ code: await codeFor('alice', { scope: 'openid profile User.Read' }) })
    expect(body).not.toHaveProperty('refresh_token')
  })

  it('show a changed name at the next sign-in', async () => {
    userOf(directory, 'alice').preferredUsername = 'alice.married@contoso.com'
    expect(await claimsOf('alice')).toMatchObject({ preferred_username: 'alice.married@contoso.com' })
  })
})
