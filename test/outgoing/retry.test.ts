import { describe, expect, it } from 'vitest'
import { type Answer, type Call, NoAnswerError } from '../../shared/outgoing/http.ts'
import { readRetryAfter, sendWithRetry } from '../../shared/outgoing/retry.ts'
import { answer, scripted } from './answers.ts'
import { fakeClock } from './fakeClock.ts'

const now = Date.UTC(2026, 0, 1)

describe('Retry-After', () => {
  const cases: [name: string, header: string | undefined, milliseconds: number | undefined][] = [
    ['is read as seconds', '7', 7000],
    ['may have spaces around it', ' 7 ', 7000],
    ['may be zero', '0', 0],
    ['is read as a date', new Date(now + 9000).toUTCString(), 9000],
    ['a date that has passed means now', new Date(now - 9000).toUTCString(), 0],
    ['is unknown when it is absent', undefined, undefined],
    ['is unknown when it is empty', '', undefined],
    ['is unknown when it is neither', 'soon', undefined],
    ['a negative number is unreadable, not now', '-5', undefined],
    ['a fraction is unreadable, not now', '1.5', undefined],
    ['a number beyond all numbers is unreadable', '9'.repeat(400), undefined],
  ]
  for (const [name, header, milliseconds] of cases) {
    it(name, () => expect(readRetryAfter(header, now)).toBe(milliseconds))
  }
})

describe('A call that is safe to repeat', () => {
  const call: Call = { method: 'GET', url: 'https://peer.test/', timeout: 1, signal: new AbortController().signal }
  const ok = answer(200, { done: true })

  const cases: [name: string, answers: (Answer | string)[], ends: number | string, calls: number, waits: number[]][] = [
    ['is made once when it succeeds', [ok], 200, 1, []],
    ['is not repeated after a refusal', [answer(403)], 403, 1, []],
    ['is not repeated after a fault that may not pass', [answer(501)], 501, 1, []],
    ['is repeated after 429', [answer(429), ok], 200, 2, [200]],
    ['is repeated after 502', [answer(502), ok], 200, 2, [200]],
    ['is repeated after 503', [answer(503), ok], 200, 2, [200]],
    ['is repeated after 504', [answer(504), ok], 200, 2, [200]],
    ['is repeated when no answer came', ['ECONNRESET', ok], 200, 2, [200]],
    ['waits twice as long before the third time', [answer(503), answer(503), ok], 200, 3, [200, 400]],
    ['waits as long as the peer asks', [answer(429, undefined, { 'retry-after': '3' }), ok], 200, 2, [3000]],
    ['does not wait at all when the peer says so', [answer(429, {}, { 'retry-after': '0' }), ok], 200, 2, [0]],
    ['is given up when the peer asks for too long', [answer(429, {}, { 'retry-after': '6' })], 429, 1, []],
    ['hands on the last answer', [answer(503), answer(503), answer(429)], 429, 3, [200, 400]],
    ['hands on the last error', ['ECONNRESET', 'ECONNRESET', 'ETIMEDOUT'], 'ETIMEDOUT', 3, [200, 400]],
    [
      'is not repeated to a peer that is not trusted',
      ['DEPTH_ZERO_SELF_SIGNED_CERT'],
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      1,
      [],
    ],
  ]
  for (const [name, answers, ends, calls, waits] of cases) {
    it(name, async () => {
      const script = scripted(...answers)
      const clock = fakeClock()
      const end = await sendWithRetry(script.send, call, { attempts: 3, clock, random: () => 0.5 }).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof NoAnswerError ? error.reason : error),
      )
      expect(end).toBe(ends)
      expect(script.calls).toHaveLength(calls)
      expect(clock.waits).toEqual(waits)
    })
  }

  it('is spread by the jitter between half and one and a half of the guess', async () => {
    const clock = fakeClock()
    const random = [0, 1].values()
    const script = scripted(answer(503), answer(503), ok)
    await sendWithRetry(script.send, call, { attempts: 3, clock, random: () => random.next().value ?? 0 })
    expect(clock.waits).toEqual([100, 600])
  })

  it('is not repeated once the budget of the request is spent', async () => {
    const script = scripted(new NoAnswerError('cancelled', true), ok)
    const run = sendWithRetry(script.send, call, { attempts: 3, clock: fakeClock(), random: () => 0.5 })
    await expect(run).rejects.toMatchObject({ cancelled: true })
    expect(script.calls).toHaveLength(1)
  })

  it('ends as cancelled when the budget is spent during the wait', async () => {
    const script = scripted(answer(503), ok)
    const spent = { ...call, signal: AbortSignal.abort() }
    const run = sendWithRetry(script.send, spent, { attempts: 3, clock: fakeClock(), random: () => 0.5 })
    await expect(run).rejects.toMatchObject({ name: 'NoAnswerError', cancelled: true })
    expect(script.calls).toHaveLength(1)
  })
})
