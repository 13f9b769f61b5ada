import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectNoSecrets } from '../integration/noSecrets.ts'
import { forget } from '../integration/stage.ts'
import { kept } from './kept.ts'
import { type HostileRequest, hostileRequest, marker } from './request.ts'
import { Target } from './target.ts'

/** `npm run fuzz -- --seed N --cases M` sets them; a seed that showed a fault shows it again. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const cases = Number(process.env.FUZZ_CASES ?? 400)

let target: Target

beforeAll(async () => {
  target = await Target.start()
})
afterAll(() => target.stage.close())

/** Where an answer may send a browser: nowhere that the request chose. */
const known = () => {
  const { entra, micetro } = target.stage.world
  return [`${entra.browserUrl}/`, micetro.webUrl, `${micetro.web.url}/mmws/auth_cb/microsoft?`]
}

/** How often each status came, to see that the requests get somewhere. */
const statuses = new Map<number, number>()

async function tryRequest(request: HostileRequest): Promise<void> {
  const { status = 0, head, body } = await target.send(request)
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
  // A connection that is ended without an answer, and what is said to somebody who broke off, is the host's affair.
  if (request.claimedLength === undefined) {
    expect(status, 'a whole request is answered').toBeGreaterThan(0)
    expect(status).toBeLessThan(500)
  }
  const location = /^location: (.*)$/im.exec(head)?.[1]
  if (location !== undefined)
    expect(
      known().some((start) => location.startsWith(start)),
      location,
    ).toBe(true)
  if (/^content-type: text\/html/im.test(head)) expect(body).not.toContain(marker)
  expect(head).not.toMatch(/^set-cookie: x=y/im)
  expect(target.writes()).toEqual([])
}

test(
  `${cases} hostile requests over sockets (seed ${seed}): no 5xx, no write, nothing leaked, the process lives`,
  async () => {
    console.log(`FUZZ_SEED=${seed} FUZZ_CASES=${cases}`)
    let sent = 0
    const run = (from: number, count: number) =>
      fc.assert(
        fc.asyncProperty(hostileRequest, async (request) => {
          await tryRequest(request)
          sent += 1
          // The simulators remember everything.
          if (sent % 200 === 0) forget(target.stage)
        }),
        { seed: from, numRuns: count, examples: kept.map((request) => [request]), endOnFailure: false },
      )
    // Caches and connections that are there for good are there after this.
    await run(seed + 1, Math.min(cases, 200))
    const before = await target.holdings()
    await run(seed, cases)
    expect(await target.isAlive()).toBe(true)
    await expect
      .poll(
        async () => {
          const after = await target.holdings()
          return {
            heap: after.heap - before.heap < 16 * 1024 * 1024,
            resources: after.resources - before.resources < 10,
            descriptors: after.descriptors - before.descriptors < 10,
          }
        },
        { timeout: 20_000, interval: 1000 },
      )
      .toEqual({ heap: true, resources: true, descriptors: true })
    const counted = Object.fromEntries([...statuses].sort(([a], [b]) => a - b))
    console.log(JSON.stringify({ before, after: await target.holdings(), statuses: counted }))
  },
  Math.max(60_000, cases * 100),
)

test('no secret was printed meanwhile', () => expectNoSecrets(target.stage))
