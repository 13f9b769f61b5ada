import { describe, expect, test } from 'vitest'
import { AppError } from '../../shared/failure.ts'
import { type ApplicationCall, ApplicationGraph, type Outcome } from '../../shared/graph/batch.ts'
import type { Answer, Call } from '../../shared/outgoing/http.ts'
import { answer } from '../outgoing/answers.ts'
import { type FakeClock, fakeClock } from '../outgoing/fakeClock.ts'

const graph = 'https://graph.test'
const calls = (count: number): ApplicationCall[] =>
  Array.from({ length: count }, (_, index) => ({ method: 'GET', url: `/users/${index}`, permission: 'User.Read.All' }))

interface Item {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

interface Setting {
  client: ApplicationGraph
  clock: FakeClock
  /** Urls of each batch. */
  batches: string[][]
  sent: Call[]
}

/** @param item answers a call at its nth time, counted from 0 */
function setting(
  item: (url: string, time: number) => Item | undefined,
  outer?: (call: Call) => Answer | undefined | Promise<undefined>,
): Setting {
  const clock = fakeClock()
  const batches: string[][] = []
  const sent: Call[] = []
  const times = new Map<string, number>()
  let tokens = 0
  const client = new ApplicationGraph({
    graph,
    fetchToken: async () => `token ${++tokens}`,
    missingIn: () => [],
    clock,
    random: () => 0.5,
    signal: new AbortController().signal,
    until: clock.now() + 150_000,
    send: async (call) => {
      sent.push(call)
      const instead = await outer?.(call)
      if (instead !== undefined) return instead
      const { requests } = JSON.parse(call.body ?? '') as { requests: { id: string; url: string }[] }
      batches.push(requests.map(({ url }) => url))
      const responses = requests.flatMap(({ id, url }) => {
        const time = times.get(url) ?? 0
        times.set(url, time + 1)
        const given = item(url, time)
        return given === undefined ? [] : [{ id, ...given }]
      })
      return answer(200, { responses: responses.reverse() })
    },
  })
  return { client, clock, batches, sent }
}

const statuses = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome instanceof AppError ? outcome.failure.code : outcome.status))
const ok = (url: string): Item => ({ status: 200, body: { url } })

describe('A batch', () => {
  test('holds twenty calls at most, and every answer comes back in the place of its call', async () => {
    const { client, batches } = setting(ok)
    const outcomes = await client.askAll(calls(45))
    expect(batches.map((batch) => batch.length)).toEqual([20, 20, 5])
    expect(outcomes.map((outcome) => outcome instanceof AppError || outcome.body)).toEqual(
      calls(45).map(({ url }) => ({ url })),
    )
  })

  test('has four under way at the most', async () => {
    let under = 0
    let most = 0
    const { client } = setting(ok, async () => {
      under += 1
      most = Math.max(most, under)
      await new Promise(setImmediate)
      under -= 1
      return undefined
    })
    await client.askAll(calls(400))
    expect(most).toBeLessThanOrEqual(4)
    expect(most).toBeGreaterThan(1)
  })

  const rows: [
    name: string,
    item: (url: string, time: number) => Item | undefined,
    waits: number[],
    sizes: number[],
  ][] = [
    [
      'throttled items are sent again together, after the longest wait that one asks for',
      (url, time) =>
        time > 0 || !/[37]$/.test(url)
          ? ok(url)
          : { status: 429, headers: { 'Retry-After': url.endsWith('3') ? '2' : '5' } },
      [5000],
      [10, 2],
    ],
    [
      'the wait may be a decimal, and its header in any case',
      (url, time) => (time > 0 || !url.endsWith('3') ? ok(url) : { status: 429, headers: { 'retry-aFTER': '0.249' } }),
      [249],
      [10, 1],
    ],
    [
      'without Retry-After the wait is a guess',
      (url, time) => (time > 0 || !url.endsWith('3') ? ok(url) : { status: 429 }),
      [500],
      [10, 1],
    ],
    [
      '503 and 504 pass, too',
      (url, time) => (time > 0 ? ok(url) : { status: url.endsWith('3') ? 503 : 504, headers: { 'retry-after': '1' } }),
      [1000],
      [10, 10],
    ],
    [
      'an item without an answer is asked for again',
      (url, time) => (time > 0 || !url.endsWith('3') ? ok(url) : undefined),
      [500],
      [10, 1],
    ],
  ]
  test.each(rows)('%s', async (_, item, waits, sizes) => {
    const { client, clock, batches } = setting(item)
    expect(statuses(await client.askAll(calls(10)))).toEqual(calls(10).map(() => 200))
    expect(clock.waits).toEqual(waits)
    expect(batches.map((batch) => batch.length)).toEqual(sizes)
  })

  test('after a throttled one nothing more is begun until the wait is over', async () => {
    const { client, batches } = setting((url, time) =>
      url === '/users/0' && time === 0 ? { status: 429, headers: { 'retry-after': '3' } } : ok(url),
    )
    expect(statuses(await client.askAll(calls(400)))).toEqual(calls(400).map(() => 200))
    expect(batches.length).toBe(Math.ceil(401 / 20))
  })

  test('is given up after six times, item by item, and the others have their answers', async () => {
    const { client } = setting((url) =>
      url.endsWith('3') ? { status: 429, headers: { 'retry-after': '1' } } : ok(url),
    )
    const outcomes = statuses(await client.askAll(calls(5)))
    expect(outcomes).toEqual([200, 200, 200, 'graph_throttled', 200])
  })

  test.each<[string, Answer, string]>([
    ['503', answer(503), 'graph_throttled'],
    ['no batch', answer(200, { value: [] }), 'graph_incomplete'],
    ['400', answer(400, { error: { code: 'BadRequest' } }), 'graph_rejected'],
  ])('that is answered by %s all the time ends the run', async (_, given, code) => {
    const { client, sent } = setting(ok, () => given)
    await expect(client.askAll(calls(400))).rejects.toMatchObject({ failure: { code } })
    expect(sent.length).toBeLessThanOrEqual(6 * 4)
  })

  test('is not waited for beyond the time of the run', async () => {
    const { client, clock } = setting(() => ({ status: 429, headers: { 'retry-after': '600' } }))
    expect(statuses(await client.askAll(calls(3)))).toEqual(['budget_spent', 'budget_spent', 'budget_spent'])
    expect(clock.waits).toEqual([])
    expect(client.over).toBe(true)
  })
})

describe('A refusal (401, 403)', () => {
  test('is asked once more with a fresh token, which is then held', async () => {
    const { client, sent } = setting((url, time) => (url.endsWith('1') && time === 0 ? { status: 403 } : ok(url)))
    expect(statuses(await client.askAll(calls(2)))).toEqual([200, 200])
    await client.askAll(calls(1))
    expect(sent.map(({ headers }) => headers?.authorization)).toEqual([
      'Bearer token 1',
      'Bearer token 2',
      'Bearer token 2',
    ])
  })

  test('of the fresh token, too, names the permission', async () => {
    const { client } = setting(() => ({ status: 403 }))
    const failure = { code: 'graph_forbidden', permission: 'User.Read.All', type: 'application' }
    await expect(client.askAll(calls(2))).rejects.toMatchObject({ failure })
  })
})

describe('A call by itself', () => {
  const page: ApplicationCall = {
    method: 'GET',
    url: `${graph}/v1.0/users?$skiptoken=2`,
    headers: { ConsistencyLevel: 'eventual' },
    permission: 'User.Read.All',
  }

  test('has its own headers and the low priority', async () => {
    const { client, sent } = setting(ok, () => answer(200, {}))
    await client.ask(page)
    expect(sent[0]).toMatchObject({
      url: page.url,
      headers: { ConsistencyLevel: 'eventual', 'x-ms-throttle-priority': 'Low' },
    })
  })

  test('is repeated after a passing fault, and given up after six times', async () => {
    let left = 2
    const passing = setting(ok, () => (left-- > 0 ? answer(503, undefined, { 'retry-after': '2' }) : answer(200, {})))
    expect(statuses([await passing.client.ask(page)])).toEqual([200])
    expect(passing.clock.waits).toEqual([2000, 2000])
    const lasting = setting(ok, () => answer(503))
    expect(statuses([await lasting.client.ask(page)])).toEqual(['graph_throttled'])
    expect(lasting.sent).toHaveLength(6)
  })
})
