import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGroup, groupOf, pairwiseSubject, userOf } from '../simulators/directory.ts'
import type { MicetroBehaviour } from '../simulators/micetroBehaviour.ts'
import { behaviourOf, chosenRelease, usualRelease } from '../simulators/micetroReleases.ts'
import { allUsers } from '../simulators/micetroStore.ts'
import { expectNoSecrets } from './noSecrets.ts'
import { behave, forget, type Stage, shownError, signIn, startStage } from './stage.ts'
import { UserAgent } from './userAgent.ts'

/** Named by releases.test.ts, which runs these tests once more for each of the others. */
const release = chosenRelease()
const has = behaviourOf(release)

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ release })
})
afterAll(() => stage.close())

beforeEach(() => {
  const { micetro } = stage.world
  behave(stage)
  Object.assign(micetro.behaviour, has)
  for (const group of micetro.store.groups.values()) group.readOnly = false
  for (const user of [...micetro.store.users.values()]) {
    if (user.authenticationType === 'External') micetro.store.removeUser(user.ref)
  }
  forget(stage)
})

const store = () => stage.world.micetro.store
const writes = () => store().audit.map(({ method, path }) => `${method} ${path}`)
const joined = (name: string) => store().memberships(name)

describe('a first sign-in', () => {
  test('creates an External account with full name, mail and external id, joins the matching groups, and lands at Micetro', async () => {
    const done = await signIn(stage, 'alice')
    expect(done.status).toBe(303)
    expect(done.location).toBe(stage.world.micetro.webUrl)
    const { directory } = stage.world
    expect(store().user('alice@contoso.com')).toMatchObject({
      authenticationType: 'External',
      fullName: 'Alice Adams',
      email: 'alice.adams@contoso.com',
      externalID: has.offersExternalId ? pairwiseSubject(userOf(directory, 'alice'), directory.app.clientId) : '',
      authenticator: has.offersAuthenticator ? 'Microsoft' : '',
    })
    expect(joined('alice@contoso.com')).toEqual(
      [allUsers, 'CONTOSO\\DHCP-Operators', 'DNS Admins', 'IPAM Readers'].sort(),
    )
  })

  test('sends a save comment that names the person with every change', async () => {
    await signIn(stage, 'alice')
    const comments = new Set(store().audit.map(({ saveComment }) => saveComment))
    expect([...comments]).toEqual(['Entra ID sign-in: alice@contoso.com'])
  })

  test('of a user without groups creates the account and leaves it in the built-in group only', async () => {
    expect((await signIn(stage, 'nora')).status).toBe(303)
    expect(joined('nora@contoso.com')).toEqual([allUsers])
  })

  test('of a guest takes the mail address of Graph, not the sign-in name', async () => {
    await signIn(stage, 'gina')
    expect(store().user('gina@fabrikam.example')?.email).toBe('gina.grant@mail.example')
  })

  test.each(['grace', 'max'])('brings all groups of %s', async (key) => {
    const user = userOf(stage.world.directory, key)
    for (const { displayName } of user.groups) {
      if (store().group(displayName) === undefined) store().addGroup({ name: displayName })
    }
    await stage.restart()
    expect((await signIn(stage, key)).status).toBe(303)
    expect(joined(user.preferredUsername)).toHaveLength(user.groups.length + 1)
  })

  test('of fifty browsers at once makes one account and no error page', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => signIn(stage, 'alice')))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([303]))
    expect([...store().users.values()].filter(({ name }) => name === 'alice@contoso.com')).toHaveLength(1)
    expect(joined('alice@contoso.com')).toHaveLength(4)
  })
})

describe('a later sign-in', () => {
  test('with nothing changed writes nothing: one token call, then Graph and Micetro side by side', async () => {
    await signIn(stage, 'alice')
    await signIn(stage, 'alice')
    forget(stage)
    expect((await signIn(stage, 'alice')).status).toBe(303)
    expect(writes()).toEqual([])
    const { entra, graph, micetro } = stage.world
    expect(entra.requests.filter(({ path }) => path.endsWith('/token'))).toHaveLength(1)
    expect(entra.requests.filter(({ path }) => /keys|openid-configuration/.test(path))).toEqual([])
    expect(graph.requests.map(({ path }) => path).sort()).toEqual([
      '/v1.0/me',
      '/v1.0/me/transitiveMemberOf/microsoft.graph.group',
    ])
    // One call more where a list has no total, and one where it leaves the memberships out.
    const calls = ['Users', ...(has.tellsTotal ? [] : ['Users']), ...(has.listsShowGroups ? [] : ['Users/:ref/Groups'])]
    expect(
      micetro.nodes.flatMap(({ requests }) =>
        requests.map(({ path }) => path.replace('/mmws/api/', '').replace(/\d+/, ':ref')),
      ),
    ).toEqual(calls)
  })

  test('asks Micetro while Graph has not answered yet', async () => {
    stage.world.graph.misbehave({ kind: 'slow', milliseconds: 2500 }, { times: 2 })
    let settled = false
    const done = signIn(stage, 'nora').finally(() => {
      settled = true
    })
    const asked = () =>
      stage.world.micetro.nodes.some(({ requests }) => requests.some(({ path }) => path.endsWith('/Users')))
    // One after the other, Micetro would be asked after the slow answers only.
    await expect.poll(asked, { timeout: 2000 }).toBe(true)
    expect(settled).toBe(false)
    expect((await done).status).toBe(303)
  })

  test('changes full name and mail, adds and removes memberships, and touches no built-in group', async () => {
    await signIn(stage, 'alice')
    const account = store().user('alice@contoso.com')
    if (account === undefined) throw new Error('no account')
    Object.assign(account, { fullName: 'Old', email: 'old@contoso.com' })
    store().setMemberships(account.ref, ['NOC', 'DNS Admins', 'Administrators (built-in)'])
    forget(stage)
    await signIn(stage, 'alice')
    expect(account).toMatchObject({ fullName: 'Alice Adams', email: 'alice.adams@contoso.com' })
    expect(joined(account.ref)).toEqual(
      ['Administrators (built-in)', allUsers, 'CONTOSO\\DHCP-Operators', 'DNS Admins', 'IPAM Readers'].sort(),
    )
    const noc = store().group('NOC')?.ref
    // Right behind the properties, whose form a release may refuse once: rights are taken before rights are given.
    expect(writes().find((each) => !each.startsWith('PUT Users'))).toBe(`DELETE ${noc}/${account.ref}`)
  })

  test.runIf(has.offersExternalId)('of a renamed person finds the account by its external id', async () => {
    await signIn(stage, 'alice')
    const alice = userOf(stage.world.directory, 'alice')
    alice.preferredUsername = 'alice.brown@contoso.com'
    try {
      forget(stage)
      expect((await signIn(stage, 'alice')).status).toBe(303)
      expect(store().user('alice.brown@contoso.com')).toBeUndefined()
      expect(writes()).toEqual([])
    } finally {
      alice.preferredUsername = 'alice@contoso.com'
    }
  })

  test.runIf(has.offersExternalId)('fills in an external id that is missing', async () => {
    store().addUser({ name: 'nora@contoso.com', fullName: 'Nora Nilsson', email: 'nora.nilsson@contoso.com' })
    await signIn(stage, 'nora')
    const { directory } = stage.world
    expect(store().user('nora@contoso.com')?.externalID).toBe(
      pairwiseSubject(userOf(directory, 'nora'), directory.app.clientId),
    )
  })
})

describe('refused with a page, and nothing is written', () => {
  const cases: [
    why: string,
    user: string,
    type: 'Internal' | 'AD' | 'RADIUS' | 'External',
    id: string,
    code: string,
  ][] = [
    ['an Internal account of the same name', 'nora', 'Internal', '', 'name_collision'],
    ['an AD account of the same name', 'nora', 'AD', '', 'name_collision'],
    ['a RADIUS account of the same name', 'nora', 'RADIUS', '', 'name_collision'],
    [
      'an External account of the same name and another external id',
      'nora',
      'External',
      'somebody-else',
      'external_id_conflict',
    ],
  ]
  const possible = cases.filter(([, , , externalID]) => has.offersExternalId || externalID === '')
  test.each(possible)('%s', async (_why, user, authenticationType, externalID, code) => {
    const { preferredUsername } = userOf(stage.world.directory, user)
    const account = store().addUser({ name: preferredUsername, authenticationType, externalID })
    try {
      const done = await signIn(stage, user)
      expect([done.status, shownError(done)]).toEqual([409, code])
      expect(writes()).toEqual([])
    } finally {
      store().removeUser(account.ref)
    }
  })

  test('the sample user whose name belongs to an Internal account', async () => {
    expect(shownError(await signIn(stage, 'ian'))).toBe('name_collision')
    expect(writes()).toEqual([])
  })
})

describe('when the groups are not known, the memberships stay and the sign-in goes on', () => {
  const groupsPath = /transitiveMemberOf/
  const cases: [why: string, arrange: () => void][] = [
    [
      'Graph breaks off on page two',
      () => stage.world.graph.misbehave({ kind: 'cutOff' }, { path: /skiptoken/, times: Number.POSITIVE_INFINITY }),
    ],
    [
      'Graph fails on page two',
      () =>
        stage.world.graph.misbehave(
          { kind: 'status', status: 500 },
          { path: /skiptoken/, times: Number.POSITIVE_INFINITY },
        ),
    ],
    [
      'Graph refuses',
      () => stage.world.graph.misbehave({ kind: 'status', status: 403, body: '{}' }, { path: groupsPath }),
    ],
    [
      'Graph is throttled for long',
      () =>
        stage.world.graph.misbehave(
          { kind: 'status', status: 429, headers: { 'retry-after': '120' } },
          { path: groupsPath },
        ),
    ],
    [
      'Graph drops every connection',
      () => stage.world.graph.misbehave({ kind: 'drop' }, { times: Number.POSITIVE_INFINITY }),
    ],
    [
      'Graph answers with a page of a proxy',
      () => stage.world.graph.misbehave({ kind: 'status', status: 200, body: '<html>' }, { path: groupsPath }),
    ],
    [
      'Graph answers without a list',
      () => stage.world.graph.misbehave({ kind: 'status', status: 200, body: '{}' }, { path: groupsPath }),
    ],
    [
      'the next page lies on another host',
      () =>
        stage.world.graph.misbehave(
          { kind: 'status', status: 200, body: '{"value":[],"@odata.nextLink":"https://attacker.example/next"}' },
          { path: groupsPath },
        ),
    ],
  ]
  test.each(cases)('%s', async (_why, arrange) => {
    const max = userOf(stage.world.directory, 'max')
    const account = store().addUser({
      name: max.preferredUsername,
      fullName: max.name,
      email: 'kept@contoso.com',
      externalID: pairwiseSubject(max, stage.world.directory.app.clientId),
    })
    store().setMemberships(account.ref, ['NOC', 'Team 001'])
    arrange()
    expect((await signIn(stage, 'max')).status).toBe(303)
    expect(joined(account.ref)).toEqual([allUsers, 'NOC', 'Team 001'])
    expect(stage.output()).toContain('groups_unread')
  })

  test('a first one too', async () => {
    stage.world.graph.misbehave({ kind: 'drop' }, { times: Number.POSITIVE_INFINITY })
    expect((await signIn(stage, 'alice')).status).toBe(303)
    expect(store().user('alice@contoso.com')?.authenticationType).toBe('External')
    expect(joined('alice@contoso.com')).toEqual([allUsers])
  })

  test('a passing fault is repeated, and the list is whole', async () => {
    stage.world.graph.misbehave({ kind: 'status', status: 429, headers: { 'retry-after': '0' } }, { path: groupsPath })
    stage.world.graph.misbehave({ kind: 'status', status: 503 }, { path: groupsPath })
    await signIn(stage, 'alice')
    expect(joined('alice@contoso.com')).toHaveLength(4)
  })

  test('an unread profile does not replace the mail address', async () => {
    await signIn(stage, 'gina')
    stage.world.graph.misbehave({ kind: 'status', status: 403, body: '{}' }, { path: /\/me\?/ })
    await signIn(stage, 'gina')
    expect(store().user('gina@fabrikam.example')?.email).toBe('gina.grant@mail.example')
  })

  test('names that may not be read: no membership is removed', async () => {
    await signIn(stage, 'alice')
    const { app } = stage.world.directory
    const granted = app.grantedScopes
    app.grantedScopes = ['User.Read']
    store().setMemberships('alice@contoso.com', ['NOC', 'DNS Admins'])
    try {
      expect((await signIn(stage, 'alice')).status).toBe(303)
      expect(joined('alice@contoso.com')).toEqual([allUsers, 'DNS Admins', 'NOC'])
    } finally {
      app.grantedScopes = granted
    }
  })
})

describe('the groups claim', () => {
  test('limits the list to the groups in it', async () => {
    const { directory } = stage.world
    userOf(directory, 'alice').extraClaims = { groups: [groupOf(directory, 'IPAM Readers').id] }
    try {
      await signIn(stage, 'alice')
      expect(joined('alice@contoso.com')).toEqual([allUsers, 'IPAM Readers'])
    } finally {
      userOf(directory, 'alice').extraClaims = {}
    }
  })

  test('in overage does not', async () => {
    const { directory } = stage.world
    directory.app.groupMembershipClaims = 'SecurityGroup'
    userOf(directory, 'alice').forceOverage = true
    try {
      await signIn(stage, 'alice')
      expect(joined('alice@contoso.com')).toHaveLength(4)
    } finally {
      directory.app.groupMembershipClaims = 'none'
      userOf(directory, 'alice').forceOverage = false
    }
  })

  test('that is empty leaves the memberships as they are', async () => {
    await signIn(stage, 'alice')
    store().setMemberships('alice@contoso.com', ['NOC'])
    userOf(stage.world.directory, 'alice').extraClaims = { groups: [] }
    try {
      await signIn(stage, 'alice')
      expect(joined('alice@contoso.com')).toEqual([allUsers, 'NOC'])
    } finally {
      userOf(stage.world.directory, 'alice').extraClaims = {}
    }
  })
})

describe.runIf(release === usualRelease)('Micetro in other shapes', () => {
  const shapes: [name: string, behaviour: Partial<MicetroBehaviour>][] = [
    [
      'an older release: no sessions, objRefs, properties as object',
      { sessions: false, createAnswer: 'objRefs', propertyForms: 'object' },
    ],
    ['creation without a body, lists without groups', { createAnswer: 'none', listsShowGroups: false }],
    ['no externalID, unknown properties refused', { offersExternalId: false }],
    ['built-in flag spelled builtin, answers 200', { builtInFlag: 'builtin', doneStatus: 200, builtInSuffix: false }],
    ['built-in known by the name alone', { builtInFlag: 'absent' }],
    ['case counts, sessions for all nodes', { ignoresCase: false, sessionScope: 'all', repeatedMember: 'error' }],
  ]
  test.each(shapes)('%s', async (_name, behaviour) => {
    Object.assign(stage.world.micetro.behaviour, behaviour)
    await stage.restart()
    expect((await signIn(stage, 'alice')).status).toBe(303)
    const account = store().user('alice@contoso.com')
    if (account === undefined) throw new Error('no account')
    account.fullName = 'Old'
    store().setMemberships(account.ref, ['NOC'])
    expect((await signIn(stage, 'alice')).status).toBe(303)
    expect(account.fullName).toBe('Alice Adams')
    expect(joined(account.ref)).toEqual([allUsers, 'CONTOSO\\DHCP-Operators', 'DNS Admins', 'IPAM Readers'].sort())
  })
})

describe('a group that Micetro keeps read-only', () => {
  const refusals = () =>
    stage
      .output()
      .split('\n')
      .filter((line) => line.includes('"membership_refused"'))

  test('is not joined and named in the log; the others are joined, and the sign-in lands', async () => {
    Object.assign(store().group('DNS Admins') ?? {}, { readOnly: true })
    const before = refusals().length
    const done = await signIn(stage, 'alice')
    expect([done.status, done.location]).toEqual([303, stage.world.micetro.webUrl])
    expect(joined('alice@contoso.com')).toEqual([allUsers, 'CONTOSO\\DHCP-Operators', 'IPAM Readers'])
    const lines = refusals().slice(before)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/"group":"DNS Admins","action":"join","reason":".*another system/)
  })

  test('is not left and named at every sign-in; each lands', async () => {
    await signIn(stage, 'alice')
    store().setMemberships('alice@contoso.com', ['NOC', 'Team 001'])
    Object.assign(store().group('NOC') ?? {}, { readOnly: true })
    for (const _ of [1, 2]) {
      const before = refusals().length
      expect((await signIn(stage, 'alice')).status).toBe(303)
      expect(refusals().slice(before)).toHaveLength(1)
    }
    expect(refusals().at(-1)).toMatch(/"group":"NOC","action":"leave","reason":"Micetro answered 403/)
    expect(joined('alice@contoso.com')).toHaveLength(5)
  })
})

test("a group's own External ID is matched by Entra ID's object id, whatever the group is called", async () => {
  const { externalID } = store().addGroup({
    name: 'Night Shift',
    externalID: groupOf(stage.world.directory, 'Lunch Club').id,
  })
  expect(externalID).not.toBe('')
  await stage.restart()
  await signIn(stage, 'alice')
  expect(joined('alice@contoso.com').includes('Night Shift')).toBe(has.offersGroupExternalId)
  store().removeGroup('Night Shift')
  await stage.restart()
})

test('a name beyond ASCII arrives as it is, and the next sign-in has nothing to mend', async () => {
  const nora = userOf(stage.world.directory, 'nora')
  const before = nora.name
  nora.name = 'Nóra Größe 山田'
  try {
    for (const first of [true, false]) {
      forget(stage)
      await signIn(stage, 'nora')
      expect(store().user('nora@contoso.com')?.fullName).toBe('Nóra Größe 山田')
      expect(writes().length > 0).toBe(first)
    }
  } finally {
    nora.name = before
  }
})

describe('Micetro in trouble', () => {
  test('a session that has ended is renewed once', async () => {
    await signIn(stage, 'nora')
    stage.world.micetro.sessions.expire()
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('the next base address serves when the first one is down', async () => {
    const [first] = stage.world.micetro.nodes
    await first?.stop()
    try {
      expect((await signIn(stage, 'alice')).status).toBe(303)
      expect(joined('alice@contoso.com')).toHaveLength(4)
    } finally {
      await first?.start()
    }
  })

  test('none of them answers: a page, and no half account', async () => {
    for (const node of stage.world.micetro.nodes)
      node.misbehave({ kind: 'status', status: 503 }, { times: Number.POSITIVE_INFINITY })
    const done = await signIn(stage, 'alice')
    expect([done.status, shownError(done)]).toEqual([503, 'micetro_unreachable'])
    expect(store().user('alice@contoso.com')).toBeUndefined()
  })

  test('a sign-in that broke off is completed by the next one', async () => {
    // Forgets that nobody answered a moment ago.
    await stage.restart()
    for (const node of stage.world.micetro.nodes) {
      node.misbehave(
        { kind: 'status', status: 503 },
        { method: 'PUT', path: /Groups/, times: Number.POSITIVE_INFINITY },
      )
    }
    expect((await signIn(stage, 'alice')).status).toBe(503)
    for (const node of stage.world.micetro.nodes) node.behave()
    // A look in the background finds them well again within two seconds.
    await expect.poll(async () => (await signIn(stage, 'alice')).status, { timeout: 10_000 }).toBe(303)
    expect(joined('alice@contoso.com')).toHaveLength(4)
  })

  test.runIf(has.basic)('Basic serves where sessions are refused', async () => {
    for (const node of stage.world.micetro.nodes) {
      node.misbehave(
        { kind: 'status', status: 403, body: '{}' },
        { path: /sessions|Login/, times: Number.POSITIVE_INFINITY },
      )
    }
    await stage.restart()
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('a group that is gone meanwhile does not refuse the sign-in', async () => {
    store().addGroup({ name: 'Network Engineering' })
    await stage.restart()
    await signIn(stage, 'nora')
    store().removeGroup('Network Engineering')
    expect((await signIn(stage, 'alice')).status).toBe(303)
    expect(joined('alice@contoso.com')).toHaveLength(4)
  })
})

test('an account is never deleted, and no call goes beyond the documented ones', async () => {
  await signIn(stage, 'alice')
  await signIn(stage, 'nora', new UserAgent())
  const called = stage.world.micetro.nodes.flatMap(({ requests }) =>
    requests.map(({ method, path }) => `${method} ${path}`),
  )
  const documented =
    /^(POST \/mmws\/api\/(micetro\/sessions|Users)|GET \/mmws\/api\/(Users|Groups|swagger\.json|Users\/\d+\/Groups)|PUT \/mmws\/api\/(Users\/Users\/\d+|Groups\/\d+\/Users\/\d+)|DELETE \/mmws\/api\/Groups\/\d+\/Users\/\d+)$/
  expect(called.filter((each) => !documented.test(each))).toEqual([])
})

test('a Micetro group that differs in case only is matched', async () => {
  const { directory } = stage.world
  const group = createGroup(directory.home, 'noc')
  const nora = userOf(directory, 'nora')
  nora.groups.push(group)
  try {
    await signIn(stage, 'nora')
    expect(joined('nora@contoso.com')).toEqual([allUsers, 'NOC'])
  } finally {
    nora.groups.pop()
  }
})

test('no secret, code, token, verifier, cookie or password is in any line at the most talkative level', () => {
  expectNoSecrets(stage)
})
