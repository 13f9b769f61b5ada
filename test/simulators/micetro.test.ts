import { Agent } from 'node:https'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askTls } from './askTls.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type ServerCertificate,
} from './certificateAuthority.ts'
import { type SimulatedMicetro, startMicetro } from './micetro.ts'
import { allReleases, behaviourOf, usualRelease } from './micetroReleases.ts'
import { administrators, allUsers, userAdministrators } from './micetroStore.ts'

const apiUser = 'entra-sign-in'
const apiPassword = 'the password of the API account'
const comment = { saveComment: 'Entra ID sign-in: alice@contoso.com' }

let authority: CertificateAuthority
let certificate: ServerCertificate
let agent: Agent
let micetro: SimulatedMicetro

beforeAll(async () => {
  authority = await createCertificateAuthority()
  certificate = await authority.issue()
  agent = new Agent({ ca: authority.pem, keepAlive: false })
})

beforeEach(async () => {
  micetro = await startMicetro({ certificate, apiUser, apiPassword, signInUrl: 'http://localhost:7071/login' })
})

afterEach(() => micetro.close())
afterAll(() => agent.destroy())

interface Reply {
  status: number
  text: string
  body: unknown
}

interface Sent {
  node?: number
  body?: unknown
  headers?: Record<string, string>
}

/** Sends the path as it is written: what is percent-encoded, and what is not, is part of these tests. */
async function call(method: string, path: string, { node = 0, body, headers }: Sent = {}): Promise<Reply> {
  const { status, text } = await askTls(agent, micetro.apiUrls[node] + path, {
    method,
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status, text, body: text === '' ? undefined : JSON.parse(text) }
}

async function logIn(node = 0): Promise<Record<string, string>> {
  const { body } = await call('POST', '/micetro/sessions', {
    node,
    body: { loginName: apiUser, password: apiPassword },
  })
  const { session } = (body as { result: { session: string } }).result
  return { authorization: `Bearer ${session}` }
}

const basic = (user = apiUser, password = apiPassword): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

const error = (code: unknown, message: unknown) => ({ error: { code, message } })
const refused = (message: RegExp) => error(expect.any(Number), expect.stringMatching(message))
const alice = { name: 'alice@contoso.com', fullName: 'Alice', email: 'alice@contoso.com' }
const newAlice = { user: { ...alice, authenticationType: 'External', externalID: 'sub-of-alice' }, ...comment }

function addAlice(): string {
  return micetro.store.addUser({ ...alice, externalID: 'sub-of-alice' }).ref
}

describe('log-in', () => {
  it('gives a session where there are sessions', async () => {
    expect((await call('GET', '/Groups?limit=1', { headers: await logIn() })).status).toBe(200)
    micetro.behaviour.bearer = false
    expect((await call('GET', '/Groups?limit=1', { headers: await logIn() })).status).toBe(401)
    micetro.behaviour.sessions = false
    const missing = await call('POST', '/micetro/sessions', { body: { loginName: apiUser, password: apiPassword } })
    expect(missing).toMatchObject({ status: 404, body: error(16544, expect.any(String)) })
  })

  it.each([
    ['a wrong password', { loginName: apiUser, password: 'wrong' }],
    ['an External account', { loginName: 'alice@contoso.com' }],
    ['an unknown name', { loginName: 'nobody', password: '' }],
  ])('refuses %s', async (_, body) => {
    addAlice()
    const answer = await call('POST', '/micetro/sessions', { body })
    expect(answer).toMatchObject({ status: 401, body: refused(/login name or password/) })
  })

  it('knows a session on its own node only, or on every node from 11.0 on', async () => {
    micetro.behaviour.sessionScope = 'node'
    const headers = await logIn(0)
    const elsewhere = await call('GET', '/Groups', { node: 1, headers })
    expect(elsewhere).toMatchObject({ status: 401, body: refused(/session/) })
    micetro.behaviour.sessionScope = 'all'
    expect((await call('GET', '/Groups', { node: 1, headers })).status).toBe(200)
  })

  it('ends sessions when told, and those of a node that stops', async () => {
    micetro.behaviour.sessionScope = 'node'
    const first = await logIn(0)
    micetro.sessions.expire()
    expect((await call('GET', '/Groups', { headers: first })).status).toBe(401)
    const [own, other] = [await logIn(0), await logIn(1)]
    await micetro.nodes[0]?.stop()
    await micetro.nodes[0]?.start()
    expect((await call('GET', '/Groups', { node: 0, headers: own })).status).toBe(401)
    expect((await call('GET', '/Groups', { node: 1, headers: other })).status).toBe(200)
  })

  it('takes Basic unless it is disabled', async () => {
    expect((await call('GET', '/Groups', { headers: basic() })).status).toBe(200)
    expect((await call('GET', '/Groups', { headers: basic(apiUser, 'wrong') })).status).toBe(401)
    micetro.behaviour.basic = false
    expect((await call('GET', '/Groups', { headers: basic() })).status).toBe(401)
  })

  it('takes the session as an argument, but no empty one beside a header', async () => {
    const headers = await logIn()
    const session = headers.authorization?.slice('Bearer '.length)
    expect((await call('GET', `/Groups?limit=1&session=${session}`)).status).toBe(200)
    expect((await call('GET', '/Groups?limit=1&session=', { headers })).status).toBe(401)
  })
})

describe('lists', () => {
  const users = async (query: string): Promise<Reply> => call('GET', `/Users?${query}`, { headers: basic() })

  it('are filtered by the whole name, by its beginning and by several conditions', async () => {
    addAlice()
    const one = await users('filter=name%3Dalice%40contoso.com')
    expect(one.body).toMatchObject({ result: { users: [{ name: 'alice@contoso.com' }], totalResults: 1 } })
    const two = await users('filter=name%3D%5Ea')
    expect(two.body).toMatchObject({ result: { totalResults: 3 } })
    const three = await users('filter=name%3D%5Ea%26authenticationType%3DAD')
    expect(three.body).toMatchObject({ result: { users: [{ name: 'adam@contoso.com' }], totalResults: 1 } })
    const byId = await users('filter=externalID%3Dsub-of-alice')
    expect(byId.body).toMatchObject({ result: { users: [{ name: 'alice@contoso.com' }] } })
  })

  it('may ignore case', async () => {
    addAlice()
    expect((await users('filter=name=ALICE@contoso.com')).body).toMatchObject({ result: { totalResults: 1 } })
    micetro.behaviour.ignoresCase = false
    expect((await users('filter=name=ALICE@contoso.com')).body).toMatchObject({ result: { totalResults: 0 } })
  })

  it('do not take a plus for a space', async () => {
    const read = (query: string) => call('GET', `/Groups?filter=${query}`, { headers: basic() })
    expect((await read('name%3DDNS%20Admins')).body).toMatchObject({
      result: { groups: [{ ref: 'Groups/6', name: 'DNS Admins', adIntegrated: false, builtIn: false }] },
    })
    expect((await read('name%3DDNS+Admins')).body).toEqual({ result: { groups: [], totalResults: 0 } })
  })

  it('refuse a filter that an ampersand cut in two, and an unknown property', async () => {
    expect(await users('filter=name%3Dr%26d%40contoso.com')).toMatchObject({ status: 400, body: refused(/filter/) })
    micetro.behaviour.offersExternalId = false
    expect(await users('filter=externalID%3Dx')).toMatchObject({ status: 400, body: refused(/externalID/) })
  })

  it('come in pages', async () => {
    const read = async (path: string) => (await call('GET', path, { headers: basic() })).body
    const page = await read('/Groups?filter=name%3D%5ETeam&offset=248&limit=10')
    expect(page).toMatchObject({ result: { groups: [{ name: 'Team 249' }, { name: 'Team 250' }], totalResults: 250 } })
    expect(await read('/Groups?limit=some')).toEqual(refused(/limit/))
  })

  it('may have fewer objects on a page than asked for, and no total', async () => {
    Object.assign(micetro.behaviour, { pageCap: 100, tellsTotal: false })
    const { body } = await call('GET', '/Groups?offset=200&limit=500', { headers: basic() })
    const { groups, ...rest } = (body as { result: { groups: unknown[] } }).result
    expect([groups.length, rest]).toEqual([58, {}])
    expect((await call('GET', '/Groups?limit=500', { headers: basic() })).text.match(/"Groups\/\d+"/g)).toHaveLength(
      100,
    )
  })

  it('show users with or without their groups, never with a password', async () => {
    addAlice()
    const groups = [{ ref: 'Groups/2', objType: 'Groups', name: allUsers }]
    const full = await users('filter=name%3Dalice%40contoso.com')
    expect(full.body).toMatchObject({ result: { users: [{ groups, roles: [] }] } })
    expect((await users('')).text).not.toContain(apiPassword)
    micetro.behaviour.listsShowGroups = false
    expect((await users('filter=name%3Dalice%40contoso.com')).text).not.toContain('groups')
  })

  it('tell built-in groups by a flag in one of two spellings, or by the name only', async () => {
    const read = async () => (await call('GET', '/Groups?limit=1', { headers: basic() })).body
    micetro.behaviour.builtInFlag = 'builtin'
    expect(await read()).toMatchObject({ result: { groups: [{ name: administrators, builtin: true }] } })
    micetro.behaviour.builtInFlag = 'absent'
    expect(JSON.stringify(await read())).not.toMatch(/"builtin"/i)
    micetro.behaviour.builtInSuffix = false
    expect(await read()).toMatchObject({ result: { groups: [{ name: 'Administrators' }] } })
  })
})

describe('one object', () => {
  it('has its memberships below its own reference', async () => {
    const ref = addAlice()
    micetro.store.setMemberships(ref, ['NOC'])
    const { body } = await call('GET', `/${ref}/Groups`, { headers: basic() })
    expect(body).toMatchObject({ result: { groups: [{ name: allUsers }, { name: 'NOC' }] } })
  })

  it.each([
    ['PUT', '/Users/Users/999', 2049],
    ['GET', '/Users/999/Groups', 2049],
    ['PUT', '/Groups/6/Users/999', 2049],
    ['PUT', '/Groups/999/Users/1', 2049],
    ['GET', '/DNSZones', 16544],
    ['DELETE', '/Groups/Groups/6', 16544],
    ['DELETE', '/Users/Users/1', 16544],
  ])('that does not exist is told from a resource that does not: %s %s', async (method, path, code) => {
    const answer = await call(method, path, { headers: basic(), body: comment })
    expect(answer).toMatchObject({ status: 404, body: error(code, expect.any(String)) })
  })
})

describe('a creation', () => {
  const create = (body: unknown = newAlice) => call('POST', '/Users', { headers: basic(), body })

  it('answers in three forms', async () => {
    expect(await create()).toMatchObject({ status: 201, body: { result: { ref: 'Users/6' } } })
    micetro.store.removeUser('Users/6')
    micetro.behaviour.createAnswer = 'objRefs'
    expect(await create()).toMatchObject({ status: 201, body: { result: { objRefs: ['Users/7'] } } })
    micetro.store.removeUser('Users/7')
    micetro.behaviour.createAnswer = 'none'
    expect(await create()).toMatchObject({ status: 201, text: '' })
    expect(micetro.store.user('alice@contoso.com')).toMatchObject({ ref: 'Users/8', externalID: 'sub-of-alice' })
  })

  it('ignores groups in its body; the new account is in All users', async () => {
    await create({ ...newAlice, user: { ...newAlice.user, groups: [{ ref: 'Groups/6' }] } })
    expect(micetro.store.memberships('alice@contoso.com')).toEqual([allUsers])
  })

  it('of a name that exists is refused, whoever has it', async () => {
    const taken = { ...newAlice, user: { ...newAlice.user, name: 'IAN@contoso.com' } }
    expect(await create(taken)).toMatchObject({ status: 400, body: refused(/already exists/) })
    micetro.behaviour.ignoresCase = false
    expect((await create(taken)).status).toBe(201)
  })

  it('at the same time on two nodes makes one account', async () => {
    const send = (node: number) => call('POST', '/Users', { node, headers: basic(), body: newAlice })
    const answers = await Promise.all([send(0), send(1)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400])
  })

  it('with an external id that is not offered is refused, and none is shown', async () => {
    micetro.behaviour.offersExternalId = false
    expect(await create()).toMatchObject({ status: 400, body: refused(/externalID/) })
    expect((await call('GET', '/Users', { headers: basic() })).text).not.toContain('externalID')
  })

  it.each([
    ['no user', comment, /user/],
    ['no name', { ...comment, user: { authenticationType: 'External' } }, /name/],
    ['an unknown type', { ...comment, user: { name: 'x', authenticationType: 'Entra' } }, /authentication type/],
    ['no save comment', { user: newAlice.user }, /save comment/],
  ])('with %s is refused', async (_, body, message) => {
    expect(await create(body)).toMatchObject({ status: 400, body: refused(message) })
  })
})

describe('a change', () => {
  const list = [{ name: 'fullName', value: 'Alice A.' }]
  const object = { fullName: 'Alice A.' }
  const change = (properties: unknown, rest: object = comment) =>
    call('PUT', '/Users/Users/6', { headers: basic(), body: { ...rest, properties } })

  it.each([
    ['list', list, object],
    ['object', object, list],
  ] as const)('takes properties as %s, and refuses the other form when told so', async (form, taken, other) => {
    addAlice()
    micetro.behaviour.propertyForms = form
    expect(await change(taken)).toMatchObject({ status: 204, text: '' })
    expect(micetro.store.user('alice@contoso.com')?.fullName).toBe('Alice A.')
    expect((await change(other)).status).toBe(400)
  })

  it('cannot give another name', async () => {
    addAlice()
    expect(await change({ name: 'alicia@contoso.com' })).toMatchObject({ status: 400, body: refused(/name/) })
  })

  it('leaves what it does not name, and may answer with a body', async () => {
    addAlice()
    micetro.behaviour.doneStatus = 200
    expect(await change(list)).toMatchObject({ status: 200, body: { result: {} } })
    expect(micetro.store.user('alice@contoso.com')).toMatchObject({ fullName: 'Alice A.', email: 'alice@contoso.com' })
  })

  it('needs a save comment', async () => {
    addAlice()
    expect(await change(object, {})).toMatchObject({ status: 400, body: refused(/save comment/) })
  })
})

describe('memberships', () => {
  const send = (method: string, path: string) => call(method, path, { headers: basic(), body: comment })

  it('are added and removed, and both may be repeated', async () => {
    const ref = addAlice()
    expect((await send('PUT', `/Groups/6/${ref}`)).status).toBe(204)
    expect((await send('PUT', `/Groups/6/${ref}`)).status).toBe(204)
    expect(micetro.store.memberships(ref)).toEqual([allUsers, 'DNS Admins'])
    expect((await send('DELETE', `/Groups/6/${ref}`)).status).toBe(204)
    expect((await send('DELETE', `/Groups/6/${ref}`)).status).toBe(204)
    expect(micetro.store.memberships(ref)).toEqual([allUsers])
  })

  it('that exist already answer in three ways', async () => {
    const ref = addAlice()
    micetro.store.setMemberships(ref, ['DNS Admins'])
    micetro.behaviour.repeatedMember = 200
    expect(await send('PUT', `/Groups/6/${ref}`)).toMatchObject({ status: 200, body: { result: {} } })
    micetro.behaviour.repeatedMember = 'error'
    expect(await send('PUT', `/Groups/6/${ref}`)).toMatchObject({ status: 400, body: refused(/already a member/) })
  })

  it('that do not exist answer in three ways when they are removed', async () => {
    const ref = addAlice()
    micetro.behaviour.repeatedRemoval = 404
    expect(await send('DELETE', `/Groups/6/${ref}`)).toMatchObject({
      status: 404,
      body: error(2049, expect.any(String)),
    })
    micetro.behaviour.repeatedRemoval = 'error'
    expect(await send('DELETE', `/Groups/6/${ref}`)).toMatchObject({ status: 400, body: refused(/not a member/) })
  })

  it('of a read-only group cannot be changed', async () => {
    const ref = addAlice()
    Object.assign(micetro.store.group('DNS Admins') ?? {}, { readOnly: true })
    expect(await send('PUT', `/Groups/6/${ref}`)).toMatchObject({ status: 400, body: refused(/another system/) })
    expect(await send('DELETE', `/Groups/6/${ref}`)).toMatchObject({ status: 403, body: refused(/another system/) })
  })

  it('in built-in groups cannot be changed', async () => {
    const ref = addAlice()
    for (const method of ['PUT', 'DELETE']) {
      expect(await send(method, `/Groups/2/${ref}`)).toMatchObject({ status: 400, body: refused(/built-in/) })
    }
    expect(micetro.store.memberships(ref)).toEqual([allUsers])
  })
})

describe('permissions and the audit log', () => {
  it('an account without the permission reads groups only', async () => {
    const ref = addAlice()
    micetro.store.setMemberships(apiUser, [])
    const send = (method: string, path: string) => call(method, path, { headers: basic(), body: newAlice })
    for (const [method, path] of [
      ['GET', '/Users'],
      ['GET', `/${ref}/Groups`],
      ['POST', '/Users'],
      ['PUT', `/Groups/6/${ref}`],
    ] as const) {
      expect(await send(method, path)).toMatchObject({ status: 403, body: refused(/users\/groups\/roles/) })
    }
    expect((await send('GET', '/Groups')).status).toBe(200)
    micetro.store.setMemberships(apiUser, [userAdministrators])
    expect((await send('GET', '/Users')).status).toBe(200)
  })

  it('every attempted change is recorded', async () => {
    const ref = addAlice()
    await call('DELETE', `/Groups/6/${ref}`, { node: 1, headers: basic(), body: comment })
    await call('PUT', `/Groups/6/${ref}`, { headers: basic() })
    await call('GET', '/Users?limit=1', { headers: basic() })
    expect(micetro.store.audit).toMatchObject([
      { node: 1, method: 'DELETE', path: `Groups/6/${ref}`, who: apiUser, ...comment, status: 204 },
      { node: 0, method: 'PUT', path: `Groups/6/${ref}`, who: apiUser, saveComment: undefined, status: 400 },
    ])
    expect(micetro.store.reads).toMatchObject([
      { node: 0, method: 'GET', path: 'Users', query: { limit: '1' }, who: apiUser, status: 200 },
    ])
  })

  it('system settings are read by anyone', async () => {
    const { body } = await call('POST', '/commands/GetSystemSettings', { headers: basic(), body: {} })
    expect(body).toEqual({ result: { systemSettings: [{ name: 'enableExternalAuthentication', value: '1' }] } })
  })

  it('the definition tells the version and the properties', async () => {
    const read = async () => (await call('GET', '/swagger.json')).body
    expect(await read()).toMatchObject({
      info: { version: behaviourOf(usualRelease).version },
      definitions: { User: { properties: { externalID: {} } }, Group: { properties: { builtIn: {} } } },
    })
    micetro.behaviour.offersExternalId = false
    micetro.behaviour.version = '10.5.1'
    expect(await read()).toMatchObject({ info: { version: '10.5.1' } })
    expect(JSON.stringify(await read())).not.toContain('externalID')
  })
})

describe('a body', () => {
  const name = 'Jürgen Größe'
  const create = (type: string) =>
    call('POST', '/Users', {
      headers: { ...basic(), 'content-type': type },
      body: { user: { name: 'jg@contoso.com', fullName: name, authenticationType: 'External' }, ...comment },
    })
  const read = () => micetro.store.user('jg@contoso.com')?.fullName

  it.each([
    ['latin1', 'application/json', Buffer.from(name).toString('latin1')],
    ['latin1', 'application/json; charset=utf-8', name],
    ['utf8', 'application/json', name],
  ] as const)('is read as %s when it is called %s', async (charset, type, expected) => {
    micetro.behaviour.bodyCharset = charset
    await create(type)
    expect(read()).toBe(expected)
  })

  it('that is empty must name no charset before 10.5.2', async () => {
    const headers = { ...basic(), 'content-type': 'application/json; charset=utf-8' }
    expect((await call('GET', '/Groups?limit=1', { headers })).status).toBe(200)
    micetro.behaviour.faultOfEmptyBodies = true
    expect((await call('GET', '/Groups?limit=1', { headers })).status).toBe(400)
    expect((await call('GET', '/Groups?limit=1', { headers: basic() })).status).toBe(200)
  })
})

describe('a release', () => {
  it.each(allReleases)('%s tells its version, and External IDs where it has them', async (release) => {
    micetro.become(release)
    const { version, offersExternalId, offersGroupExternalId, offersAuthenticator } = behaviourOf(release)
    const { text } = await call('GET', '/swagger.json')
    const { info, definitions } = JSON.parse(text) as {
      info: object
      definitions: Record<string, { properties: object }>
    }
    expect(info).toMatchObject({ version })
    expect(version.startsWith(release)).toBe(true)
    expect(['externalID', 'authenticator'].map((name) => name in (definitions.User?.properties ?? {}))).toEqual([
      offersExternalId,
      offersAuthenticator,
    ])
    expect('externalID' in (definitions.Group?.properties ?? {})).toBe(offersGroupExternalId)
  })
})

describe('nodes', () => {
  it('stop and start again on their port, and misbehave one by one', async () => {
    const [first] = micetro.nodes
    const headers = basic()
    await first?.stop()
    await expect(call('GET', '/Groups', { node: 0, headers })).rejects.toThrow(/ECONNREFUSED/)
    expect((await call('GET', '/Groups', { node: 1, headers })).status).toBe(200)
    await first?.start()
    first?.misbehave({ kind: 'status', status: 503, body: '{}' })
    expect((await call('GET', '/Groups', { node: 0, headers })).status).toBe(503)
    first?.misbehave({ kind: 'drop' })
    await expect(call('GET', '/Groups', { node: 0, headers })).rejects.toThrow()
    expect((await call('GET', '/Groups', { node: 0, headers })).status).toBe(200)
  })
})

describe('the page', () => {
  const open = async (path = ''): Promise<{ status: number; page: string; headers: Headers }> => {
    const answer = await fetch(micetro.webUrl + path)
    return { status: answer.status, page: await answer.text(), headers: answer.headers }
  }
  const lookUp = (name = 'alice%40contoso.com') => call('GET', `/Users?filter=name%3D${name}`, { headers: basic() })
  const put = (path: string, body: object = {}) =>
    call('PUT', path, { headers: basic(), body: { ...comment, ...body } })
  /** The text inside the element with the test id. */
  const part = (page: string, id: string): string =>
    new RegExp(`<(\\w+)[^>]*data-testid="${id}"[^>]*>(.*?)</\\1>`, 's')
      .exec(page)?.[2]
      ?.replace(/<[^>]+>/g, '')
      .replace(/\s+/g, ' ')
      .trim() ?? ''

  it('names itself, runs no script and offers to sign in', async () => {
    const { page, headers } = await open()
    expect(part(page, 'product')).toBe('Simulated Micetro')
    expect(part(page, 'nobody')).toContain('Once somebody signs in')
    expect(page).toContain('href="http://localhost:7071/login"')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect((await open('elsewhere')).status).toBe(404)
  })

  it('shows a first sign-in: what was created and added', async () => {
    await lookUp()
    await call('POST', '/Users', { headers: basic(), body: newAlice })
    await put('/Groups/6/Users/6')
    const { page } = await open()
    expect(part(page, 'account-name')).toBe('alice@contoso.com')
    expect(part(page, 'account-type')).toBe('External')
    expect(part(page, 'account-external-id')).toBe('sub-of-alice')
    expect(part(page, 'memberships')).toBe('All users (built-in) DNS Admins')
    expect(part(page, 'changes')).toBe('New The account was created Added to DNS Admins')
  })

  it('shows what a later one changed, markup and all, and that the next one changed nothing', async () => {
    const ref = addAlice()
    micetro.store.setMemberships(ref, ['NOC'])
    await lookUp()
    await put(`/Users/${ref}`, { properties: { fullName: '<b>Alice' } })
    await call('DELETE', `/Groups/7/${ref}`, { headers: basic(), body: comment })
    const { page } = await open()
    expect(part(page, 'changes')).toBe('Changed Full name: Alice → &lt;b&gt;Alice Removed from NOC')
    expect(part(page, 'full-name')).toBe('&lt;b&gt;Alice')
    await lookUp()
    expect(part((await open()).page, 'changes')).toBe('Nothing changed')
  })

  it('keeps one sign-in together when the account has to be looked up again', async () => {
    micetro.behaviour.createAnswer = 'none'
    await lookUp()
    await call('POST', '/Users', { headers: basic(), body: newAlice })
    await lookUp()
    await put('/Groups/6/Users/6')
    expect(part((await open()).page, 'changes')).toBe('New The account was created Added to DNS Admins')
    await lookUp()
    expect(part((await open()).page, 'changes')).toBe('Nothing changed')
  })

  it('follows a person whose name has changed, and leaves out accounts that are not External', async () => {
    const ref = addAlice()
    await lookUp('alicia%40contoso.com')
    await call('GET', '/Users?filter=externalID%3Dsub-of-alice', { headers: basic() })
    await put(`/Users/${ref}`, {
      properties: { email: 'alicia@contoso.com' },
      saveComment: 'Entra ID sign-in: alicia@contoso.com',
    })
    await lookUp('ian%40contoso.com')
    const { page } = await open()
    expect(part(page, 'account-name')).toBe('alice@contoso.com')
    expect(part(page, 'changes')).toBe('Changed E-mail: alice@contoso.com → alicia@contoso.com')
  })
})
