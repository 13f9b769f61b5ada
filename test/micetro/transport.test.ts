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

/** Two nodes; `asked` has the host of each call but log-ins, in order. */
function prepare(judge: (host: string) => Answer | NoAnswerError = () => answer(200)) {
  const clock = fakeClock()
  const asked: string[] = []
  const logIns: string[] = []
  const state = { judge }
  const transport = new MicetroTransport({
    settings: {
      apiUrls: ['https://one.test/mmws/api', 'https://two.test/mmws/api'],
      apiUser: 'entra-sync',
      webUrl: new URL('https://micetro.test/'),
      caCertificates: '',
    },
    password: { get: async () => new Secret('password'), refresh: async () => new Secret('password') },
    send: async ({ url }) => {
      const { host, pathname } = new URL(url)
      const said = state.judge(host)
      if (said instanceof NoAnswerError) {
        asked.push(host)
        throw said
      }
      if (!pathname.endsWith('/sessions')) asked.push(host)
      else logIns.push(host)
      return pathname.endsWith('/sessions') && said.status < 300 ? answer(200, { result: { session: 's' } }) : said
    },
    clock,
    random: () => 0.5,
  })
  return { clock, asked, logIns, state, transport }
}

const down = new NoAnswerError('ECONNREFUSED')

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
  ] as const) {
    it(`that ${name} rests: the next one is asked first for 15 s, then the preferred one again`, async () => {
      const { transport, asked, state, clock } = prepare((host) => (host === 'one.test' ? fault : answer(200)))
      await transport.call(request)
      state.judge = () => answer(200)
      asked.length = 0
      await transport.call(request)
      clock.pass(14_999)
      await transport.call(request)
      expect(asked).toEqual(['two.test', 'two.test'])
      clock.pass(1)
      await transport.call(request)
      expect(asked.at(-1)).toBe('one.test')
    })
  }

  it('that all rest are asked all the same, and again while a failover may last', async () => {
    const { transport, asked, state } = prepare(() => (asked.length < 4 ? down : answer(200)))
    expect((await transport.call(request)).status).toBe(200)
    state.judge = () => down
    expect(await failureIn(() => transport.call(request))).toMatchObject({
      code: 'micetro_unreachable',
      hosts: ['one.test', 'two.test'],
    })
  })

  it('share a refused password: it is wrong at each of them', async () => {
    const { transport, logIns, state } = prepare(() => answer(401))
    expect(await failureIn(() => transport.call(request))).toMatchObject({ code: 'micetro_credentials' })
    state.judge = (host) => (host === 'one.test' ? down : answer(401))
    expect(await failureIn(() => transport.call(request))).toMatchObject({ code: 'micetro_credentials' })
    expect(logIns).toEqual(['one.test'])
  })
})
