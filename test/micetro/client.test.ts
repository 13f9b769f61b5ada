import { describe, expect, it } from 'vitest'
import { filterQuery, MicetroClient } from '../../shared/micetro/client.ts'
import { MicetroTransport } from '../../shared/micetro/transport.ts'
import type { Answer, Call } from '../../shared/outgoing/http.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'
import { answer } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const { signal } = new AbortController()
const write = { saveComment: 'Entra ID sign-in: alice@contoso.com', signal }

/** The client of a server that judges each call; log-ins are accepted and not counted. */
function clientOf(judge: (call: Call) => Answer) {
  const calls: Call[] = []
  const transport = new MicetroTransport({
    settings: {
      apiUrls: ['https://micetro.test/mmws/api'],
      apiUser: 'entra-sync',
      webUrl: new URL('https://micetro.test/'),
      caCertificates: '',
    },
    password: { get: async () => new Secret('password'), refresh: async () => new Secret('password') },
    send: async (call) => {
      if (call.url.endsWith('/micetro/sessions')) return answer(201, { result: { session: 'session' } })
      calls.push(call)
      return judge(call)
    },
    clock: fakeClock(),
    random: () => 0.5,
  })
  return { client: new MicetroClient(transport), calls }
}

describe('A look-up at Micetro', () => {
  const cases: [name: string, value: string, query: string][] = [
    ['compares the whole value', 'alice@contoso.com', 'filter=name%3Dalice%40contoso.com'],
    ['writes spaces as %20: Micetro does not decode a plus', 'Alice Adams', 'filter=name%3DAlice%20Adams'],
    ['writes a plus as %2B', 'alice+dns@contoso.com', 'filter=name%3Dalice%2Bdns%40contoso.com'],
    ['writes letters beyond ASCII in UTF-8', 'jörg', 'filter=name%3Dj%C3%B6rg'],
    ['writes an equals sign like any other', 'a=b', 'filter=name%3Da%3Db'],
    [
      'writes a hash like any other',
      'guest_home.test#EXT#@contoso.com',
      'filter=name%3Dguest_home.test%23EXT%23%40contoso.com',
    ],
    [
      'asks for what comes before an ampersand: no escape is documented',
      'bill&bob@contoso.com',
      'filter=name%3D%5Ebill',
    ],
    ['does not filter where the ampersand comes first', '&bob', ''],
    ['does not filter where the value would say "begins with"', '^alice', ''],
    ['may have a circumflex further on', 'al^ice', 'filter=name%3Dal%5Eice'],
  ]
  for (const [name, value, query] of cases) it(name, () => expect(filterQuery('name', value)).toBe(query))

  it('adds no condition, whatever the value', () => {
    const hostile = ['x&authenticationType=External', 'x&name=^', '%26name=x', 'x%26name=y']
    for (const value of hostile) {
      const filter = new URLSearchParams(filterQuery('externalID', value)).get('filter') ?? ''
      expect(filter.split('&'), value).toHaveLength(1)
      expect(filter).toMatch(/^externalID=/)
    }
  })
})

describe('A list', () => {
  const groupsUpTo = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ref: `Groups/${index + 1}`, name: `g${index + 1}` }))

  /** A server with so many groups, that gives no more than `cap` a page, and may tell the total. */
  const listed = async (count: number, cap: number, tells: (offset: number) => boolean) => {
    const { client, calls } = clientOf(({ url }) => {
      const { searchParams } = new URL(url)
      const offset = Number(searchParams.get('offset'))
      const limit = Math.min(Number(searchParams.get('limit')), cap)
      return answer(200, {
        result: {
          groups: groupsUpTo(count).slice(offset, offset + limit),
          ...(tells(offset) && { totalResults: count }),
        },
      })
    })
    const groups = await client.listGroups(signal)
    expect(groups.map(({ name }) => name)).toEqual(groupsUpTo(count).map(({ name }) => name))
    return calls.length
  }

  const cases: [name: string, count: number, cap: number, tells: (offset: number) => boolean, calls: number][] = [
    ['that fits one page is one call', 250, 1000, () => true, 1],
    ['of several pages is whole', 1200, 1000, () => true, 3],
    ['that the server cuts at fewer than asked for is whole', 250, 100, () => true, 3],
    ['without a total is read until nothing comes', 250, 100, () => false, 4],
    ['without a total on its first page alone is whole', 1200, 1000, (offset) => offset > 0, 3],
    ['without a total that would fit one page is not taken for whole', 250, 1000, () => false, 2],
    ['that is empty is one call', 0, 1000, () => false, 1],
  ]
  for (const [name, count, cap, tells, calls] of cases)
    it(name, async () => expect(await listed(count, cap, tells)).toBe(calls))

  it('of a server that always gives its first page ends, and has nothing twice', async () => {
    const { client, calls } = clientOf(() => answer(200, { result: { groups: groupsUpTo(3) } }))
    expect(await client.listGroups(signal)).toHaveLength(3)
    expect(calls).toHaveLength(2)
  })
})

describe('A change of a membership', () => {
  const said = (status: number, message: string, code = 2050) => answer(status, { error: { code, message } })
  const change = (of: Answer, way: 'addMember' | 'removeMember') =>
    failureIn(() => clientOf(() => of).client[way]('Groups/6', 'Users/31', write))

  const cases: [what: string, way: 'addMember' | 'removeMember', of: Answer, code: string | undefined][] = [
    ['that was made', 'addMember', answer(204), undefined],
    ['of somebody who is a member already', 'addMember', said(400, 'The user is already a member of "DNS"'), undefined],
    ['of somebody who is not a member', 'removeMember', said(400, 'The user is not a member of "DNS"'), undefined],
    ['that is gone', 'removeMember', said(404, 'No object found', 2049), undefined],
    ['that the server has no resource for', 'removeMember', said(404, 'Resource not found', 16544), 'micetro_rejected'],
    ['of a group that is gone', 'addMember', said(404, 'No object found', 2049), 'micetro_rejected'],
    ['that is refused', 'addMember', said(400, 'The group is read-only'), 'micetro_rejected'],
    ['that is forbidden', 'removeMember', said(403, 'Access denied'), 'micetro_forbidden'],
    ['that adds, refused as no membership', 'addMember', said(400, 'not a member'), 'micetro_rejected'],
    ['that removes, refused as a membership', 'removeMember', said(400, 'already a member'), 'micetro_rejected'],
  ]
  for (const [what, way, of, code] of cases)
    it(`${what}: ${way} ${code === undefined ? 'succeeds' : `is ${code}`}`, async () =>
      expect((await change(of, way))?.code).toBe(code))
})

describe('A change of properties', () => {
  const changes = new Map([['fullName', 'Alice Adams']] as const)

  it('is sent in the other form where the first is refused, and the next one in that form at once', async () => {
    const { client, calls } = clientOf(({ body }) =>
      answer(Array.isArray((JSON.parse(body ?? '') as { properties: unknown }).properties) ? 400 : 204),
    )
    await client.changeUser('Users/31', changes, write)
    await client.changeUser('Users/31', changes, write)
    const forms = calls.map(({ body }) => (JSON.parse(body ?? '') as { properties: unknown }).properties)
    const object = { fullName: 'Alice Adams' }
    expect(forms).toEqual([[{ name: 'fullName', value: 'Alice Adams' }], object, object])
  })

  it('that is refused in both forms is refused', async () => {
    const { client } = clientOf(() => answer(400, { error: { message: 'The name is too long' } }))
    expect(await failureIn(() => client.changeUser('Users/31', changes, write))).toMatchObject({
      code: 'micetro_rejected',
      message: 'The name is too long',
    })
  })
})
