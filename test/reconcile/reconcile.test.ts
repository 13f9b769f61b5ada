import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SavedConfiguration } from '../../shared/configuration/entraConfiguration.ts'
import { createGroup, createUser, type DirectoryUser, deleteUser, groupOf, guidOf } from '../simulators/directory.ts'
import { allUsers } from '../simulators/micetroStore.ts'
import { entryOf, type ReconcileStage, startReconcileStage } from './stage.ts'

let stage: ReconcileStage

beforeAll(async () => {
  stage = await startReconcileStage()
})
afterAll(() => stage.close())
beforeEach(() => stage.reset())

const both = ['DNS Admins', 'NOC']
const store = () => stage.world.micetro.store
const directory = () => stage.world.directory
const configure = (between: SavedConfiguration['between_sign_ins'], more: SavedConfiguration = {}) => {
  stage.configured = { ...more, between_sign_ins: { mode: 'enforce', ...between } }
}
const linesOf = (event: string) => stage.lines.filter((line) => line.event === event)
const tokenCalls = () => stage.world.entra.requests.filter(({ path }) => path.endsWith('/token'))

interface BatchedItem {
  method: string
  url: string
  headers?: Record<string, string>
}
const batches = (): BatchedItem[][] =>
  stage.world.graph.requests
    .filter(({ path }) => path === '/v1.0/$batch')
    .map(({ body }) => (JSON.parse(body) as { requests: BatchedItem[] }).requests)
const items = () => batches().flat()

/** Somebody who is there and keeps everything, so that a run finds somebody active. */
const somebody = () => stage.account(stage.person('anna', ['DNS Admins']), ['DNS Admins'])

describe('off', () => {
  test.each<[string, SavedConfiguration]>([
    ['is the default', {}],
    ['may be said', { between_sign_ins: { mode: 'off' } }],
  ])('%s: nothing is called, and the timer logs nothing', async (_, configured) => {
    somebody()
    stage.configured = configured
    store().reads.length = 0
    expect(await stage.run()).toMatchObject({ outcome: 'off', accounts: [] })
    expect([stage.world.entra.requests, stage.world.graph.requests, store().reads, stage.lines]).toEqual([
      [],
      [],
      [],
      [],
    ])
  })

  test('is the outcome that the route answers, with a line', async () => {
    stage.configured = {}
    expect((await stage.run('enforce')).outcome).toBe('off')
    expect(linesOf('reconcile')).toMatchObject([{ outcome: 'off' }])
  })
})

describe('the mode', () => {
  const leaver = () => stage.account(stage.person('bert', [], { accountEnabled: false }), both)

  test('report writes nothing and logs what it would do', async () => {
    somebody()
    const name = leaver()
    configure({ mode: 'report' })
    const report = await stage.run()
    expect(entryOf(report, name)).toEqual({ name, verdict: 'disabled', removals: both })
    expect(store().audit).toEqual([])
    expect(stage.groupsOf(name)).toEqual(both)
    const would = both.map((group) => ({ event: 'membership_to_remove', account: name, group, verdict: 'disabled' }))
    expect(linesOf('membership_to_remove')).toMatchObject(would)
    expect(linesOf('membership_removed')).toEqual([])
  })

  test('enforce does it', async () => {
    somebody()
    const name = leaver()
    await stage.run()
    expect(stage.groupsOf(name)).toEqual([])
  })

  test.each([
    ['report', 'enforce', []],
    ['enforce', 'report', both],
  ] as const)('%s of the configuration gives way to %s of the route, for that run', async (configured, asked, left) => {
    somebody()
    const name = leaver()
    configure({ mode: configured })
    expect((await stage.run(asked)).mode).toBe(asked)
    expect(stage.groupsOf(name)).toEqual(left)
  })

  test('report, followed by enforce, names exactly what is removed', async () => {
    somebody()
    leaver()
    stage.account(stage.person('dora', ['NOC']), both)
    stage.account(stage.person('emil', ['NOC']), both)
    const report = await stage.run('report')
    const enforced = await stage.run('enforce')
    expect(enforced.accounts).toEqual(report.accounts)
    const removed = store().audit.map(({ method, status }) => [method, status])
    expect(removed).toEqual(
      report.accounts.flatMap(({ removals }) => removals).map(() => ['DELETE', expect.any(Number)]),
    )
  })
})

describe('the token', () => {
  test('is asked for once and held for the run', async () => {
    for (let index = 0; index < 50; index += 1) stage.account(stage.person(`p${index}`, ['NOC']), both)
    await stage.run()
    expect(tokenCalls()).toHaveLength(1)
    expect(tokenCalls()[0]?.path).toContain(directory().home.id)
  })

  test.each(['User.Read.All', 'GroupMember.Read.All'])(
    'is asked for once more when %s is missing, then the run is failed and names it',
    async (missing) => {
      const name = stage.account(stage.person('anna', ['DNS Admins']), both)
      directory().app.grantedRoles = ['User.Read.All', 'GroupMember.Read.All'].filter((role) => role !== missing)
      const report = await stage.run()
      expect(report.outcome).toBe('failed')
      if (missing === 'User.Read.All') {
        expect(tokenCalls()).toHaveLength(2)
        expect(linesOf('reconcile')).toMatchObject([
          { level: 'error', outcome: 'failed', failure: { code: 'graph_forbidden', permission: missing } },
        ])
      }
      expect(JSON.stringify(linesOf('reconcile'))).toContain(missing)
      expect(stage.groupsOf(name)).toEqual(both)
    },
  )

  test.each([
    [403, 'batch'],
    [401, 'batch'],
    [403, 'deletedItems'],
    [401, 'deletedItems'],
  ])('that met a %i for %s is renewed, and the run goes on with the fresh one', async (status, path) => {
    const name = stage.account(stage.person('anna', ['DNS Admins']), both)
    stage.world.graph.misbehave({ kind: 'status', status }, { path: new RegExp(path) })
    expect((await stage.run()).outcome).toBe('done')
    expect(tokenCalls()).toHaveLength(2)
    expect(stage.groupsOf(name)).toEqual(['DNS Admins'])
  })

  test('that Graph takes for nobody (401) is renewed once, then the run is failed', async () => {
    somebody()
    stage.world.graph.misbehave(
      { kind: 'status', status: 401, body: '{"error":{"code":"Authorization_IdentityNotFound"}}' },
      { times: Number.POSITIVE_INFINITY },
    )
    expect((await stage.run()).outcome).toBe('failed')
    expect(tokenCalls()).toHaveLength(2)
  })

  test('is one of the home tenant where there are several, and without one the run is failed', async () => {
    somebody()
    const several = { tenant_id: 'organizations', allowed_tenants: [directory().home.id, directory().foreign.id] }
    configure({}, several)
    expect(await stage.run()).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('home_tenant') })
    configure({}, { ...several, home_tenant: directory().home.id })
    expect((await stage.run()).outcome).toBe('done')
    expect(tokenCalls().map(({ path }) => path)).toEqual([expect.stringContaining(directory().home.id)])
  })
})

describe('the person of an account', () => {
  test('is found by the object id of the description alone, whatever the login name', async () => {
    somebody()
    const gone = stage.person('gone', [], { accountEnabled: false })
    stage.person('other', both)
    const name = stage.account(gone, both, { name: 'other@contoso.com' })
    expect(entryOf(await stage.run(), name)?.verdict).toBe('disabled')
  })

  test('an administrator may have written around the id', async () => {
    somebody()
    const gone = stage.person('gone', [], { accountEnabled: false })
    const name = stage.account(gone, both, {
      description: `NOC, third floor. entra id ${gone.oid.toUpperCase()}; ask Eve`,
    })
    expect(entryOf(await stage.run(), name)?.verdict).toBe('disabled')
    expect(store().user(name)?.description).toContain('ask Eve')
  })

  test.each(['Entra ID not-a-guid', 'made by hand', '', `Entra ID ${guidOf('x')}0`])(
    'is found by the login name where the description is "%s"',
    async (description) => {
      somebody()
      const gone = stage.person('gone', [], { accountEnabled: false })
      const name = stage.account(gone, both, { description })
      expect(entryOf(await stage.run(), name)?.verdict).toBe('disabled')
    },
  )

  test('is found by mail where the login name is no user principal name', async () => {
    somebody()
    const gone = stage.person('gone', [], { accountEnabled: false, mail: 'Gone.Mail@Contoso.com' })
    const name = stage.account(gone, both, { name: 'gone.mail@contoso.com', description: '' })
    expect(entryOf(await stage.run(), name)?.verdict).toBe('disabled')
  })

  test.each(["o'neil+dns@contoso.com", '$cash@contoso.com', 'a#b&c@contoso.com', 'GROß@contoso.com'])(
    'is found by the name %s, as it is, and not found when nobody has it',
    async (preferredUsername) => {
      somebody()
      const there = stage.person('there', ['NOC'], { preferredUsername, userPrincipalName: preferredUsername })
      const name = stage.account(there, both, { description: '' })
      expect(entryOf(await stage.run('report'), name)?.verdict).toBe('active')
      directory().users = directory().users.filter((user) => user !== there)
      expect(entryOf(await stage.run('report'), name)?.verdict).toBe('not_found')
    },
  )

  test('several names go into one filter, of 15 values at most', async () => {
    for (let index = 0; index < 30; index += 1)
      stage.account(stage.person(`n${index}`, both), both, { description: '' })
    await stage.run()
    const filters = items().filter(({ url }) => url.includes('$filter'))
    expect(filters).toHaveLength(5)
    for (const { url } of filters) expect(decodeURIComponent(url).match(/ eq /g)?.length).toBeLessThanOrEqual(15)
  })
})

const deleted = (key: string, changes: Partial<DirectoryUser> = {}) => {
  stage.person(key, both, changes)
  return deleteUser(directory(), key)
}

/** Each makes an account of the name `x@contoso.com` and says what becomes of it. */
const verdictRows: [
  sentence: string,
  verdict: string,
  prepare: () => DirectoryUser | undefined,
  by: ('id' | 'name')[],
  between?: SavedConfiguration['between_sign_ins'],
][] = [
  ['enabled: active', 'active', () => stage.person('x', both), ['id', 'name']],
  [
    'accountEnabled false: disabled',
    'disabled',
    () => stage.person('x', both, { accountEnabled: false }),
    ['id', 'name'],
  ],
  ['accountEnabled null: unclear', 'unclear', () => stage.person('x', both, { accountEnabled: null }), ['id', 'name']],
  [
    'among the deleted items, by id or by the name behind the id: deleted',
    'deleted',
    () => deleted('x'),
    ['id', 'name'],
  ],
  [
    'among the deleted items by mail: deleted',
    'deleted',
    () => deleted('x', { userPrincipalName: 'old@contoso.com', mail: 'x@contoso.com' }),
    ['name'],
  ],
  ['nobody: not_found', 'not_found', () => undefined, ['id', 'name']],
  ['nobody, with not_found "remove": not_found', 'not_found', () => undefined, ['id', 'name'], { not_found: 'remove' }],
  [
    'several people, one by name and one by mail: unclear',
    'unclear',
    () => {
      stage.person('other', [], { mail: 'x@contoso.com' })
      return stage.person('x', [], { accountEnabled: false })
    },
    ['name'],
  ],
  [
    'a name that a living and a deleted person share: unclear',
    'unclear',
    () => {
      const former = stage.person('x', both)
      deleteUser(directory(), 'x')
      former.oid = guidOf('former x')
      return stage.person('x', both)
    },
    ['name'],
  ],
  [
    'a guest found by mail alone: unclear',
    'unclear',
    () =>
      stage.person('guest', [], {
        guest: true,
        accountEnabled: false,
        userPrincipalName: 'x_home#EXT#@contoso.onmicrosoft.com',
        mail: 'x@contoso.com',
      }),
    ['name'],
  ],
  [
    'an external member found by mail alone: unclear',
    'unclear',
    () =>
      stage.person('guest', [], {
        accountEnabled: false,
        userPrincipalName: 'x_home#EXT#@contoso.onmicrosoft.com',
        mail: 'x@contoso.com',
      }),
    ['name'],
  ],
  [
    'a deleted guest found by mail alone: unclear',
    'unclear',
    () =>
      deleted('guest', {
        guest: true,
        userPrincipalName: 'x_home#EXT#@contoso.onmicrosoft.com',
        mail: 'x@contoso.com',
      }),
    ['name'],
  ],
  [
    'a guest found by the object id: as anybody',
    'disabled',
    () =>
      stage.person('guest', [], {
        guest: true,
        accountEnabled: false,
        userPrincipalName: 'x_home#EXT#@contoso.onmicrosoft.com',
      }),
    ['id'],
  ],
]

describe('a verdict', () => {
  const takes = ['disabled', 'deleted']
  for (const [sentence, verdict, prepare, ways, between] of verdictRows) {
    test.each(ways)(`${sentence} (by %s)`, async (by) => {
      somebody()
      const person = prepare()
      const oid = person?.oid ?? guidOf('nobody')
      const name = stage.account(
        { oid, preferredUsername: 'x@contoso.com' },
        [...both, 'IPAM Readers'],
        by === 'id' ? {} : { description: '' },
      )
      configure(between ?? {})
      const report = await stage.run()
      expect(report.outcome).toBe('done')
      expect(entryOf(report, name)?.verdict).toBe(verdict)
      const gone = takes.includes(verdict) || between?.not_found === 'remove'
      if (verdict !== 'active') expect(stage.groupsOf(name)).toEqual(gone ? [] : [...both, 'IPAM Readers'].sort())
      // The built-in group of everybody stays in every case.
      expect(store().memberships(name)).toContain(allUsers)
    })
  }

  test('of 202, of a 404 in other words, and of a 400 is unclear', async () => {
    somebody()
    const name = stage.account(stage.person('x', [], { accountEnabled: false }), both)
    const { oid } = directory().users.at(-1) ?? { oid: '' }
    for (const status of [202, 400, 404]) {
      stage.world.graph.faults.tamper = (target, answer) =>
        target.includes(`/users/${oid}?`) ? { ...answer, status, body: { error: { code: 'itemNotFound' } } } : answer
      expect(entryOf(await stage.run(), name)?.verdict).toBe('unclear')
    }
    expect(stage.groupsOf(name)).toEqual(both)
  })

  test('not_found counts only where somebody is found active', async () => {
    const name = stage.account({ oid: guidOf('nobody'), preferredUsername: 'x@contoso.com' }, both)
    stage.account(stage.person('y', [], { accountEnabled: false }), [])
    configure({ not_found: 'remove' })
    expect(entryOf(await stage.run(), name)?.verdict).toBe('unclear')
    expect(stage.groupsOf(name)).toEqual(both)
    somebody()
    expect(entryOf(await stage.run(), name)?.verdict).toBe('not_found')
    expect(stage.groupsOf(name)).toEqual([])
  })

  test('with several tenants is unclear for whoever is not in the home tenant', async () => {
    somebody()
    const foreigner = createUser(directory().foreign, 'x', 'x', { accountEnabled: false })
    directory().users.push(foreigner)
    const byId = stage.account(foreigner, both)
    const byName = stage.account({ oid: '', preferredUsername: 'z@fabrikam.example' }, both, { description: '' })
    const { home, foreign } = directory()
    configure(
      { not_found: 'remove' },
      { tenant_id: 'common', allowed_tenants: [home.id, foreign.id], home_tenant: home.id },
    )
    const report = await stage.run()
    expect([byId, byName].map((name) => entryOf(report, name)?.verdict)).toEqual(['unclear', 'unclear'])
    expect(stage.groupsOf(byId)).toEqual(both)
  })

  test('unclear for all is failed, with an error in the log; no External account at all is done', async () => {
    expect(await stage.run()).toMatchObject({ outcome: 'done', accounts: [] })
    stage.account(stage.person('x', [], { accountEnabled: null }), both)
    expect(await stage.run()).toMatchObject({ outcome: 'failed', counts: { unclear: 1 } })
    expect(linesOf('reconcile').map(({ level }) => level)).toEqual(['info', 'error'])
  })

  test('is for External accounts alone', async () => {
    somebody()
    const gone = stage.person('x', [], { accountEnabled: false })
    const names = (['Internal', 'AD'] as const).map((authenticationType) =>
      stage.account(gone, both, { name: `${authenticationType}@contoso.com`, authenticationType }),
    )
    const report = await stage.run()
    expect(report.accounts).toHaveLength(1)
    for (const name of names) {
      expect(stage.groupsOf(name)).toEqual(both)
      store().removeUser(name)
    }
  })
})

describe('of somebody who is active', () => {
  test('the memberships that the sync rules do not give are removed, and none is given', async () => {
    const name = stage.account(stage.person('x', ['DNS Admins', 'IPAM Readers']), both)
    expect(entryOf(await stage.run(), name)).toMatchObject({ verdict: 'active', removals: ['NOC'] })
    expect(stage.groupsOf(name)).toEqual(['DNS Admins'])
  })

  test('every page of the groups counts', async () => {
    const max = directory().users.find(({ key }) => key === 'max')
    if (max === undefined) throw new TypeError('there is nobody in 2,500 groups')
    max.groups.push(groupOf(directory(), 'DNS Admins'))
    const name = stage.account(max, both)
    expect(entryOf(await stage.run(), name)?.removals).toEqual(['NOC'])
    max.groups.pop()
  })

  test('no groups at all leave the memberships, as at a sign-in', async () => {
    const name = stage.account(stage.person('x'), both)
    expect(entryOf(await stage.run(), name)).toEqual({ name, verdict: 'active', removals: [] })
  })

  test('the rules run as with the overage marker, with claim "required", too', async () => {
    configure({}, { groups: { claim: 'required' } })
    const name = stage.account(stage.person('x', ['DNS Admins']), both)
    expect(entryOf(await stage.run(), name)?.removals).toEqual(['NOC'])
  })

  test('under match "id" the map decides, and groups without names are no fault', async () => {
    const mapped = groupOf(directory(), 'IPAM Readers')
    configure({}, { groups: { match: 'id', map: { [mapped.id]: 'NOC' } } })
    const name = stage.account(stage.person('x', ['IPAM Readers', 'DNS Admins']), both)
    stage.world.graph.faults.tamper = (target, answer) =>
      withGroups(target, answer, (groups) => groups.map((group) => ({ ...group, displayName: null })))
    expect(entryOf(await stage.run(), name)?.removals).toEqual(['DNS Admins'])
  })

  test('who has nothing to lose is asked for no groups', async () => {
    stage.account(stage.person('x', both), [])
    await stage.run()
    expect(items().filter(({ url }) => url.includes('transitiveMemberOf'))).toEqual([])
  })
})

type Groups = { value: Record<string, unknown>[] }
function withGroups<T extends { body: unknown }>(
  target: string,
  answer: T,
  change: (groups: Groups['value']) => Groups['value'],
): T {
  if (!target.includes('transitiveMemberOf')) return answer
  const body = answer.body as Groups
  return { ...answer, body: { ...body, value: change(body.value) } }
}

describe('the brake', () => {
  const leavers = (count: number) => {
    for (let index = 0; index < count; index += 1)
      stage.account(stage.person(`gone${index}`, [], { accountEnabled: false }), both)
  }
  const keepers = (count: number) => {
    for (let index = 0; index < count; index += 1) stage.account(stage.person(`kept${index}`, both), both)
  }

  test.each([
    ['two may always lose everything', 2, 0, {}, 'done'],
    ['three of thirty are ten per cent, which is not more', 3, 27, {}, 'done'],
    ['three of twenty-nine are more', 3, 26, {}, 'stopped'],
    ['brake_percent may be another', 3, 26, { brake_percent: 11 }, 'done'],
    ['brake_percent may be all', 4, 0, { brake_percent: 100 }, 'done'],
  ] as const)('%s', async (_, gone, kept, between, outcome) => {
    leavers(gone)
    keepers(kept)
    configure(between)
    const report = await stage.run()
    expect(report.outcome).toBe(outcome)
    expect(stage.groupsOf('gone0@contoso.com')).toEqual(outcome === 'stopped' ? both : [])
  })

  test('writes nothing at all, says so in a report, too, and is an error in the log', async () => {
    leavers(3)
    const partly = stage.account(stage.person('x', ['NOC']), both)
    expect((await stage.run('report')).outcome).toBe('stopped')
    expect(await stage.run('enforce')).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('3 of 4') })
    expect(stage.groupsOf(partly)).toEqual(both)
    expect(store().audit).toEqual([])
    expect(linesOf('reconcile').map(({ level }) => level)).toEqual(['error', 'error'])
  })

  test('does not count accounts that have nothing to lose, or keep something', async () => {
    for (let index = 0; index < 5; index += 1) {
      stage.account(stage.person(`empty${index}`, [], { accountEnabled: false }), [])
      stage.account(stage.person(`partly${index}`, ['NOC']), both)
    }
    expect((await stage.run()).outcome).toBe('done')
  })

  test('holds against active people who would lose everything', async () => {
    const other = createGroup(directory().home, 'Nothing to Micetro')
    for (let index = 0; index < 5; index += 1) {
      stage.person(`x${index}`, [], { groups: [other] })
      stage.account(directory().users.at(-1) ?? { oid: '', preferredUsername: '' }, both)
    }
    expect((await stage.run()).outcome).toBe('stopped')
  })
})

describe('reading', () => {
  test.each([20, 100, 130])('of %i accounts takes at most two batches for each twenty', async (count) => {
    for (let index = 0; index < count; index += 1)
      stage.account(stage.person(`p${index}`, both), both, index % 2 === 0 ? {} : { description: '' })
    expect((await stage.run()).counts.active).toBe(count)
    expect(batches().length).toBeLessThanOrEqual(2 * Math.ceil(count / 20))
    for (const batch of batches()) expect(batch.length).toBeLessThanOrEqual(20)
  })

  test('takes one item more for each account that would lose something, and lists the deleted once', async () => {
    for (let index = 0; index < 40; index += 1) stage.account(stage.person(`p${index}`, ['NOC']), both)
    await stage.run()
    expect(items().filter(({ url }) => url.includes('getMemberGroups'))).toHaveLength(40)
    expect(batches()).toHaveLength(2 * 2 + 2)
    const others = stage.world.graph.requests.filter(({ path }) => path !== '/v1.0/$batch')
    expect(others.map(({ path }) => path)).toEqual(['/v1.0/directory/deletedItems/microsoft.graph.user'])
  })

  test('takes one item more for each name that the filter did not find, and another where something would go', async () => {
    somebody()
    for (let index = 0; index < 20; index += 1)
      stage.account({ oid: '', preferredUsername: `left${index}@contoso.com` }, both, { description: '' })
    const asked = async (between: SavedConfiguration['between_sign_ins']) => {
      stage.world.graph.requests.length = 0
      configure({ brake_percent: 100, ...between })
      expect((await stage.run()).counts.not_found).toBe(20)
      return items().filter(({ url }) => /left|%20eq%20/.test(url)).length
    }
    expect(await asked({})).toBe(3 + 20)
    expect(await asked({ not_found: 'remove' })).toBe(3 + 20 + 20)
  })

  test('of a name that spoils a filter for others asks for each by itself', async () => {
    somebody()
    const there = stage.person('there', ['NOC'])
    const names = [there, { oid: '', preferredUsername: 'nobody@contoso.com' }].map((person) =>
      stage.account(person, both, { description: '' }),
    )
    stage.world.graph.faults.tamper = (target, answer) =>
      target.includes('$filter') && /nobody.*there|there.*nobody/.test(target)
        ? {
            ...answer,
            body: { value: [{ id: guidOf('z'), userPrincipalName: 'z@contoso.com', accountEnabled: true }] },
          }
        : answer
    const report = await stage.run('report')
    expect(names.map((name) => entryOf(report, name)?.verdict)).toEqual(['active', 'not_found'])
  })

  test('gives way to sign-ins: every item and every call has the low priority', async () => {
    somebody()
    await stage.run()
    expect(items().map(({ headers }) => headers?.['x-ms-throttle-priority'])).toEqual(items().map(() => 'Low'))
    expect(stage.world.graph.requests.map(({ headers }) => headers['x-ms-throttle-priority'])).toEqual(
      stage.world.graph.requests.map(() => 'Low'),
    )
  })

  test('sends throttled items again, together, and the run is as if nothing had been', async () => {
    for (let index = 0; index < 25; index += 1) stage.account(stage.person(`p${index}`, ['NOC']), both)
    stage.world.graph.throttleItems({ times: 7, retryAfter: '0.01' })
    const report = await stage.run()
    expect(report.counts.active).toBe(25)
    expect(batches().map((batch) => batch.length)).toContain(7)
  })

  test('ends when its time is over: who was not reached is unclear with that reason, and loses nothing', async () => {
    const name = somebody()
    stage.world.graph.misbehave({ kind: 'hang' }, { path: /batch/, times: Number.POSITIVE_INFINITY })
    const report = await stage.run('enforce', { reading: 200, all: 400 })
    expect(entryOf(report, name)).toMatchObject({
      verdict: 'unclear',
      reason: expect.stringContaining('the run ended'),
    })
    expect(report.outcome).toBe('failed')
  })

  test('of memberships that a list of accounts leaves out asks for them', async () => {
    somebody()
    const name = stage.account(stage.person('x', ['NOC']), both)
    stage.world.micetro.behaviour.listsShowGroups = false
    try {
      expect(entryOf(await stage.run(), name)?.removals).toEqual(['DNS Admins'])
    } finally {
      stage.world.micetro.behaviour.listsShowGroups = true
    }
  })
})

describe('a removal', () => {
  test('has the save comment of its verdict and a line with account, group and verdict', async () => {
    somebody()
    const name = stage.account(stage.person('x', [], { accountEnabled: false }), ['NOC'])
    await stage.run()
    expect(store().audit).toMatchObject([{ method: 'DELETE', saveComment: 'Entra ID reconcile: disabled' }])
    expect(linesOf('membership_removed')).toEqual([
      { level: 'info', event: 'membership_removed', account: name, group: 'NOC', verdict: 'disabled' },
    ])
  })

  test.each([
    [
      'some',
      ['NOC'],
      { outcome: 'done', reason: 'Micetro refused 1 of 2 removals.' },
      { removals: ['DNS Admins'], reason: 'Micetro refused: NOC' },
      'warn',
    ],
    [
      'all',
      both,
      { outcome: 'failed', reason: expect.stringMatching(/^Micetro refused every removal: .*The group is read-only/) },
      { removals: [], reason: 'Micetro refused: DNS Admins, NOC' },
      'error',
    ],
  ])(
    'of which Micetro refuses %s is told by name; a run that could remove none has failed',
    async (_, refused, run, entry, level) => {
      somebody()
      const name = stage.account(stage.person('x', [], { accountEnabled: false }), both)
      const refs = refused.map((group) => store().group(group)?.ref ?? '')
      const [node] = stage.world.micetro.nodes
      const refusal = { error: { code: 1, message: 'The group is read-only' } }
      node?.misbehave(
        { kind: 'status', status: 400, body: JSON.stringify(refusal), headers: { 'content-type': 'application/json' } },
        { method: 'DELETE', path: new RegExp(`(${refs.join('|')})/`), times: Number.POSITIVE_INFINITY },
      )
      const report = await stage.run()
      expect(report).toMatchObject(run)
      expect(entryOf(report, name)).toMatchObject(entry)
      expect(linesOf('membership_refused')).toMatchObject(
        refused.map((group) => ({ level: 'warn', account: name, group, verdict: 'disabled' })),
      )
      expect(linesOf('reconcile')).toMatchObject([{ level, ...run }])
      node?.behave()
      expect((await stage.run()).outcome).toBe('done')
      expect(stage.groupsOf(name)).toEqual([])
    },
  )

  test('twice is none: two runs at once, and a run after the other, do no harm', async () => {
    somebody()
    const name = stage.account(stage.person('x', ['NOC']), both)
    const gone = stage.account(stage.person('y', [], { accountEnabled: false }), both)
    const reports = await Promise.all([stage.run(), stage.run()])
    expect(reports.map(({ outcome }) => outcome)).toEqual(['done', 'done'])
    expect([stage.groupsOf(name), stage.groupsOf(gone)]).toEqual([['NOC'], []])
    const before = store().audit.length
    expect((await stage.run()).accounts.flatMap(({ removals }) => removals)).toEqual([])
    expect(store().audit).toHaveLength(before)
  })
})

test('each run has one line with mode, outcome, counts by verdict, removals and milliseconds', async () => {
  somebody()
  stage.account(stage.person('x', [], { accountEnabled: false }), both)
  await stage.run('enforce')
  await stage.run('report')
  expect(linesOf('reconcile')).toMatchObject([
    {
      level: 'info',
      mode: 'enforce',
      outcome: 'done',
      counts: { active: 1, disabled: 1 },
      removals: 2,
      milliseconds: expect.any(Number),
    },
    { level: 'info', mode: 'report', outcome: 'done', removals: 0 },
  ])
})

test('a run makes no account, joins no group, deletes no account and changes no property', async () => {
  stage.person('new', both)
  stage.account(stage.person('x', both, { name: 'another name', mail: 'another@contoso.com' }), ['NOC'])
  const before = structuredClone([...store().users.values()])
  await stage.run()
  expect(store().audit).toEqual([])
  expect([...store().users.values()]).toEqual(before)
})

describe('a wrong tenant, a lost permission or an empty answer empties nothing', () => {
  const people = () => {
    for (let index = 0; index < 12; index += 1)
      stage.account(stage.person(`p${index}`, both), both, index % 2 === 0 ? {} : { description: '' })
  }
  const rows: [name: string, harm: () => void][] = [
    [
      'the tenant has none of the people',
      () => {
        directory().users = []
      },
    ],
    [
      'no permission is left',
      () => {
        directory().app.grantedRoles = []
      },
    ],
    [
      'only User.ReadBasic.All is left',
      () => {
        directory().app.grantedRoles = ['User.ReadBasic.All']
      },
    ],
    [
      'only User.Read.All is left',
      () => {
        directory().app.grantedRoles = ['User.Read.All']
      },
    ],
    [
      'only GroupMember.Read.All is left',
      () => {
        directory().app.grantedRoles = ['GroupMember.Read.All']
      },
    ],
    [
      'every list is empty, with 200',
      () =>
        tamper((target, answer) =>
          isList(answer.body) && !target.includes('deleted') ? { ...answer, body: { value: [] } } : answer,
        ),
    ],
    ['every answer is empty, with 200', () => tamper((_, answer) => ({ ...answer, status: 200, body: {} }))],
    [
      'nobody is found',
      () =>
        tamper((target, answer) =>
          target.includes('/users/')
            ? { ...answer, status: 404, body: { error: { code: 'Request_ResourceNotFound' } } }
            : answer,
        ),
    ],
    [
      'a filter ignores its value',
      () =>
        tamper((target, answer) =>
          target.includes('$filter')
            ? {
                ...answer,
                body: {
                  value: [
                    { id: guidOf('z'), userPrincipalName: 'z@contoso.com', accountEnabled: false, userType: 'Member' },
                  ],
                },
              }
            : answer,
        ),
    ],
    ['everybody is told to be disabled', () => tamper((_, answer) => ({ ...answer, body: disabled(answer.body) }))],
  ]
  const isList = (body: unknown): boolean => typeof body === 'object' && body !== null && 'value' in body
  const disabled = (body: unknown): unknown =>
    JSON.parse(JSON.stringify(body).replaceAll('"accountEnabled":true', '"accountEnabled":false'))
  const tamper = (
    change: (
      target: string,
      answer: { status: number; headers: Record<string, string>; body: unknown },
    ) => { status: number; headers: Record<string, string>; body: unknown },
  ) => {
    stage.world.graph.faults.tamper = change
  }
  test.each(rows)('%s', async (_, harm) => {
    people()
    harm()
    configure({ not_found: 'remove' })
    const report = await stage.run()
    expect(store().audit).toEqual([])
    for (const { name } of report.accounts) expect(stage.groupsOf(name)).toEqual(both)
  })
})
