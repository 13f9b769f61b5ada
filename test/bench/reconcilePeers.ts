import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Entra ID, Graph and Micetro for a run between sign-ins: as many accounts as the first argument says, every answer after
 * as many milliseconds as the second says. Of a hundred people two are disabled, three have left a group, ten are found by
 * name; each is in ten groups. One process, one plain port; the parent gets the port over IPC.
 */
const accounts = Number(process.argv[2])
const latency = Number(process.argv[3])
const groupsEach = 10

const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`
const nameOf = (index: number): string => `user${index}@contoso.com`
const groupId = (index: number): string => `11111111-0000-4000-8000-${String(index).padStart(12, '0')}`
const isGroupLost = (index: number): boolean => index % 100 >= 2 && index % 100 < 5

const user = (index: number) => ({
  ref: `Users/${index + 1}`,
  name: nameOf(index),
  fullName: '',
  email: '',
  description: index % 10 === 9 ? '' : `Entra ID ${idOf(index)}`,
  authenticationType: 'External',
  groups: Array.from({ length: groupsEach }, (_, group) => ({ ref: `Groups/${group + 1}`, name: `Group ${group}` })),
})
const person = (index: number) => ({
  id: idOf(index),
  userPrincipalName: nameOf(index),
  mail: null,
  accountEnabled: index % 100 >= 2,
  userType: 'Member',
})
const groupsOf = (index: number) =>
  Array.from({ length: groupsEach - (isGroupLost(index) ? 1 : 0) }, (_, group) => ({
    id: groupId(group),
    displayName: `Group ${group}`,
    securityEnabled: true,
  }))

interface Item {
  id: string
  url: string
}

function item({ id, url }: Item): object {
  const index = Number(/\/users\/[0-9a-f-]{24}(\d{12})/.exec(url)?.[1] ?? -1)
  if (url.includes('$filter')) {
    const found = [...decodeURIComponent(url).matchAll(/userPrincipalName eq 'user(\d+)@/g)].map(([, number]) =>
      person(Number(number)),
    )
    return { id, status: 200, body: { value: found } }
  }
  const value = groupsOf(index)
  if (url.includes('transitiveMemberOf')) return { id, status: 200, body: { '@odata.count': value.length, value } }
  if (url.includes('getMemberGroups')) return { id, status: 200, body: { value: value.map((group) => group.id) } }
  return { id, status: 200, body: person(index) }
}

let calls = 0

function answer(method: string, url: URL, body: string): unknown {
  calls += 1
  const { pathname, searchParams, origin } = url
  if (pathname === '/calls') {
    const counted = calls - 1
    calls = 0
    return { calls: counted }
  }
  if (pathname.endsWith('/token')) return { token_type: 'Bearer', expires_in: 3599, access_token: 'opaque' }
  if (pathname.endsWith('/$batch')) return { responses: (JSON.parse(body) as { requests: Item[] }).requests.map(item) }
  if (pathname.includes('deletedItems')) return { value: [] }
  if (pathname.endsWith('/sessions')) return { result: { session: 'session' } }
  if (pathname.endsWith('/Users')) {
    const from = Number(searchParams.get('offset'))
    const to = Math.min(accounts, from + Number(searchParams.get('limit')))
    return {
      result: { users: Array.from({ length: to - from }, (_, index) => user(from + index)), totalResults: accounts },
    }
  }
  if (pathname.endsWith('/Groups')) {
    const groups = Array.from({ length: groupsEach }, (_, group) => ({
      ref: `Groups/${group + 1}`,
      name: `Group ${group}`,
    }))
    return { result: { groups, totalResults: groups.length } }
  }
  if (method === 'DELETE') return { result: {} }
  return {
    issuer: `${origin}/${idOf(0)}/v2.0`,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/keys`,
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  void text(request)
    .then(async (body) => {
      if (latency > 0 && url.pathname !== '/calls') await delay(latency)
      const sent = JSON.stringify(answer(request.method ?? 'GET', url, body))
      response.writeHead(200, { 'content-type': 'application/json' }).end(sent)
    })
    .catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ origin: `http://localhost:${port}`, tenant: idOf(0) })
})
process.on('disconnect', () => process.exit(0))
