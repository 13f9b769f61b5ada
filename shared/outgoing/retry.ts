import type { Clock } from '../clock.ts'
import { type Answer, type Call, NoAnswerError, type Send } from './http.ts'

/** Longest single wait; a server that asks for more is reported as busy instead. */
const longestWait = 5000

/**
 * The wait that a server asks for (RFC 9110 10.2.3): seconds or a date.
 * @returns milliseconds, or undefined when the header is absent or unreadable
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // Date.parse takes numbers for dates, too.
  const date = /^[A-Z][a-z]{2,8}, /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0)
}

export interface RetryOptions {
  /** Calls in all, the first included. */
  attempts: number
  clock: Clock
  /** 0 to 1, for the jitter. */
  random: () => number
}

const passing = new Set([429, 500, 502, 503, 504])

/**
 * Repeats a call that is safe to repeat, after a passing fault or no answer. The server's own Retry-After beats the
 * guess; the last answer or error is handed on.
 */
export async function sendWithRetry(
  send: Send,
  call: Call,
  { attempts, clock, random }: RetryOptions,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    let asked: number | undefined
    try {
      const answer = await send(call)
      if (!passing.has(answer.status) || attempt === attempts) return answer
      asked = readRetryAfter(answer.headers['retry-after'], clock.now())
      if (asked !== undefined && asked > longestWait) return answer
    } catch (error) {
      if (!(error instanceof NoAnswerError) || error.cancelled || error.untrusted || attempt === attempts) throw error
    }
    const guess = 200 * 2 ** (attempt - 1) * (0.5 + random())
    try {
      await clock.wait(asked ?? guess, call.signal)
    } catch {
      throw new NoAnswerError('cancelled', true)
    }
  }
}
