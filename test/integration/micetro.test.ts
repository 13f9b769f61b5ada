import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { createMicetro, type Micetro } from '../../shared/micetro/micetro.ts'
import { createOutgoing } from '../../shared/outgoing/http.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'
import { createCertificateAuthority } from '../simulators/certificateAuthority.ts'
import { type SimulatedMicetro, startMicetro } from '../simulators/micetro.ts'
import { allReleases, behaviourOf } from '../simulators/micetroReleases.ts'
import { allUsers } from '../simulators/micetroStore.ts'

const apiUser = 'entra-sync'
const password = 'the password of the API account'
const { signal } = new AbortController()
const write = { saveComment: 'Entra ID sign-in: jürgen@contoso.com', signal }

let server: SimulatedMicetro
let caCertificates = ''

beforeAll(async () => {
  const authority = await createCertificateAuthority()
  caCertificates = authority.pem
  server = await startMicetro({
    certificate: await authority.issue(),
    apiUser,
    apiPassword: password,
    signInUrl: 'http://localhost/login',
  })
})
afterAll(() => server.close())

describe.each(allReleases)('The client at Micetro %s', (release) => {
  const has = behaviourOf(release)
  let vault = password
  let micetro: Micetro

  beforeEach(() => {
    server.become(release)
    for (const node of server.nodes) {
      node.behave()
      node.requests.length = 0
    }
    if (server.store.user('jürgen@contoso.com') !== undefined) server.store.removeUser('jürgen@contoso.com')
    vault = password
    micetro = createMicetro({
      settings: { apiUrls: [...server.apiUrls], apiUser, webUrl: new URL(server.webUrl), caCertificates },
      password: { get: async () => new Secret(vault), refresh: async () => new Secret(vault) },
      send: createOutgoing(caCertificates).send,
      clock: systemClock,
      random: Math.random,
    })
  })

  const sent = () => server.nodes.flatMap(({ requests }) => requests)

  test('is let in once, side by side, and never with the argument "session"', async () => {
    await Promise.all([micetro.groups.get(), micetro.offer.get(), micetro.client.findUsers('name', apiUser, signal)])
    expect(sent().filter(({ path }) => path.endsWith('/sessions'))).toHaveLength(1)
    const refused = sent().filter(({ headers }) => headers.authorization?.startsWith('Bearer') && !has.bearer)
    // Where a session is given and not taken, the calls that were under way are sent again.
    expect(refused.length).toBeLessThanOrEqual(has.sessions ? 3 : 0)
    await micetro.client.listGroups(signal)
    expect(sent().at(-1)?.headers.authorization).toMatch(has.bearer ? /^Bearer / : /^Basic /)
    for (const { query, body } of sent()) expect(query + body).not.toMatch(/\bsession\b/)
  })

  test('reads every group, built-in ones by flag or name, and their External IDs', async () => {
    server.store.addGroup({ name: 'Night Shift', externalID: 'an-object-id' })
    const groups = await micetro.client.listGroups(signal)
    server.store.removeGroup('Night Shift')
    expect(groups).toHaveLength(259)
    expect(groups.filter(({ builtIn }) => builtIn)).toHaveLength(3)
    expect(groups.find(({ name }) => name === 'Night Shift')?.externalId).toBe(
      has.offersGroupExternalId ? 'an-object-id' : undefined,
    )
    expect(await micetro.offer.get()).toMatchObject({
      version: has.version,
      externalId: has.offersExternalId,
      groupExternalId: has.offersGroupExternalId,
      authenticator: has.offersAuthenticator,
    })
  })

  test('makes, changes and finds an account whose names are beyond ASCII', async () => {
    const name = 'jürgen@contoso.com'
    const externalID = has.offersExternalId ? 'sub' : undefined
    await micetro.client.createUser({ name, fullName: 'Jürgen Größe', email: name, externalID }, write)
    const [made] = await micetro.client.findUsers('name', name, signal)
    expect(made).toMatchObject({ name, fullName: 'Jürgen Größe', authenticationType: 'External' })
    for (const fullName of ['山田', 'Größe']) {
      await micetro.client.changeUser(made?.ref ?? '', new Map([['fullName', fullName]]), write)
      expect(server.store.user(name)?.fullName).toBe(fullName)
    }
    // The form of the properties that was refused once is not sent again.
    expect(sent().filter(({ method, path }) => method === 'PUT' && path.includes('Users/Users'))).toHaveLength(
      has.propertyForms === 'object' ? 3 : 2,
    )
  })

  test('adds and removes a member, twice each; a read-only group is refused, by name or by right', async () => {
    const { ref } = server.store.addUser({ name: 'jürgen@contoso.com' })
    const group = server.store.group('NOC')
    if (group === undefined) throw new Error('no group')
    for (const _ of [1, 2]) await micetro.client.addMember(group.ref, ref, write)
    expect(server.store.memberships(ref)).toEqual([allUsers, 'NOC'])
    expect(await micetro.client.groupsOf(ref, signal)).toContain(group.ref)
    for (const _ of [1, 2]) await micetro.client.removeMember(group.ref, ref, write)
    expect(server.store.memberships(ref)).toEqual([allUsers])
    group.readOnly = true
    try {
      expect(await failureIn(() => micetro.client.addMember(group.ref, ref, write))).toMatchObject({
        code: 'micetro_rejected',
        message: expect.stringContaining('another system') as string,
      })
      expect(await failureIn(() => micetro.client.removeMember(group.ref, ref, write))).toMatchObject({
        code: 'micetro_forbidden',
        message: expect.stringContaining('another system') as string,
      })
    } finally {
      group.readOnly = false
    }
  })

  test('goes on at the other node when one stops, with a way in of its own', async () => {
    await micetro.client.listGroups(signal)
    const [first] = server.nodes
    await first?.stop()
    try {
      expect(await micetro.client.listGroups(signal)).toHaveLength(258)
    } finally {
      await first?.start()
    }
  })

  test('tries a wrong password once, however many calls want in, and the right one as soon as it is there', async () => {
    vault = 'wrong'
    const failures = await Promise.all(
      Array.from({ length: 6 }, () => failureIn(() => micetro.client.listGroups(signal))),
    )
    for (const failure of failures)
      expect(failure).toEqual({
        code: 'micetro_credentials',
        user: apiUser,
        refused: has.sessions ? 'log-in' : 'Basic',
      })
    const tries = sent().filter(({ path, headers }) =>
      has.sessions ? path.endsWith('/sessions') : headers.authorization !== undefined,
    )
    expect(tries).toHaveLength(1)
    vault = password
    expect(await micetro.client.listGroups(signal)).toHaveLength(258)
  })
})

test('The client finds its way in again after an upgrade from 10.5 to 25.2, where Basic is disabled', async () => {
  server.become('10.5')
  const micetro = createMicetro({
    settings: { apiUrls: [...server.apiUrls].slice(0, 1), apiUser, webUrl: new URL(server.webUrl), caCertificates },
    password: { get: async () => new Secret(password), refresh: async () => new Secret(password) },
    send: createOutgoing(caCertificates).send,
    clock: systemClock,
    random: Math.random,
    patience: 0,
  })
  await micetro.client.listGroups(signal)
  const [node] = server.nodes
  node?.misbehave({ kind: 'status', status: 503 })
  expect(await failureIn(() => micetro.client.listGroups(signal))).toMatchObject({ code: 'micetro_unreachable' })
  server.become('25.2')
  expect(await micetro.client.listGroups(signal)).toHaveLength(258)
})
