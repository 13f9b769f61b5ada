import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import type { MicetroSettings } from '../configuration/settings.ts'
import { AppError } from '../failure.ts'
import { type Answer, NoAnswerError, type Send } from '../outgoing/http.ts'
import type { Secret } from '../secret.ts'
import { errorSchema, sessionSchema } from './types.ts'

export interface MicetroRequest {
  /** What it is for, in words that finish "the API account may not …". */
  action: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base address, percent-encoded, with its query. */
  path: string
  body?: unknown
  signal: AbortSignal
}

export interface TransportOptions {
  settings: MicetroSettings
  /** Password of the API account; `drop` makes the next read ask the vault again. */
  password: { get(): Promise<Secret>; drop(): void }
  send: Send
  clock: Clock
  random: () => number
  /** How long the list of nodes is gone through again, in milliseconds; default 6000, for a failover takes some seconds. */
  patience?: number
}

/** How a node lets us in; a session is valid on the node that issued it only (before 11.1). */
type Access = { kind: 'session'; session: string } | { kind: 'basic' }

/** Time for one call, in milliseconds. */
const callTimeout = 8000

/** A node that failed is asked last for this long, in milliseconds. */
const restAfterFailure = 15_000

/** A password that was refused is not tried again for this long, in milliseconds. */
const pauseAfterRefusal = 30_000

/**
 * Carries calls to Micetro's web API: logs in, logs in again once when a session has ended, and goes through the base
 * addresses in order of preference. Every call that we make may be repeated: reads, memberships and properties are
 * idempotent, and user names are unique.
 */
export class MicetroTransport {
  readonly #options: TransportOptions
  readonly #nodes: Node[]

  constructor(options: TransportOptions) {
    this.#options = options
    this.#nodes = options.settings.apiUrls.map((url) => new Node(url, options))
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
          node.restUntil = clock.now() + restAfterFailure
        } catch (error) {
          if (!(error instanceof NoAnswerError)) throw error
          if (error.cancelled)
            throw new AppError({ code: 'budget_spent', during: 'waiting for Micetro' }, { cause: error })
          node.restUntil = clock.now() + restAfterFailure
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

/** One base address with its session. */
class Node {
  readonly host: string
  /** Milliseconds since the epoch until which other nodes go first. */
  restUntil = 0
  readonly #url: string
  readonly #options: TransportOptions
  #refused: { password: Secret; until: number } | undefined
  #access: Promise<Access> | undefined
  #current: Access | undefined

  constructor(url: string, options: TransportOptions) {
    this.#url = url
    this.host = new URL(url).host
    this.#options = options
  }

  async call(request: MicetroRequest): Promise<Answer> {
    const access = await withSignal(this.#enter(), request.signal)
    const answer = await this.#send(request, access)
    if (answer.status !== 401) return answer
    // The session has ended, or with Basic the password has changed: enter anew, once.
    this.#leave(access)
    if (access.kind === 'basic') this.#options.password.drop()
    const second = await this.#send(request, await withSignal(this.#enter(), request.signal))
    if (second.status === 401) throw new AppError({ code: 'micetro_credentials', user: this.#options.settings.apiUser })
    return second
  }

  #leave(access: Access): void {
    if (this.#current !== access) return
    this.#current = undefined
    this.#access = undefined
  }

  /** One log-in at a time, however many callers wait for it. */
  async #enter(): Promise<Access> {
    if (this.#access === undefined) {
      const entering = this.#logIn()
      this.#access = entering
      entering.then(
        (access) => {
          this.#current = access
        },
        () => {
          if (this.#access === entering) this.#access = undefined
        },
      )
    }
    return this.#access
  }

  async #logIn(): Promise<Access> {
    for (let attempt = 1; ; attempt += 1) {
      const password = await this.#options.password.get()
      // A wrong password tried by every sign-in would lock the account.
      const refused = this.#refused
      const again = refused?.password.equals(password) && this.#options.clock.now() < refused.until
      const access = again ? undefined : await this.#tryLogIn(password)
      if (access !== undefined) return access
      if (!again) this.#refused = { password, until: this.#options.clock.now() + pauseAfterRefusal }
      this.#options.password.drop()
      // A password that was changed in the vault meanwhile deserves one more try; the same one does not.
      if (attempt === 2 || (await this.#options.password.get()).equals(password)) {
        throw new AppError({ code: 'micetro_credentials', user: this.#options.settings.apiUser })
      }
    }
  }

  /** @returns undefined when the password is refused */
  async #tryLogIn(password: Secret): Promise<Access | undefined> {
    // Others may be waiting for the same log-in, so the budget of the request that began it does not end it.
    const { signal } = new AbortController()
    const body = JSON.stringify({ loginName: this.#options.settings.apiUser, password: password.reveal() })
    // Older releases know the command only (vendor guide "API Authentication Methods").
    for (const path of ['/micetro/sessions', '/commands/Login']) {
      const answer = await this.#options.send({
        method: 'POST',
        url: this.#url + path,
        headers: jsonHeaders,
        body,
        timeout: callTimeout,
        signal,
      })
      if (answer.status >= 500) throw new NoAnswerError(`answered ${answer.status}`)
      const session = v.safeParse(sessionSchema, answer.body)
      if (answer.status < 300 && session.success) return { kind: 'session', session: session.output.result.session }
      if (answer.status === 401) return undefined
      if (answer.status < 300) throw new AppError({ code: 'micetro_malformed', action: 'log in' })
    }
    // Sessions are refused altogether; Basic shows at the first call whether it is accepted.
    return { kind: 'basic' }
  }

  async #send(request: MicetroRequest, access: Access): Promise<Answer> {
    const authorization =
      access.kind === 'session'
        ? `Bearer ${access.session}`
        : `Basic ${Buffer.from(`${this.#options.settings.apiUser}:${(await this.#options.password.get()).reveal()}`).toString('base64')}`
    return this.#options.send({
      method: request.method,
      url: this.#url + request.path,
      headers: { ...jsonHeaders, authorization },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      timeout: callTimeout,
      signal: request.signal,
    })
  }
}

/** A log-in is shared, so a request whose budget is spent stops waiting and does not end it. */
function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new NoAnswerError('cancelled', true))
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel)
    const done = (): void => signal.removeEventListener('abort', cancel)
    work.then(resolve, reject).finally(done)
  })
}

const jsonHeaders = { accept: 'application/json', 'content-type': 'application/json' }

/** Micetro's own number and text of an error, shortened for the log. */
export function readMicetroError(answer: Answer): { number: number | undefined; message: string } {
  const parsed = v.safeParse(errorSchema, answer.body)
  if (!parsed.success) return { number: undefined, message: 'no error text' }
  return { number: parsed.output.error.code, message: (parsed.output.error.message ?? '').slice(0, 300) }
}
