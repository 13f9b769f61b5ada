import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import type { MicetroSettings } from '../configuration/settings.ts'
import { AppError } from '../failure.ts'
import { type Answer, NoAnswerError, type Send } from '../outgoing/http.ts'
import { ApiPassword, type PasswordSource } from './apiPassword.ts'
import { type MicetroRequest, Node, type WayIn } from './node.ts'
import { errorSchema } from './types.ts'

export interface TransportOptions {
  settings: MicetroSettings
  /** Password of the API account. */
  password: PasswordSource
  send: Send
  clock: Clock
  random: () => number
  /** How long the list of nodes is gone through again, in milliseconds; default 6000, for a failover takes some seconds. */
  patience?: number
}

/** A node that failed is asked last for this long, in milliseconds. */
const restAfterFailure = 15_000

/**
 * Carries calls to Micetro's web API and goes through the base addresses in order of preference. Every call that we
 * make may be repeated: reads, memberships and properties are idempotent, and user names are unique.
 */
export class MicetroTransport {
  readonly #options: TransportOptions
  readonly #nodes: Node[]

  constructor(options: TransportOptions) {
    this.#options = options
    const { settings, send, clock } = options
    const password = new ApiPassword(options.password, settings.apiUser, clock)
    this.#nodes = settings.apiUrls.map((url) => new Node(url, { apiUser: settings.apiUser, password, send, clock }))
  }

  /**
   * @returns the answer, whatever its status below 500
   * @throws AppError micetro_unreachable, micetro_untrusted, micetro_credentials, budget_spent
   */
  async call(request: MicetroRequest): Promise<Answer> {
    const { clock, random, patience = 6000 } = this.#options
    const until = clock.now() + patience
    let failed: AppError | undefined
    for (let round = 1; ; round += 1) {
      for (const node of this.#inOrder()) {
        try {
          const answer = await node.call(request)
          if (answer.status < 500) return answer
          failed = this.#unreachable(`${node.host} answered ${answer.status}`)
          node.rest(clock.now() + restAfterFailure)
        } catch (error) {
          if (!(error instanceof NoAnswerError)) throw error
          if (error.cancelled)
            throw new AppError({ code: 'budget_spent', during: 'waiting for Micetro' }, { cause: error })
          node.rest(clock.now() + restAfterFailure)
          failed = error.untrusted
            ? new AppError({ code: 'micetro_untrusted', host: node.host, reason: error.reason }, { cause: error })
            : this.#unreachable(error.reason, error)
        }
      }
      if (failed?.failure.code === 'micetro_untrusted' || clock.now() >= until) break
      await clock.wait(Math.min(300 * round, 1500) * (0.5 + random()), request.signal).catch((cause) => {
        throw new AppError({ code: 'budget_spent', during: 'waiting for Micetro' }, { cause })
      })
    }
    throw failed ?? this.#unreachable('no address is configured')
  }

  /** Of the first node that has let us in. */
  get wayIn(): WayIn | undefined {
    return this.#nodes.find(({ wayIn }) => wayIn !== undefined)?.wayIn
  }

  #inOrder(): Node[] {
    const now = this.#options.clock.now()
    return [
      ...this.#nodes.filter((node) => node.restUntil <= now),
      ...this.#nodes.filter((node) => node.restUntil > now),
    ]
  }

  #unreachable(reason: string, cause?: unknown): AppError {
    return new AppError({ code: 'micetro_unreachable', hosts: this.#nodes.map((node) => node.host), reason }, { cause })
  }
}

/** Micetro's own number and text of an error, shortened for the log. */
export function readMicetroError(answer: Answer): { number: number | undefined; message: string } {
  const parsed = v.safeParse(errorSchema, answer.body)
  if (!parsed.success) return { number: undefined, message: 'no error text' }
  return { number: parsed.output.error.code, message: (parsed.output.error.message ?? '').slice(0, 300) }
}
