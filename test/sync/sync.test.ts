import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/failure.ts'
import type { GroupAnswer } from '../../shared/sync/groupRules.ts'
import type { Identity } from '../../shared/sync/identity.ts'
import { fetchFacts, type Synced, sync } from '../../shared/sync/sync.ts'
import { failureIn } from '../failing.ts'
import { answer } from '../outgoing/answers.ts'
import { type MemoryMicetro, memoryMicetro, type StoredUser } from './memoryMicetro.ts'
import { administrators, alice, allUsers, listed, micetroGroup, usualRules } from './people.ts'

const { signal } = new AbortController()
const dns = micetroGroup(10, 'DNS')
const ipam = micetroGroup(12, 'IPAM')
const groups = [allUsers, administrators, dns, ipam]

interface SignIn {
  identity?: Identity
  groups?: GroupAnswer
  matchByName?: boolean
  home?: boolean
  /** Collects what was told as done. */
  done?: string[]
}

async function signIn(
  micetro: MemoryMicetro,
  { identity = alice, groups: given = listed('DNS'), matchByName = false, home = true, done = [] }: SignIn = {},
): Promise<Synced> {
  const rules = { ...usualRules, matchByName, home }
  const facts = await fetchFacts(identity, micetro, rules, signal)
  return sync({ identity, groups: given, facts, rules }, micetro, signal, (step, account) => {
    done.push(`${account}: ${step.do}`)
  })
}

function stored(changes: Partial<StoredUser> = {}): StoredUser {
  return {
    ref: 'Users/31',
    name: alice.name,
    fullName: alice.fullName,
    email: alice.email,
    authenticationType: 'External',
    externalID: alice.externalId,
    ...changes,
  }
}

function micetroWith(user: StoredUser | undefined, memberOf = [allUsers]): MemoryMicetro {
  const micetro = memoryMicetro([...groups])
  if (user === undefined) return micetro
  micetro.users.push(user)
  for (const { ref } of memberOf) micetro.members.get(ref)?.add(user.ref)
  return micetro
}

const membershipsOf = (micetro: MemoryMicetro, ref: string): string[] =>
  micetro.stored.filter((group) => micetro.members.get(group.ref)?.has(ref)).map(({ name }) => name)

describe('A sign-in', () => {
  it('for the first time makes one External account in its groups', async () => {
    const micetro = micetroWith(undefined)
    await signIn(micetro)
    expect(micetro.users).toEqual([stored({ ref: 'Users/100' })])
    expect(membershipsOf(micetro, 'Users/100')).toEqual(['All users (built-in)', 'DNS'])
  })

  const situations: [name: string, prepare: () => MemoryMicetro, how?: SignIn][] = [
    ['a first sign-in', () => micetroWith(undefined)],
    ['a first sign-in where the server has no external ids', () => memoryMicetro([...groups], { externalId: false })],
    [
      'a change of everything',
      () => micetroWith(stored({ fullName: 'A', email: 'a@b.c', externalID: '' }), [allUsers, ipam]),
    ],
    ['a change-over by name', () => micetroWith(stored({ externalID: 'old' })), { matchByName: true }],
    [
      'the removal of the last other group',
      () => micetroWith(stored(), [allUsers, administrators, dns, ipam]),
      { groups: listed('Something else') },
    ],
    ['a sign-in without groups', () => micetroWith(undefined), { groups: { kind: 'none' } }],
    [
      'a sign-in without Graph',
      () => micetroWith(undefined),
      {
        groups: { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } },
        identity: { ...alice, emailKnown: false },
      },
    ],
  ]
  for (const [name, prepare, how] of situations) {
    it(`after ${name} writes nothing when it is repeated`, async () => {
      const micetro = prepare()
      expect((await signIn(micetro, how)).steps).not.toEqual([])
      micetro.writes.length = 0
      expect((await signIn(micetro, how)).steps).toEqual([])
      expect(micetro.writes).toEqual([])
    })
  }

  it('with nothing changed is one call to Micetro once the caches are warm', async () => {
    const micetro = micetroWith(stored(), [allUsers, dns])
    await signIn(micetro)
    micetro.calls.length = 0
    await signIn(micetro)
    expect(micetro.calls.map(({ method, url }) => `${method} ${decodeURIComponent(url)}`)).toEqual([
      expect.stringMatching(/^GET .*\/Users\?filter=name=alice@contoso\.com/),
    ])
  })

  it('signs every change with a comment that names the person', async () => {
    const micetro = micetroWith(undefined)
    await signIn(micetro)
    for (const body of micetro.bodies)
      expect(body).toMatchObject({ saveComment: 'Entra ID sign-in: alice@contoso.com' })
  })

  const untouched: [name: string, user: StoredUser, failure: Failure][] = [
    ...['Internal', 'AD', 'RADIUS'].map((type): [string, StoredUser, Failure] => [
      `belongs to an account of type ${type}`,
      stored({ authenticationType: type, externalID: '', fullName: 'Somebody' }),
      { code: 'name_collision', name: alice.name, authenticationType: type },
    ]),
    [
      'belongs to another person',
      stored({ externalID: 'another', fullName: 'Somebody' }),
      { code: 'external_id_conflict', name: alice.name },
    ],
  ]
  for (const [name, user, failure] of untouched) {
    it(`whose name ${name} writes nothing at all`, async () => {
      const micetro = micetroWith(user)
      const before = structuredClone(micetro.users)
      expect(await failureIn(() => signIn(micetro))).toEqual(failure)
      expect(micetro.writes).toEqual([])
      expect(micetro.users).toEqual(before)
    })
  }

  it('tells every change with the account that it was made to', async () => {
    const done: string[] = []
    await signIn(micetroWith(undefined), { done })
    await signIn(micetroWith(stored({ name: 'Alice@Contoso.com', fullName: 'A' }), [allUsers, ipam]), { done })
    expect(done).toEqual([
      `${alice.name}: create`,
      `${alice.name}: join`,
      'Alice@Contoso.com: change',
      'Alice@Contoso.com: leave',
      'Alice@Contoso.com: join',
    ])
  })

  it('of a person whose new name is an Internal account’s lands in the account with the external id', async () => {
    const micetro = micetroWith(stored({ name: 'alice@old.test' }))
    const internal = stored({ ref: 'Users/7', authenticationType: 'Internal', externalID: '', fullName: 'Somebody' })
    micetro.users.push(internal)
    await signIn(micetro)
    expect(membershipsOf(micetro, 'Users/31')).toEqual(['All users (built-in)', 'DNS'])
    expect(micetro.users).toContainEqual(internal)
    expect(micetro.writes).toEqual(['PUT /Groups/10/Users/31'])
  })

  it('is not looked for by an external id where the server has none', async () => {
    const micetro = memoryMicetro([...groups], { externalId: false })
    await signIn(micetro)
    const asked = micetro.calls.filter(({ method, url }) => method === 'GET' && url.includes('externalID'))
    expect(asked).toEqual([])
  })

  const partner: SignIn = { home: false, matchByName: true }
  it('from another tenant finds its account by the external id, and makes one the first time', async () => {
    const micetro = micetroWith(undefined)
    await signIn(micetro, partner)
    micetro.writes.length = 0
    await signIn(micetro, partner)
    expect(micetro.writes).toEqual([])
    expect(micetro.users).toHaveLength(1)
  })

  it('from another tenant never gets an account that was prepared under its name', async () => {
    const micetro = micetroWith(stored({ externalID: '' }))
    const refused = { code: 'external_id_conflict', name: alice.name, tenant: 'another' }
    expect(await failureIn(() => signIn(micetro, partner))).toEqual(refused)
    expect(micetro.writes).toEqual([])
  })

  it('from another tenant is refused where Micetro keeps no external ids: nothing would find the account again', async () => {
    const micetro = memoryMicetro([...groups], { externalId: false })
    const refused = { code: 'external_id_conflict', name: alice.name, tenant: 'another' }
    expect(await failureIn(() => signIn(micetro, partner))).toEqual(refused)
    expect(micetro.writes).toEqual([])
  })

  it('finds a person who was renamed by the external id', async () => {
    const micetro = micetroWith(stored({ name: 'alice@old.test' }))
    await signIn(micetro)
    expect(micetro.users.map(({ ref, name }) => `${ref} ${name}`)).toEqual(['Users/31 alice@old.test'])
    expect(membershipsOf(micetro, 'Users/31')).toEqual(['All users (built-in)', 'DNS'])
  })
})

describe('When Micetro changes under a sign-in', () => {
  it('many first sign-ins at once make one account, and none fails', async () => {
    const micetro = micetroWith(undefined)
    await Promise.all(Array.from({ length: 50 }, () => signIn(micetro)))
    expect(micetro.users).toHaveLength(1)
    expect(membershipsOf(micetro, 'Users/100')).toEqual(['All users (built-in)', 'DNS'])
  })

  it('an account that another sign-in made meanwhile is read again and completed', async () => {
    const micetro = micetroWith(undefined)
    micetro.intercept = ({ method }, path) => {
      if (method === 'POST' && path === '/Users' && micetro.users.length === 0)
        micetro.users.push(stored({ fullName: 'A' }))
      return undefined
    }
    const plan = await signIn(micetro)
    expect(plan.steps.map((step) => step.do)).toEqual(['change', 'join'])
    expect(micetro.writes).toEqual(['POST /Users', 'PUT /Users/Users/31', 'PUT /Groups/10/Users/31'])
  })

  it('an account of another kind that was made meanwhile is not touched', async () => {
    const micetro = micetroWith(undefined)
    micetro.intercept = ({ method }, path) => {
      if (method === 'POST' && path === '/Users') micetro.users.push(stored({ authenticationType: 'Internal' }))
      return undefined
    }
    expect(await failureIn(() => signIn(micetro))).toEqual({
      code: 'name_collision',
      name: alice.name,
      authenticationType: 'Internal',
    })
    expect(micetro.writes).toEqual(['POST /Users'])
  })

  it('a group that is gone is dropped from the plan', async () => {
    const micetro = micetroWith(stored())
    await micetro.groups.get()
    micetro.stored = groups.filter((group) => group !== dns)
    micetro.members.delete(dns.ref)
    const plan = await signIn(micetro, { groups: listed('DNS', 'IPAM') })
    expect(plan.steps).toMatchObject([{ do: 'join', group: 'IPAM', ref: ipam.ref }])
    expect(plan.refused).toEqual([])
    expect(membershipsOf(micetro, 'Users/31')).toEqual(['All users (built-in)', 'IPAM'])
  })

  it('a group that was made anew is joined under its new reference', async () => {
    const micetro = micetroWith(stored())
    await micetro.groups.get()
    const anew = micetroGroup(99, 'DNS')
    micetro.stored = [allUsers, anew]
    micetro.members = new Map([[anew.ref, new Set()]])
    await signIn(micetro)
    expect(micetro.writes).toEqual(['PUT /Groups/10/Users/31', 'PUT /Groups/99/Users/31'])
  })

  const no = answer(400, { error: { code: 1234, message: 'No.' } })
  const rejected = { code: 'micetro_rejected', status: 400, number: 1234, message: 'No.' }

  it('the same plan is not sent again when it was refused: it would be refused again', async () => {
    const micetro = micetroWith(undefined)
    micetro.intercept = ({ method }, path) => (method === 'POST' && path === '/Users' ? no : undefined)
    expect(await failureIn(() => signIn(micetro))).toEqual({ ...rejected, action: 'create users' })
    expect(micetro.writes).toEqual(['POST /Users'])
  })

  it('a membership that is refused is told, and not tried again by the same sign-in', async () => {
    const micetro = micetroWith(stored())
    micetro.intercept = (_, path) => (path.startsWith('/Groups/10/') ? no : undefined)
    const { refused, accepted } = await signIn(micetro, { groups: listed('DNS', 'IPAM') })
    expect(refused).toEqual([
      { group: 'DNS', ref: dns.ref, action: 'join', failure: { ...rejected, action: 'change memberships' } },
    ])
    expect(accepted).toBe(true)
    expect(micetro.writes).toEqual(['PUT /Groups/10/Users/31', 'PUT /Groups/12/Users/31'])
  })

  it('a group that the list has and the server does not find is told, after one more look', async () => {
    const micetro = micetroWith(stored())
    micetro.intercept = (_, path) =>
      path.startsWith('/Groups/10/') ? answer(404, { error: { code: 2049 } }) : undefined
    expect((await signIn(micetro)).refused).toMatchObject([{ group: 'DNS' }])
    expect(micetro.writes).toEqual(['PUT /Groups/10/Users/31'])
  })

  it('a plan that changes with every refusal comes to an end', async () => {
    const micetro = micetroWith(undefined)
    let refusals = 0
    micetro.intercept = ({ method }, path) => {
      if (method !== 'POST' || path !== '/Users') return undefined
      refusals += 1
      // Another group each time, so that no two plans are the same.
      const extra = micetroGroup(200 + refusals, `extra ${refusals}`)
      micetro.stored = [...groups, extra]
      return answer(400, { error: { message: 'No.' } })
    }
    const names = ['DNS', 'extra 1', 'extra 2', 'extra 3', 'extra 4', 'extra 5']
    const failure = await failureIn(() => signIn(micetro, { groups: listed(...names) }))
    expect(failure).toMatchObject({ code: 'micetro_rejected' })
    expect(refusals).toBe(3)
  })

  const notRepeated: [status: number, failure: Failure][] = [
    [403, { code: 'micetro_forbidden', action: 'create users' }],
  ]
  for (const [status, failure] of notRepeated) {
    it(`a missing right (${status}) is told and not tried again`, async () => {
      const micetro = micetroWith(undefined)
      micetro.intercept = ({ method }, path) => (method === 'POST' && path === '/Users' ? answer(status) : undefined)
      expect(await failureIn(() => signIn(micetro))).toEqual(failure)
      expect(micetro.writes).toEqual(['POST /Users'])
    })
  }

  it('being in a group already is no error', async () => {
    const micetro = micetroWith(stored())
    micetro.intercept = ({ method }, path) =>
      method === 'PUT' && path.startsWith('/Groups/')
        ? answer(400, { error: { message: 'The user is already a member of the group.' } })
        : undefined
    expect((await signIn(micetro)).steps).toHaveLength(1)
  })
})
