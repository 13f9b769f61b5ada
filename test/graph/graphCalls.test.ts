import { describe, expect, it } from 'vitest'
import { clouds } from '../../shared/configuration/clouds.ts'
import type { Failure } from '../../shared/failure.ts'
import {
  groupsPageRequest,
  groupsRequest,
  profileRequest,
  readGroupsPage,
  readProfile,
} from '../../shared/graph/graphCalls.ts'
import type { Answer } from '../../shared/outgoing/http.ts'
import { failureIn } from '../failing.ts'
import { answer, pageOfProxy } from '../outgoing/answers.ts'

const graph = clouds.commercial.graph
const token = 'the-access-token'

describe('A call to Graph', () => {
  for (const [cloud, { graph: root }] of Object.entries(clouds)) {
    it(`goes to the Graph of ${cloud}`, () => {
      for (const { url } of [profileRequest(root, token), groupsRequest(root, token)])
        expect(url.startsWith(`${root}/v1.0/me`)).toBe(true)
    })
  }

  it('for groups asks for nested ones too, all in as few pages as there can be', () => {
    const { pathname, searchParams } = new URL(groupsRequest(graph, token).url)
    expect(pathname).toBe('/v1.0/me/transitiveMemberOf/microsoft.graph.group')
    expect(Object.fromEntries(searchParams)).toEqual({
      $top: '999',
      $count: 'true',
      $select: 'id,displayName,securityEnabled,onPremisesNetBiosName,onPremisesDomainName,onPremisesSamAccountName',
    })
  })

  it('carries the token in its header, never in the address', () => {
    for (const call of [
      profileRequest(graph, token),
      groupsRequest(graph, token),
      groupsPageRequest(`${graph}/x`, token),
    ]) {
      expect(call.headers?.authorization).toBe(`Bearer ${token}`)
      expect(call.url).not.toContain(token)
      expect(call.method).toBe('GET')
      expect(call.timeout).toBeGreaterThan(0)
    }
  })

  it('for a next page has the header that the link does not carry', () => {
    expect(groupsPageRequest(`${graph}/next`, token)).toMatchObject({
      url: `${graph}/next`,
      headers: { consistencylevel: 'eventual' },
    })
    expect(groupsRequest(graph, token).headers?.consistencylevel).toBe('eventual')
  })
})

/** What every answer of Graph is judged by. */
const statuses: [name: string, reply: Answer, failure: (permission: string) => Failure][] = [
  ['429 as throttling', answer(429), () => ({ code: 'graph_throttled', status: 429 })],
  ['503 as out of order', answer(503), () => ({ code: 'graph_throttled', status: 503 })],
  ['504 as out of order', answer(504), () => ({ code: 'graph_throttled', status: 504 })],
  [
    '403 as a missing permission, by its name',
    answer(403, { error: { code: 'Authorization_RequestDenied', message: 'x' } }),
    (permission) => ({ code: 'graph_forbidden', permission }),
  ],
  ['403 of a proxy the same', pageOfProxy(403), (permission) => ({ code: 'graph_forbidden', permission })],
  [
    '401 with the code of Graph',
    answer(401, { error: { code: 'InvalidAuthenticationToken', message: 'with a token inside' } }),
    () => ({ code: 'graph_rejected', status: 401, reply: 'InvalidAuthenticationToken' }),
  ],
  [
    'no free text as a code',
    answer(400, { error: { code: 'Bearer hush hush' } }),
    () => ({ code: 'graph_rejected', status: 400, reply: 'no error code' }),
  ],
  ['a redirect as refused', answer(302), () => ({ code: 'graph_rejected', status: 302, reply: 'no error code' })],
  [
    'an answer without content as refused',
    answer(204),
    () => ({ code: 'graph_rejected', status: 204, reply: 'no error code' }),
  ],
]

describe('The profile', () => {
  for (const [name, reply, failure] of statuses) {
    it(`takes ${name}`, async () => expect(await failureIn(() => readProfile(reply))).toEqual(failure('User.Read')))
  }

  const read: [name: string, body: object, profile: object][] = [
    ['has name and mail', { displayName: 'Alice', mail: 'a@b.c', more: 1 }, { displayName: 'Alice', mail: 'a@b.c' }],
    ['may have neither', { displayName: null, mail: null }, { displayName: null, mail: null }],
    ['may leave both out', {}, { displayName: null, mail: null }],
  ]
  for (const [name, body, profile] of read) it(name, () => expect(readProfile(answer(200, body))).toEqual(profile))

  for (const [name, reply] of [
    ['the page of a proxy', pageOfProxy(200)],
    ['of another type', answer(200, { mail: 7 })],
    ['nothing', answer(200)],
  ] as const) {
    it(`must not be ${name}`, async () => {
      expect(await failureIn(() => readProfile(reply))).toEqual({
        code: 'graph_incomplete',
        problem: 'the profile is not as documented',
      })
    })
  }
})

describe('A page of groups', () => {
  const read = (body: unknown) => () => readGroupsPage(answer(200, body), graph)
  const id = 'AAAAAAAA-0000-4000-8000-000000000001'

  for (const [name, reply, failure] of statuses) {
    it(`takes ${name}`, async () =>
      expect(await failureIn(() => readGroupsPage(reply, graph))).toEqual(failure('GroupMember.Read.All')))
  }

  it('gives the groups with everything that names them', () => {
    const full = {
      id,
      displayName: 'Readers',
      securityEnabled: true,
      onPremisesNetBiosName: 'CONTOSO',
      onPremisesDomainName: 'contoso.com',
      onPremisesSamAccountName: 'MM-ReadOnly',
    }
    expect(read({ value: [{ '@odata.type': '#microsoft.graph.group', ...full }] })()).toEqual({
      groups: [{ ...full, id: id.toLowerCase() }],
      next: undefined,
    })
  })

  it('gives ids alone where the permission is missing', () => {
    const nothing = {
      displayName: null,
      securityEnabled: null,
      onPremisesNetBiosName: null,
      onPremisesDomainName: null,
      onPremisesSamAccountName: null,
    }
    expect(read({ value: [{ id, ...nothing }, { id }] })().groups).toEqual([
      { id: id.toLowerCase(), ...nothing },
      { id: id.toLowerCase(), ...nothing },
    ])
  })

  it('may be empty, which is an answer', () => expect(read({ value: [] })()).toEqual({ groups: [], next: undefined }))

  it('gives the next link as it is', () => {
    const next = `${graph}/v1.0/me/transitiveMemberOf/microsoft.graph.group?$skiptoken=x%2By`
    expect(read({ value: [], '@odata.nextLink': next })().next).toBe(next)
  })

  const foreign: Failure = {
    code: 'graph_incomplete',
    problem: 'the next page lies on another host than Microsoft Graph',
  }
  const links: [name: string, link: string][] = [
    ['to another host', 'https://evil.test/v1.0/me'],
    ['to a host that begins alike', 'https://graph.microsoft.com.evil.test/'],
    ['with the host as its user name', 'https://graph.microsoft.com@evil.test/'],
    ['to another port', 'https://graph.microsoft.com:8443/v1.0/me'],
    ['over http', 'http://graph.microsoft.com/v1.0/me'],
    ['of another cloud', `${clouds.usgov.graph}/v1.0/me`],
    ['that is relative', '/v1.0/me'],
    ['that is empty', ''],
    ['that is none', 'nonsense'],
  ]
  for (const [name, link] of links) {
    it(`does not lead on ${name}: the token would go along`, async () => {
      expect(await failureIn(read({ value: [], '@odata.nextLink': link }))).toEqual(foreign)
    })
  }

  const malformed: [name: string, reply: Answer][] = [
    ['without its list', answer(200, {})],
    ['with a list that is none', answer(200, { value: {} })],
    ['with an error inside a success', answer(200, { error: { code: 'x' } })],
    ['with a group without id', answer(200, { value: [{ displayName: 'x' }] })],
    ['with an empty id', answer(200, { value: [{ id: '' }] })],
    ['with a next link that is no text', answer(200, { value: [], '@odata.nextLink': 7 })],
    ['that is the page of a proxy', pageOfProxy(200)],
    ['that is nothing', answer(200)],
  ]
  for (const [name, reply] of malformed) {
    it(`${name} is an error, never an empty list`, async () => {
      expect(await failureIn(() => readGroupsPage(reply, graph))).toEqual({
        code: 'graph_incomplete',
        problem: 'a page of groups is not as documented',
      })
    })
  }
})
