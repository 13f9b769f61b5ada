import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import type { MicetroSettings } from '../configuration/settings.ts'
import { AppError } from '../failure.ts'
import { type Answer, NoAnswerError, type Send } from '../outgoing/http.ts'
import { readRetryAfter } from '../outgoing/retry.ts'
import { ApiPassword, type PasswordSource } from './apiPassword.ts'
import { isPassing, type MicetroRequest, Node, type WayIn } from './node.ts'
import { errorSchema } from './types.ts'

export interface TransportOptions {
  settings: MicetroSettings
  /** Password of the API account. */
  password: PasswordSource | ApiPassword
  send: Send
  clock: Clock
  random: () => number
  /** How long the list of nodes is gone through again, in milliseconds; default 6000, for a failover takes some seconds. */
  patience?: number
}

/** Time for a call where another address may answer instead, in milliseconds; a log-in before it included. */
const firstPatience = 2500

/** Time for a call where no other address is known that may answer: half of what a person waits for Micetro. */
const lastPatience = 4000

/** A last round may take this much longer than the patience, in milliseconds. */
const overtime = 2000

/** A node that failed is asked last, and not looked at again before this long, in milliseconds. */
const restAfterFailure = 15_000

/** Where every node has failed, they are looked at this often at the most, in milliseconds. */
const lookEvery = 1000

/** That every node has failed is known for this long, in milliseconds. */
const downFor = 2000

/** Longest wait that a node may ask for (Retry-After), in milliseconds. */
const longestWait = 3000

/**
 * Carries calls to Micetro's web API and goes through the base addresses in order of preference. Every call that we
 * make may be repeated: reads, memberships and properties are idempotent, and user names are unique. A node that failed
 * is found well again by a look in the background, so that a stalled one costs one call, once.
 */
export class MicetroTransport {
  readonly password: ApiPassword
  readonly #options: TransportOptions
  readonly #nodes: Node[]
  #look: Promise<void> | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(options: TransportOptions) {
    this.#options = options
    const { settings, send, clock, password } = options
    this.password = password instanceof ApiPassword ? password : new ApiPassword(password, settings.apiUser, clock)
    const common = { apiUser: settings.apiUser, password: this.password, send, clock }
    this.#nodes = settings.apiUrls.map((url) => new Node(url, common))
  }

  /**
   * @returns the answer, whatever its status, but none that only says that the node is not well
   * @throws AppError micetro_unreachable, micetro_untrusted, micetro_credentials, budget_spent
   */
  async call(request: MicetroRequest): Promise<Answer> {
    const { clock, random, patience = 6000 } = this.#options
    const until = clock.now() + patience
    const spent = (cause: unknown): AppError =>
      new AppError({ code: 'budget_spent', during: 'waiting for Micetro' }, { cause })
    this.#lookAtRested()
    let failed: AppError | undefined
    for (let round = 1; ; round += 1) {
      let asked = 0
      for (const [node, next] of this.#inOrder()) {
        const usual = next !== undefined && next.failed === undefined ? firstPatience : lastPatience
        const limit = round === 1 ? usual : Math.min(usual, until + overtime - clock.now())
        if (limit <= 0) break
        const outcome = await this.#try(node, request, limit)
        if (!(outcome instanceof AppError) && !isPassing(outcome)) return outcome
        failed = outcome instanceof AppError ? outcome : this.#unreachable(`${node.host} answered ${outcome.status}`)
        if (failed.failure.code === 'budget_spent') throw failed
        if (!(outcome instanceof AppError))
          asked = Math.max(asked, readRetryAfter(outcome.headers['retry-after'], clock.now()) ?? 0)
      }
      if (failed?.failure.code === 'micetro_untrusted' || clock.now() >= until) break
      const guess = Math.min(300 * round, 1500) * (0.5 + random())
      // After a wait there is a round: others may have joined meanwhile, whom an old failure should not meet.
      const wait = asked > 0 && asked <= longestWait ? asked : Math.min(guess, until - clock.now())
      if (clock.now() + wait >= until + overtime) break
      await clock.wait(wait, request.signal).catch((cause) => {
        throw spent(cause)
      })
    }
    throw failed ?? this.#unreachable('no address is configured')
  }

  /** Of the first node that has let us in. */
  get wayIn(): WayIn | undefined {
    return this.#nodes.find(({ wayIn }) => wayIn !== undefined)?.wayIn
  }

  /**
   * Refuses at once what could not end at Micetro anyway. Whoever asks has the nodes looked at in the background, all
   * together once a second at the most, so that it is known soon when one is back.
   * @throws AppError micetro_unreachable or micetro_untrusted when every node failed within the last 2 s
   */
  refuseWhileDown(): void {
    const known = this.#options.clock.now() - downFor
    const failed = this.#nodes.flatMap((node) => node.failed ?? [])
    if (failed.length < this.#nodes.length || failed[0] === undefined) return
    if (this.#look === undefined && failed.some(({ at }) => at < known)) return
    this.#lookAt(this.#nodes)
    throw failed[0].failure
  }

  /**
   * Asks every node for as much as shows the way to it, its certificate and the API account.
   * @returns the hosts that failed, with the reason; not empty only when another one is well
   * @throws AppError micetro_* when none is well, vault_*
   */
  async probe(): Promise<{ host: string; failure: AppError }[]> {
    const outcomes = await Promise.all(
      this.#nodes.map(async (node) => ({ host: node.host, outcome: await this.#try(node, knock(), firstPatience) })),
    )
    const failures = outcomes.flatMap(({ host, outcome }) => {
      if (outcome instanceof AppError) return [{ host, failure: outcome }]
      return isPassing(outcome) ? [{ host, failure: this.#unreachable(`${host} answered ${outcome.status}`) }] : []
    })
    if (failures[0] !== undefined && failures.length === this.#nodes.length) throw failures[0].failure
    return failures
  }

  /** One try at one node, which remembers what became of it. @returns a failure that another node may not have */
  async #try(node: Node, request: MicetroRequest, limit: number): Promise<Answer | AppError> {
    const { clock } = this.#options
    try {
      const answer = await node.call(request, limit)
      if (isPassing(answer)) node.fail(clock.now(), this.#unreachable(`${node.host} answered ${answer.status}`))
      else node.failed = undefined
      return answer
    } catch (error) {
      // Whatever it refused, it answered.
      if (error instanceof AppError && error.failure.code.startsWith('micetro_')) node.failed = undefined
      if (!(error instanceof NoAnswerError)) throw error
      if (error.cancelled)
        return new AppError({ code: 'budget_spent', during: 'waiting for Micetro' }, { cause: error })
      const failure = error.untrusted
        ? new AppError({ code: 'micetro_untrusted', host: node.host, reason: error.reason }, { cause: error })
        : this.#unreachable(error.reason, error)
      node.fail(clock.now(), failure)
      return failure
    }
  }

  /** A node that has rested is looked at before anybody has to wait for it; while none is well everybody asks them all. */
  #lookAtRested(): void {
    const rested = this.#options.clock.now() - restAfterFailure
    if (this.#nodes.every(({ failed }) => failed !== undefined)) return
    const due = this.#nodes.filter(({ failed }) => failed !== undefined && failed.at <= rested)
    if (due.length > 0) this.#lookAt(due)
  }

  #lookAt(nodes: readonly Node[]): void {
    const now = this.#options.clock.now()
    if (this.#look !== undefined || now - this.#lookedAt < lookEvery) return
    this.#lookedAt = now
    const looks = nodes.map((node) => this.#try(node, knock(), firstPatience))
    this.#look = Promise.allSettled(looks).then(() => {
      this.#look = undefined
    })
  }

  /** The well ones in order of preference, then the others, those that failed longest ago first; each with the next. */
  #inOrder(): (readonly [Node, next: Node | undefined])[] {
    const failed = this.#nodes.filter((node) => node.failed !== undefined)
    const order = [
      ...this.#nodes.filter((node) => node.failed === undefined),
      ...failed.sort((a, b) => (a.failed?.at ?? 0) - (b.failed?.at ?? 0)),
    ]
    return order.map((node, index) => [node, order[index + 1]])
  }

  #unreachable(reason: string, cause?: unknown): AppError {
    return new AppError({ code: 'micetro_unreachable', hosts: this.#nodes.map((node) => node.host), reason }, { cause })
  }
}

/** The cheapest call that needs to be let in. */
const knock = (): MicetroRequest => ({
  action: 'log in',
  method: 'GET',
  path: '/Groups?offset=0&limit=1',
  signal: new AbortController().signal,
})

/** Micetro's own number and text of an error, shortened for the log. */
export function readMicetroError(answer: Answer): { number: number | undefined; message: string } {
  const parsed = v.safeParse(errorSchema, answer.body)
  if (!parsed.success) return { number: undefined, message: 'no error text' }
  return { number: parsed.output.error.code, message: (parsed.output.error.message ?? '').slice(0, 300) }
}
