import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/failure.ts'
import { fetchGroups, fetchProfile } from '../../shared/graph/fetchGroups.ts'
import { type Answer, NoAnswerError } from '../../shared/outgoing/http.ts'
import { failureIn } from '../failing.ts'
import { answer, scripted } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'
import { idOf } from '../sync/people.ts'

const graph = 'https://graph.test'

/** One page with the groups of these numbers. */
function page(from: number, count: number, next?: number): Answer {
  const value = Array.from({ length: count }, (_, index) => ({
    id: idOf(from + index),
    displayName: `g${from + index}`,
  }))
  return answer(200, { value, ...(next !== undefined && { '@odata.nextLink': `${graph}/next?page=${next}` }) })
}

function context(...replies: (Answer | string | NoAnswerError)[]) {
  const { send, calls } = scripted(...replies)
  const clock = fakeClock()
  const { signal } = new AbortController()
  return { calls, clock, context: { graph, accessToken: 'token', send, clock, random: () => 0.5, signal } }
}

describe('Reading all groups', () => {
  const whole: [name: string, replies: Answer[], count: number][] = [
    ['of none', [page(0, 0)], 0],
    ['of one page', [page(0, 250)], 250],
    ['of several pages', [page(0, 999, 2), page(999, 999, 3), page(1998, 502)], 2500],
    ['past an empty page in between', [page(0, 2, 2), page(2, 0, 3), page(2, 1)], 3],
    ['past a fault that passes', [page(0, 1, 2), answer(503), page(1, 1)], 2],
  ]
  for (const [name, replies, count] of whole) {
    it(`gives the whole list ${name}`, async () => {
      const { context: graphContext, calls } = context(...replies)
      const groups = await fetchGroups(graphContext)
      expect(groups.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, index) => idOf(index)))
      expect(calls).toHaveLength(replies.length)
    })
  }

  it('follows each link as it is, with token and header', async () => {
    const { context: graphContext, calls } = context(page(0, 1, 2), page(1, 1))
    await fetchGroups(graphContext)
    expect(calls[1]).toMatchObject({
      url: `${graph}/next?page=2`,
      headers: { authorization: 'Bearer token', consistencylevel: 'eventual' },
    })
  })

  const broken: Failure = { code: 'graph_incomplete', problem: 'a page of groups is not as documented' }
  const partial: [name: string, replies: (Answer | string | NoAnswerError)[], failure: Failure][] = [
    [
      'is refused on page two',
      [page(0, 999, 2), answer(403)],
      { code: 'graph_forbidden', permission: 'GroupMember.Read.All' },
    ],
    [
      'is throttled on page two',
      [page(0, 999, 2), answer(429), answer(429), answer(429)],
      { code: 'graph_throttled', status: 429 },
    ],
    [
      'breaks off on page two',
      [page(0, 999, 2), 'ECONNRESET', 'ECONNRESET', 'ECONNRESET'],
      { code: 'graph_unreachable', host: 'graph.test', reason: 'ECONNRESET' },
    ],
    ['is not as documented on page two', [page(0, 999, 2), answer(200, {})], broken],
    [
      'is led to another host',
      [answer(200, { value: [], '@odata.nextLink': 'https://evil.test/' })],
      { code: 'graph_incomplete', problem: 'the next page lies on another host than Microsoft Graph' },
    ],
    [
      'has no more time',
      [page(0, 999, 2), new NoAnswerError('cancelled', true)],
      { code: 'graph_unreachable', host: 'graph.test', reason: 'it took too long' },
    ],
  ]
  for (const [name, replies, failure] of partial) {
    it(`gives an error and no part of the list when it ${name}`, async () => {
      const { context: graphContext } = context(...replies)
      expect(await failureIn(() => fetchGroups(graphContext))).toEqual(failure)
    })
  }

  it('comes to an end with pages that do not', async () => {
    const replies = Array.from({ length: 100 }, () => page(0, 1, 1))
    const { context: graphContext, calls } = context(...replies)
    expect(await failureIn(() => fetchGroups(graphContext))).toEqual({
      code: 'graph_incomplete',
      problem: 'the list has more than 100 pages',
    })
    expect(calls).toHaveLength(100)
  })

  it('waits as long as Graph asks', async () => {
    const { context: graphContext, clock } = context(answer(429, undefined, { 'retry-after': '2' }), page(0, 1))
    await fetchGroups(graphContext)
    expect(clock.waits).toEqual([2000])
  })
})

describe('Reading the profile', () => {
  it('asks for it once', async () => {
    const { context: graphContext, calls } = context(answer(200, { displayName: 'Alice', mail: null }))
    expect(await fetchProfile(graphContext)).toEqual({ displayName: 'Alice', mail: null })
    expect(calls.map(({ url }) => url)).toEqual([`${graph}/v1.0/me?$select=displayName,mail`])
  })

  it('names the permission that is missing', async () => {
    const { context: graphContext } = context(answer(403))
    expect(await failureIn(() => fetchProfile(graphContext))).toEqual({
      code: 'graph_forbidden',
      permission: 'User.Read',
    })
  })
})
