import { describe, expect, it } from 'vitest'
import { MicetroTransport } from '../../shared/micetro/transport.ts'
import { type Answer, NoAnswerError } from '../../shared/outgoing/http.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'
import { answer } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const request = {
  action: 'read groups',
  method: 'GET',
  path: '/Groups?',
  signal: new AbortController().signal,
} as const

/** Takes all the time that a call has, and gives no answer. */
const stall = 'stall'

type Judge = (host: string) => Answer | NoAnswerError | typeof stall

/** Some nodes; `asked` has the host of each call but log-ins, in order. */
function prepare(judge: Judge = () => answer(200), hosts = ['one.test', 'two.test'], random = () => 0.5) {
  const clock = fakeClock()
  const asked: string[] = []
  const logIns: string[] = []
  const state = { judge }
  const transport = new MicetroTransport({
    settings: {
      apiUrls: hosts.map((host) => `https://${host}/mmws/api`),
      apiUser: 'entra-sync',
      webUrl: new URL('https://micetro.test/'),
      caCertificates: '',
    },
    password: { get: async () => new Secret('password'), refresh: async () => new Secret('password') },
    send: async ({ url, timeout }) => {
      const { host, pathname } = new URL(url)
      const said = state.judge(host)
      if (said === stall) {
        asked.push(host)
        clock.pass(timeout)
        throw new NoAnswerError(`no answer within ${timeout} ms`)
      }
      if (said instanceof NoAnswerError) {
        asked.push(host)
        throw said
      }
      if (!pathname.endsWith('/sessions')) asked.push(host)
      else logIns.push(host)
      return pathname.endsWith('/sessions') && said.status < 300 ? answer(200, { result: { session: 's' } }) : said
    },
    clock,
    random,
  })
  return { clock, asked, logIns, state, transport }
}

const down = new NoAnswerError('ECONNREFUSED')

/** What goes on in the background is over; the calls of these tests wait for nothing but promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('The base addresses', () => {
  it('are asked in order of preference', async () => {
    const { transport, asked } = prepare()
    await transport.call(request)
    await transport.call(request)
    expect(asked).toEqual(['one.test', 'one.test'])
  })

  for (const [name, fault] of [
    ['gives no answer', down],
    ['answers 503', answer(503)],
    ['answers 429', answer(429)],
  ] as const) {
    it(`that ${name} rests: the next one is asked first, until a look in the background finds it well`, async () => {
      const { transport, asked, logIns, state, clock } = prepare((host) => (host === 'one.test' ? fault : answer(200)))
      await transport.call(request)
      asked.length = 0
      logIns.length = 0
      clock.pass(14_999)
      await transport.call(request)
      expect([asked, logIns]).toEqual([['two.test'], []])
      clock.pass(1)
      // It is still down, and whoever calls does not wait for it.
      await transport.call(request)
      await settled()
      expect(asked.filter((host) => host === 'two.test')).toHaveLength(2)
      expect([...asked, ...logIns]).toContain('one.test')
      state.judge = () => answer(200)
      clock.pass(15_000)
      await transport.call(request)
      await settled()
      asked.length = 0
      await transport.call(request)
      expect(asked).toEqual(['one.test'])
    })
  }

  it('of which one stalls cost 2.5 s once, and nothing the second time', async () => {
    const { transport, state, clock } = prepare()
    await transport.call(request)
    state.judge = (host) => (host === 'one.test' ? stall : answer(200))
    const times = []
    for (const _ of [1, 2]) {
      const begun = clock.now()
      expect((await transport.call(request)).status).toBe(200)
      times.push(clock.now() - begun)
    }
    expect(times).toEqual([2500, 0])
  })

  it('of which one stalls at the log-in cost no more', async () => {
    const { transport, clock } = prepare((host) => (host === 'one.test' ? stall : answer(200)))
    const begun = clock.now()
    await transport.call(request)
    expect(clock.now() - begun).toBe(2500)
  })

  it('that are one only are asked again after a stall', async () => {
    let stalls = 1
    const { transport } = prepare(() => (stalls-- > 0 ? stall : answer(200)), ['one.test'])
    expect((await transport.call(request)).status).toBe(200)
  })

  for (const hosts of [['one.test'], ['one.test', 'two.test']]) {
    it(`that all stall (${hosts.length}) are given up within 8 s, whoever asks`, async () => {
      const { transport, clock } = prepare(() => stall, hosts)
      for (const _ of [1, 2]) {
        const begun = clock.now()
        expect(await failureIn(() => transport.call(request))).toMatchObject({ code: 'micetro_unreachable' })
        expect(clock.now() - begun).toBeLessThanOrEqual(8000)
      }
    })
  }

  it('may ask for a short wait, and it is kept', async () => {
    let refusals = 0
    const { transport, clock } = prepare(() =>
      refusals-- > 0 ? answer(429, undefined, { 'retry-after': '2' }) : answer(200),
    )
    await transport.call(request)
    refusals = 2
    expect((await transport.call(request)).status).toBe(200)
    expect(clock.waits).toEqual([2000])
  })

  it('that all failed refuse beforehand for 2 s, and one look a second finds out that one is back', async () => {
    const { transport, asked, state, clock } = prepare(() => down)
    const refused = () => failureIn(async () => transport.refuseWhileDown())
    expect(() => transport.refuseWhileDown()).not.toThrow()
    await failureIn(() => transport.call(request))
    asked.length = 0
    for (const _ of [1, 2, 3])
      expect(await refused()).toMatchObject({ code: 'micetro_unreachable', reason: 'ECONNREFUSED' })
    await settled()
    expect(asked).toEqual(['one.test', 'two.test'])
    clock.pass(1000)
    state.judge = (host) => (host === 'one.test' ? down : answer(200))
    expect(await refused()).toMatchObject({ code: 'micetro_unreachable' })
    await settled()
    expect(() => transport.refuseWhileDown()).not.toThrow()
  })

  it('that all failed more than 2 s ago refuse nothing beforehand', async () => {
    const { transport, clock } = prepare(() => down)
    await failureIn(() => transport.call(request))
    clock.pass(2001)
    expect(() => transport.refuseWhileDown()).not.toThrow()
  })

  it('tell the reason of each that fails a probe, and throw when none is well', async () => {
    const { transport, state } = prepare((host) => (host === 'one.test' ? down : answer(200)))
    expect(await transport.probe()).toMatchObject([
      { host: 'one.test', failure: { failure: { reason: 'ECONNREFUSED' } } },
    ])
    state.judge = () => down
    expect(await failureIn(() => transport.probe())).toMatchObject({
      code: 'micetro_unreachable',
      reason: 'ECONNREFUSED',
    })
  })

  it('that all rest are asked all the same, and again while a failover may last', async () => {
    const { transport, asked, state } = prepare(() => (asked.length < 4 ? down : answer(200)))
    expect((await transport.call(request)).status).toBe(200)
    state.judge = () => down
    expect(await failureIn(() => transport.call(request))).toMatchObject({
      code: 'micetro_unreachable',
      hosts: ['one.test', 'two.test'],
    })
  })

  it('are asked once more after the last wait, however long chance would have it', async () => {
    const chances = [0.5, 0.5, 0.5, 0.5, 0.8, 0.15, 0.99]
    const { transport, state, clock } = prepare(
      () => down,
      ['one.test'],
      () => chances.shift() ?? 0,
    )
    const begun = clock.now()
    state.judge = () => (clock.now() - begun > 5950 ? answer(200) : down)
    expect((await transport.call(request)).status).toBe(200)
  })

  it('share a refused password: it is wrong at each of them', async () => {
    const { transport, logIns, state } = prepare(() => answer(401))
    expect(await failureIn(() => transport.call(request))).toMatchObject({ code: 'micetro_credentials' })
    state.judge = (host) => (host === 'one.test' ? down : answer(401))
    expect(await failureIn(() => transport.call(request))).toMatchObject({ code: 'micetro_credentials' })
    expect(logIns).toEqual(['one.test'])
  })

  it('try a wrong password once, also side by side at different ones', async () => {
    const { transport, logIns } = prepare(() => answer(401))
    expect(await failureIn(() => transport.probe())).toMatchObject({ code: 'micetro_credentials' })
    expect(logIns).toHaveLength(1)
  })
})
