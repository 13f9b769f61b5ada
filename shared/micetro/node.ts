import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { AppError } from '../failure.ts'
import { type Answer, type Call, NoAnswerError, type Send } from '../outgoing/http.ts'
import type { Secret } from '../secret.ts'
import type { ApiPassword } from './apiPassword.ts'
import { sessionSchema } from './types.ts'

export interface MicetroRequest {
  /** What it is for, in words that finish "the API account may not …". */
  action: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base address, percent-encoded, with its query. */
  path: string
  body?: unknown
  signal: AbortSignal
}

export interface NodeOptions {
  apiUser: string
  /** Shared by all nodes: a wrong one is wrong at each of them. */
  password: ApiPassword
  send: Send
  clock: Clock
}

/** How a node lets us in: with a session as Bearer, or by Basic. */
export type WayIn = 'session' | 'Basic'

type Access = { kind: 'session'; session: string; worked: boolean } | { kind: 'Basic'; password: Secret }

/** Time for one call, in milliseconds. */
const callTimeout = 8000

/** Times that a request is sent: with a session that has ended, with a new one, and with Basic. */
const mostSends = 3

/** Where a log-in is accepted and Basic is not, Basic is not tried again for this long, in milliseconds. */
const pauseAfterBasic = 30_000

/**
 * One base address and its way in, which is found once and kept (web API notes: "Transport and authentication"): a
 * session as Bearer where the resource `micetro/sessions` exists; Basic where it does not, or where the session is not
 * taken although the log-in was accepted. The argument `session` is left out: beside the header it would count.
 */
export class Node {
  readonly host: string
  /** Milliseconds since the epoch until which other nodes go first. */
  restUntil = 0
  readonly #url: string
  readonly #options: NodeOptions
  #access: Promise<Access> | undefined
  #current: Access | undefined
  /** A session was given and not taken. */
  #takesNoSession = false
  #noBasicUntil = 0

  constructor(url: string, options: NodeOptions) {
    this.#url = url
    this.host = new URL(url).host
    this.#options = options
  }

  get wayIn(): WayIn | undefined {
    return this.#current?.kind
  }

  /** @throws NoAnswerError, AppError micetro_credentials, micetro_malformed */
  async call(request: MicetroRequest): Promise<Answer> {
    for (let sends = 1; ; sends += 1) {
      const access = await withSignal(this.#enter(), request.signal)
      const answer = await this.#send(withText(request), authorization(access, this.#options.apiUser))
      if (answer.status !== 401) {
        if (access.kind === 'session' && answer.status < 500) access.worked = true
        return answer
      }
      this.#refuse(access)
      if (sends === mostSends) throw this.#options.password.failure('session')
    }
  }

  /** It failed: other nodes go first for a while, and it may come back as another release. */
  rest(until: number): void {
    this.restUntil = until
    this.#takesNoSession = false
    if (this.#current?.kind === 'Basic') this.#forget()
  }

  /** Whatever was wrong with the access, the next call enters anew. */
  #refuse(access: Access): void {
    if (this.#current !== access) return
    this.#forget()
    if (access.kind === 'Basic') this.#options.password.refuse(access.password, 'Basic')
    // One that worked has ended. One that never did is not taken at all, unless Basic is not either.
    else this.#takesNoSession = !access.worked && this.#options.clock.now() >= this.#noBasicUntil
  }

  #forget(): void {
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
    // A password that was changed in the vault meanwhile deserves one more try; the same one is not given out again.
    for (;;) {
      const password = await this.#options.password.toTry()
      const found = await this.#findWay(password)
      if (typeof found === 'object') return found
      this.#options.password.refuse(password, found)
    }
  }

  /** @returns what refused the password, if it was refused */
  async #findWay(password: Secret): Promise<Access | 'log-in' | 'Basic'> {
    if (this.#takesNoSession) {
      if (await this.#takesBasic(password)) return { kind: 'Basic', password }
      // The log-in was accepted, so it is Basic that is refused, not the password.
      this.#takesNoSession = false
      this.#noBasicUntil = this.#options.clock.now() + pauseAfterBasic
    }
    const answer = await this.#openSession(password)
    const session = v.safeParse(sessionSchema, answer.body)
    if (answer.status < 300 && session.success)
      return { kind: 'session', session: session.output.result.session, worked: false }
    if (answer.status === 401) return 'log-in'
    if (answer.status < 300) throw new AppError({ code: 'micetro_malformed', action: 'log in' })
    return (await this.#takesBasic(password)) ? { kind: 'Basic', password } : 'Basic'
  }

  #openSession(password: Secret): Promise<Answer> {
    const body = JSON.stringify({ loginName: this.#options.apiUser, password: password.reveal() })
    return this.#ask({ method: 'POST', path: '/micetro/sessions', body }, undefined)
  }

  /** Asked by one call before any other: the calls of a sign-in go side by side, each would be a wrong log-in. */
  async #takesBasic(password: Secret): Promise<boolean> {
    const header = authorization({ kind: 'Basic', password }, this.#options.apiUser)
    const { status } = await this.#ask({ method: 'GET', path: '/Groups?offset=0&limit=1' }, header)
    return status !== 401
  }

  /** Others may be waiting for the same log-in, so the budget of the request that began it does not end it. */
  async #ask(call: Sent, header: string | undefined): Promise<Answer> {
    const answer = await this.#send({ ...call, signal: new AbortController().signal }, header)
    if (answer.status >= 500) throw new NoAnswerError(`answered ${answer.status}`)
    return answer
  }

  #send({ method, path, body, signal }: Sent & { signal: AbortSignal }, header: string | undefined): Promise<Answer> {
    return this.#options.send({
      method,
      url: this.#url + path,
      headers: {
        accept: 'application/json',
        // Without a charset a body is Latin-1 before 11.1; a charset without a body was a fault until 10.5.2.
        ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
        ...(header !== undefined && { authorization: header }),
      },
      ...(body !== undefined && { body }),
      timeout: callTimeout,
      signal,
    })
  }
}

type Sent = Pick<Call, 'method' | 'body'> & { path: string }

function withText({ method, path, body, signal }: MicetroRequest): Sent & { signal: AbortSignal } {
  return { method, path, signal, ...(body !== undefined && { body: JSON.stringify(body) }) }
}

function authorization(access: Access, user: string): string {
  if (access.kind === 'session') return `Bearer ${access.session}`
  return `Basic ${Buffer.from(`${user}:${access.password.reveal()}`).toString('base64')}`
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
