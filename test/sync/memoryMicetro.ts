import { Cached } from '../../shared/cached.ts'
import { MicetroClient } from '../../shared/micetro/client.ts'
import { emptyRefusals, type Micetro } from '../../shared/micetro/micetro.ts'
import { readOffer } from '../../shared/micetro/offer.ts'
import { MicetroTransport } from '../../shared/micetro/transport.ts'
import type { MicetroGroup } from '../../shared/micetro/types.ts'
import type { Answer, Call } from '../../shared/outgoing/http.ts'
import { Secret } from '../../shared/secret.ts'
import { answer } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'
import { allUsers } from './people.ts'

export interface StoredUser {
  ref: string
  name: string
  fullName: string
  email: string
  authenticationType: string
  externalID: string
}

/** Micetro behind the real client: the documented calls on lists in memory. */
export interface MemoryMicetro extends Micetro {
  users: StoredUser[]
  stored: MicetroGroup[]
  members: Map<string, Set<string>>
  /** Method and path of each call that changes something, in order, refused ones too. */
  writes: string[]
  bodies: unknown[]
  calls: Call[]
  /** May answer in place of Micetro. */
  intercept: (call: Call, path: string) => Answer | undefined
}

const refused = (message: string, status = 400): Answer => answer(status, { error: { code: 2049, message } })

export function memoryMicetro(stored: MicetroGroup[], options: { externalId?: boolean } = {}): MemoryMicetro {
  const base = 'https://micetro.test/mmws/api'
  const clock = fakeClock()
  const externalId = options.externalId ?? true

  const handle = (call: Call): Answer => {
    const url = new URL(call.url)
    const path = url.href.slice(base.length).split('?')[0] ?? ''
    const change = call.method !== 'GET' && path !== '/micetro/sessions'
    memory.calls.push(call)
    if (change) {
      memory.writes.push(`${call.method} ${path}`)
      memory.bodies.push(JSON.parse(call.body ?? 'null'))
    }
    const instead = memory.intercept(call, path)
    if (instead !== undefined) return instead
    if (path === '/micetro/sessions') return answer(200, { result: { session: 'session' } })
    if (path === '/swagger.json') return definition(externalId)
    if (path === '/Groups') return page(url, 'groups', memory.stored)
    if (path === '/Users' && call.method === 'GET') return page(url, 'users', found(url).map(shown))
    if (path === '/Users' && call.method === 'POST') return create(JSON.parse(call.body ?? ''))
    const membership = /^\/(Groups\/\d+)\/(Users\/\d+)$/.exec(path)
    if (membership !== null) return join(call.method, membership[1] ?? '', membership[2] ?? '')
    return update(path.replace('/Users/', ''), JSON.parse(call.body ?? ''))
  }

  const found = (url: URL): StoredUser[] => {
    const filter = url.searchParams.get('filter') ?? ''
    const [property = '', value = ''] = filter.split(/=(.*)/s)
    // As the documents warn, the filter ignores case.
    return memory.users.filter((user) => {
      const has = String(user[property as keyof StoredUser] ?? '').toLowerCase()
      return value.startsWith('^') ? has.startsWith(value.slice(1).toLowerCase()) : has === value.toLowerCase()
    })
  }

  const shown = ({ externalID, ...user }: StoredUser): object => ({
    ...user,
    ...(externalId && { externalID }),
    groups: memory.stored
      .filter(({ ref }) => memory.members.get(ref)?.has(user.ref))
      .map(({ ref, name }) => ({ ref, name })),
  })

  const create = ({ user }: { user: Omit<StoredUser, 'ref'> }): Answer => {
    if (memory.users.some(({ name }) => name.toLowerCase() === user.name.toLowerCase()))
      return refused('A user with that name exists already.')
    const ref = `Users/${100 + memory.users.length}`
    memory.users.push({ ...user, externalID: user.externalID ?? '', ref })
    memory.members.get(allUsers.ref)?.add(ref)
    return answer(201, { result: { ref } })
  }

  const update = (ref: string, { properties }: { properties: { name: string; value: string }[] }): Answer => {
    const user = memory.users.find((each) => each.ref === ref)
    if (user === undefined) return refused('No object found.')
    Object.assign(user, Object.fromEntries(properties.map(({ name, value }) => [name, value])))
    return answer(204)
  }

  const join = (method: string, group: string, user: string): Answer => {
    const members = memory.members.get(group)
    if (members === undefined) return refused('No object found.', 404)
    if (method === 'PUT') members.add(user)
    else members.delete(user)
    return answer(204)
  }

  const client = new MicetroClient(
    new MicetroTransport({
      settings: {
        apiUrls: [base],
        apiUser: 'entra-sync',
        webUrl: new URL('https://micetro.test/'),
        caCertificates: '',
      },
      password: { get: async () => new Secret('password'), refresh: async () => new Secret('password') },
      // A turn of the loop, so that calls of several sign-ins interleave as they do on a wire.
      send: async (call) => {
        await new Promise(setImmediate)
        return handle(call)
      },
      clock,
      random: () => 0.5,
    }),
  )
  const { signal } = new AbortController()
  const memory: MemoryMicetro = {
    users: [],
    stored,
    members: new Map(stored.map(({ ref }) => [ref, new Set()])),
    writes: [],
    bodies: [],
    calls: [],
    intercept: () => undefined,
    client,
    groups: new Cached(() => client.listGroups(signal), clock, { freshFor: 60_000 }),
    offer: new Cached(async () => readOffer(await client.definition(signal)), clock, { freshFor: 60_000 }),
    refusals: emptyRefusals(),
  }
  return memory
}

function page(url: URL, name: string, items: readonly object[]): Answer {
  const offset = Number(url.searchParams.get('offset'))
  const limit = Number(url.searchParams.get('limit'))
  return answer(200, { result: { [name]: items.slice(offset, offset + limit), totalResults: items.length } })
}

function definition(externalId: boolean): Answer {
  const properties = { name: {}, authenticationType: {}, ...(externalId && { externalID: {} }) }
  return answer(200, { info: { version: '11.1' }, definitions: { User: { properties } } })
}
