import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { AppError } from '../failure.ts'
import { type Answer, type Call, NoAnswerError, type Send } from '../outgoing/http.ts'
import { withLimit } from '../outgoing/limit.ts'
import type { Secret } from '../secret.ts'
import type { ApiPassword, Refusing } from './apiPassword.ts'
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
  /** How it failed last, and when (milliseconds since the epoch), until it answers again: others go first meanwhile. */
  failed: { at: number; failure: AppError } | undefined
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

  /**
   * @param patience for the call and a log-in before it, in milliseconds
   * @throws NoAnswerError, AppError micetro_credentials, micetro_malformed
   */
  async call(request: MicetroRequest, patience: number): Promise<Answer> {
    const { clock, password, apiUser } = this.#options
    if (this.#access === undefined) await withSignal(password.ready(), request.signal)
    const until = clock.now() + patience
    for (let sends = 1; ; sends += 1) {
      const late = (): NoAnswerError => new NoAnswerError(`no answer within ${patience} ms`)
      const left = until - clock.now()
      if (left <= 0) throw late()
      const access = this.#current ?? (await withLimit(withSignal(this.#enter(left), request.signal), left, late))
      const answer = await this.#send(
        withText(request),
        authorization(access, apiUser),
        Math.max(1, until - clock.now()),
      )
      if (answer.status !== 401) {
        if (access.kind === 'session' && !isPassing(answer)) access.worked = true
        return answer
      }
      this.#refuse(access)
      if (sends === mostSends) throw this.#options.password.failure('session')
    }
  }

  /** Other nodes go first until it answers again, and it may come back as another release. */
  fail(at: number, failure: AppError): void {
    this.failed = { at, failure }
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
  async #enter(patience: number): Promise<Access> {
    if (this.#access === undefined) {
      const entering = this.#options.password.enter((password) => this.#findWay(password, patience))
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

  /** @returns what refused the password, if it was refused */
  async #findWay(password: Secret, patience: number): Promise<Access | Refusing> {
    if (this.#takesNoSession) {
      if (await this.#takesBasic(password, patience)) return { kind: 'Basic', password }
      // The log-in was accepted, so it is Basic that is refused, not the password.
      this.#takesNoSession = false
      this.#noBasicUntil = this.#options.clock.now() + pauseAfterBasic
    }
    const answer = await this.#openSession(password, patience)
    const session = v.safeParse(sessionSchema, answer.body)
    if (answer.status < 300 && session.success)
      return { kind: 'session', session: session.output.result.session, worked: false }
    if (answer.status === 401) return 'log-in'
    if (answer.status < 300) throw new AppError({ code: 'micetro_malformed', action: 'log in' })
    return (await this.#takesBasic(password, patience)) ? { kind: 'Basic', password } : 'Basic'
  }

  #openSession(password: Secret, patience: number): Promise<Answer> {
    const body = JSON.stringify({ loginName: this.#options.apiUser, password: password.reveal() })
    return this.#ask({ method: 'POST', path: '/micetro/sessions', body }, undefined, patience)
  }

  /** Asked by one call before any other: the calls of a sign-in go side by side, each would be a wrong log-in. */
  async #takesBasic(password: Secret, patience: number): Promise<boolean> {
    const header = authorization({ kind: 'Basic', password }, this.#options.apiUser)
    const { status } = await this.#ask({ method: 'GET', path: '/Groups?offset=0&limit=1' }, header, patience)
    return status !== 401
  }

  /** Others may be waiting for the same log-in, so the budget of the request that began it does not end it. */
  async #ask(call: Sent, header: string | undefined, patience: number): Promise<Answer> {
    const answer = await this.#send({ ...call, signal: new AbortController().signal }, header, patience)
    if (isPassing(answer)) throw new NoAnswerError(`answered ${answer.status}`)
    return answer
  }

  #send(
    { method, path, body, signal }: Sent & { signal: AbortSignal },
    header: string | undefined,
    timeout: number,
  ): Promise<Answer> {
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
      timeout,
      signal,
    })
  }
}

/** True for an answer that says nothing of the call itself: another node, or the same one in a moment, may do better. */
export const isPassing = ({ status }: Answer): boolean => status >= 500 || status === 429

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
