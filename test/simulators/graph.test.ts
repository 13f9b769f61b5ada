import { Agent } from 'node:https'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askTls, type TlsAnswer } from './askTls.ts'
import { createCertificateAuthority } from './certificateAuthority.ts'
import { createDirectory, type Directory, groupOf, userOf } from './directory.ts'
import type { ResolvedToken } from './entraId.ts'
import { type SimulatedGraph, startGraph } from './graph.ts'

let agent: Agent
let graph: SimulatedGraph
let directory: Directory
/** Tokens of this test: the simulated Entra ID has tests of its own. */
let tokens: Record<string, ResolvedToken>

beforeAll(async () => {
  const authority = await createCertificateAuthority()
  agent = new Agent({ ca: authority.pem })
  directory = createDirectory()
  graph = await startGraph({
    directory,
    certificate: await authority.issue(),
    resolveToken: (text) => tokens[text],
  })
})

afterAll(async () => {
  agent.destroy()
  await graph.close()
})

beforeEach(() => {
  Object.assign(directory, createDirectory())
  const tokenOf = (key: string, changes: Partial<ResolvedToken> = {}): ResolvedToken => ({
    user: userOf(directory, key),
    app: directory.app,
    scopes: ['User.Read', 'GroupMember.Read.All'],
    roles: [],
    audience: graph.url,
    expired: false,
    ...changes,
  })
  tokens = {
    alice: tokenOf('alice'),
    grace: tokenOf('grace'),
    max: tokenOf('max'),
    expired: tokenOf('alice', { expired: true }),
    foreign: tokenOf('alice', { audience: 'https://graph.microsoft.us' }),
    readerOnly: tokenOf('alice', { scopes: ['User.Read'] }),
    nothing: tokenOf('alice', { scopes: [] }),
    app: tokenOf('alice', { user: undefined, scopes: [] }),
    appReader: tokenOf('alice', { user: undefined, scopes: [], roles: ['Directory.Read.All'] }),
  }
})

afterEach(() => graph.behave())

type Item = Record<string, unknown>
interface Body {
  error?: { code: string; message: string; innerError: Record<string, string> }
  value?: Item[]
  '@odata.count'?: number
  '@odata.nextLink'?: string
  [name: string]: unknown
}

const eventual = { consistencylevel: 'eventual' }

async function get(
  path: string,
  token?: string,
  headers: Record<string, string> = {},
): Promise<Omit<TlsAnswer, 'text'> & { body: Body }> {
  const all = { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const { text, ...answer } = await askTls(agent, new URL(path, graph.url).href, { headers: all })
  return { ...answer, body: JSON.parse(text) }
}

const groups = '/v1.0/me/transitiveMemberOf/microsoft.graph.group'

async function allPages(path: string, token: string): Promise<Body[]> {
  const pages: Body[] = []
  for (let next: string | undefined = path; next !== undefined; ) {
    const { body } = await get(next, token, eventual)
    pages.push(body)
    next = body['@odata.nextLink']
  }
  return pages
}

describe('tokens', () => {
  const cases: [name: string, token: string | undefined, message: RegExp][] = [
    ['none', undefined, /empty/],
    ['an invented one', 'invented', /CompactToken/],
    ['an expired one', 'expired', /expired/],
    ['one of another cloud', 'foreign', /audience/],
  ]
  it.each(cases)('%s is refused with 401', async (_name, token, message) => {
    const { status, body, headers } = await get('/v1.0/me', token)
    expect(status).toBe(401)
    expect(body.error).toMatchObject({
      code: 'InvalidAuthenticationToken',
      message: expect.stringMatching(message),
      innerError: { 'request-id': headers['request-id'] },
    })
    expect(headers['www-authenticate']).toContain('Bearer')
  })
})

describe('the profile', () => {
  it('has what was selected', async () => {
    const { body } = await get('/v1.0/me?$select=displayName,mail', 'alice')
    expect(body).toEqual({
      '@odata.context': expect.stringContaining('#users(displayName,mail)/$entity'),
      displayName: 'Alice Adams',
      mail: 'alice.adams@contoso.com',
    })
    expect((await get('/v1.0/me', 'alice')).body).toMatchObject({
      id: userOf(directory, 'alice').oid,
      userPrincipalName: 'alice@contoso.com',
    })
  })

  it('needs User.Read, a user, and names that exist', async () => {
    expect((await get('/v1.0/me', 'nothing')).body.error?.code).toBe('Authorization_RequestDenied')
    expect((await get('/v1.0/me', 'app')).body.error?.message).toContain('delegated')
    const { status, body } = await get('/v1.0/me?$select=shoeSize', 'alice')
    expect([status, body.error?.code]).toEqual([400, 'BadRequest'])
  })
})

describe('groups of the user', () => {
  it('come with the header and the count only', async () => {
    const select = '$select=id,displayName,onPremisesNetBiosName,onPremisesSamAccountName'
    for (const [path, headers] of [
      [`${groups}?$count=true`, {}],
      [groups, eventual],
    ] as const) {
      const { status, body } = await get(path, 'alice', headers)
      expect([status, body.error?.code]).toEqual([400, 'Request_UnsupportedQuery'])
    }
    const { body } = await get(`${groups}?$count=true&${select}`, 'alice', eventual)
    expect(body['@odata.count']).toBe(5)
    expect(body).not.toHaveProperty('@odata.nextLink')
    expect(body.value).toHaveLength(5)
    expect(body.value).toContainEqual({
      id: groupOf(directory, 'DHCP Operators (on-premises)').id,
      displayName: 'DHCP Operators (on-premises)',
      onPremisesNetBiosName: 'CONTOSO',
      onPremisesSamAccountName: 'DHCP-Operators',
    })
  })

  it('come in pages of 100 unless $top says otherwise, and the header is needed on each', async () => {
    const pages = await allPages(`${groups}?$count=true`, 'grace')
    expect(pages.map(({ value }) => value?.length)).toEqual([100, 100, 50])
    expect(pages.map((page) => page['@odata.count'])).toEqual([250, undefined, undefined])
    const ids = new Set(pages.flatMap(({ value = [] }) => value.map(({ id }) => id)))
    expect(ids.size).toBe(250)
    const next = pages[0]?.['@odata.nextLink'] ?? ''
    expect(new URL(next).origin).toBe(graph.url)
    expect((await get(next, 'grace')).body.error?.code).toBe('Request_UnsupportedQuery')
    const many = await allPages(`${groups}?$count=true&$select=id&$top=999`, 'max')
    expect(many.map(({ value }) => value?.length)).toEqual([999, 999, 502])
  })

  it.each(['0', '1000', 'many'])('refuse a page size of %s', async (top) => {
    const { status, body } = await get(`${groups}?$count=true&$top=${top}`, 'alice', eventual)
    expect([status, body.error?.code]).toEqual([400, 'Request_UnsupportedQuery'])
  })

  it('refuse an invented page token', async () => {
    const { status, body } = await get(`${groups}?$count=true&$skiptoken=invented`, 'alice', eventual)
    expect([status, body.error?.code]).toEqual([400, 'Directory_ExpiredPageToken'])
  })

  it('are ids without names where the permission is missing, and no error', async () => {
    const { status, body } = await get(`${groups}?$count=true&$select=id,displayName`, 'readerOnly', eventual)
    expect(status).toBe(200)
    expect(body.value).toContainEqual({
      '@odata.type': '#microsoft.graph.group',
      id: groupOf(directory, 'DNS Admins').id,
      displayName: null,
    })
    expect((await get(`${groups}?$count=true`, 'nothing', eventual)).status).toBe(403)
  })

  it('show a new name at once', async () => {
    groupOf(directory, 'DNS Admins').displayName = 'DNS Masters'
    const { body } = await get(`${groups}?$count=true&$select=displayName`, 'alice', eventual)
    expect(body.value?.map(({ displayName }) => displayName)).toContain('DNS Masters')
  })

  it('say what the simulation leaves out', async () => {
    expect((await get(`${groups}?$count=true&$filter=securityEnabled eq true`, 'alice', eventual)).status).toBe(501)
  })
})

describe('an application on its own', () => {
  const principal = () => `/v1.0/servicePrincipals(appId='${directory.app.clientId}')`

  it('reads nothing that was not granted', async () => {
    for (const path of [principal(), '/v1.0/groups']) {
      const { status, body } = await get(path, 'app')
      expect([status, body.error?.code]).toEqual([403, 'Authorization_RequestDenied'])
    }
  })

  it('reads its own permissions and the groups of its tenant where it may', async () => {
    const { body } = await get(principal(), 'appReader')
    expect(body).toMatchObject({ appId: directory.app.clientId, appRoleAssignmentRequired: true })
    const grants = await get(`/v1.0/servicePrincipals/${String(body.id)}/oauth2PermissionGrants`, 'appReader')
    expect(grants.body.value).toMatchObject([{ consentType: 'AllPrincipals', scope: 'User.Read GroupMember.Read.All' }])
    expect((await get('/v1.0/groups?$top=5', 'appReader')).body.value).toHaveLength(5)
    expect((await get("/v1.0/servicePrincipals(appId='unknown')", 'appReader')).status).toBe(404)
    expect((await get('/v1.0/servicePrincipals/unknown/oauth2PermissionGrants', 'appReader')).status).toBe(404)
    expect((await get('/v1.0/devices', 'appReader')).body.error?.code).toBe('BadRequest')
  })
})

describe('faults on demand', () => {
  it('throttle with and without Retry-After, and end', async () => {
    graph.throttle({ retryAfter: 3 })
    graph.throttle()
    const first = await get('/v1.0/me', 'alice')
    expect([first.status, first.headers['retry-after'], first.body.error?.code]).toEqual([429, '3', 'TooManyRequests'])
    const second = await get('/v1.0/me', 'alice')
    expect([second.status, second.headers['retry-after']]).toEqual([429, undefined])
    expect((await get('/v1.0/me', 'alice')).status).toBe(200)
  })

  it('refuse groups or the profile alone', async () => {
    graph.faults.forbidGroups = true
    expect((await get(`${groups}?$count=true`, 'alice', eventual)).body.error?.code).toBe('Authorization_RequestDenied')
    expect((await get('/v1.0/me', 'alice')).status).toBe(200)
    graph.faults.forbidProfile = true
    expect((await get('/v1.0/me', 'alice')).status).toBe(403)
  })
})
