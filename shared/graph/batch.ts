import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { AppError } from '../failure.ts'
import { type Answer, NoAnswerError, type Send } from '../outgoing/http.ts'
import { readRetryAfter } from '../outgoing/retry.ts'

/** An application permission of Microsoft Graph. */
export type ApplicationPermission = 'User.Read.All' | 'GroupMember.Read.All'

/** One call for the application itself. */
export interface ApplicationCall {
  method: 'GET' | 'POST'
  /** Below the version, with its slash, for a batch; a whole address is asked for by itself. */
  url: string
  headers?: Record<string, string>
  body?: unknown
  permission: ApplicationPermission
}

export interface ApplicationContext {
  /** Root of Microsoft Graph in this cloud. */
  graph: string
  /** Asks Entra ID for a fresh token each time. */
  fetchToken: () => Promise<string>
  /** The application permissions that are missing in a token, as far as it tells. */
  missingIn: (token: string) => readonly string[]
  send: Send
  clock: Clock
  random: () => number
  /** Ends calls that are under way. */
  signal: AbortSignal
  /** When nothing more is begun, in milliseconds since the epoch. */
  until: number
}

/** Graph takes as many in one batch (Microsoft's page "JSON batching"). */
const mostInBatch = 20

/** Batches under way at once: sign-ins share the quota, and come first. */
const abreast = 4

/** Times that one call is tried, and rounds in a row that may bring nothing at all. */
const attempts = 6

/** For one batch, in milliseconds. */
const batchTimeout = 30_000

/** The longest wait that nobody asked for, in milliseconds. */
const longestGuess = 20_000

/** An answer, or why there is none. */
export type Outcome = Answer | AppError

interface Open {
  call: ApplicationCall
  index: number
  tries: number
  failed: AppError | undefined
}

const responsesSchema = v.object({
  responses: v.array(
    v.object({
      id: v.string(),
      status: v.number(),
      headers: v.nullish(v.record(v.string(), v.unknown()), {}),
      body: v.optional(v.unknown()),
    }),
  ),
})

/**
 * Microsoft Graph as the application itself sees it, for one run: the token is held, calls go in batches, and what is
 * throttled is sent again after the longest wait that Graph asks for (Microsoft's page "Graph throttling guidance").
 */
export class ApplicationGraph {
  readonly #context: ApplicationContext
  #token: Promise<string> | undefined
  #renewed: Promise<string> | undefined
  /** Graph asks for a wait that the run has no time for. */
  #givenUp = false

  constructor(context: ApplicationContext) {
    this.#context = context
  }

  /** True when the time of the run is over; every call is answered with budget_spent then. */
  get over(): boolean {
    return this.#givenUp || this.#context.signal.aborted || this.#context.clock.now() >= this.#context.until
  }

  /**
   * Answers in the order of the calls, whatever their status, except those that are worth another try: these are tried.
   * @throws AppError graph_forbidden when a fresh token changes nothing, graph_unreachable, graph_throttled when Graph
   * answers nothing any more, graph_rejected, and what asking for a token throws
   */
  async askAll(calls: readonly ApplicationCall[]): Promise<Outcome[]> {
    const outcomes = new Array<Outcome>(calls.length)
    let open = calls.map((call, index): Open => ({ call, index, tries: 0, failed: undefined }))
    for (let fruitless = 0; open.length > 0; ) {
      if (this.over) {
        for (const { index } of open) outcomes[index] = spent()
        break
      }
      const { again, wait, answered } = await this.#round(open, outcomes)
      fruitless = answered === 0 ? fruitless + 1 : 0
      const failed = again.find((each) => each.failed !== undefined)?.failed
      if (fruitless === attempts && failed !== undefined && !this.over) throw failed
      open = []
      for (const each of again) {
        if (each.tries < attempts) open.push(each)
        else outcomes[each.index] = each.failed ?? spent()
      }
      if (open.length > 0 && wait !== undefined) await this.#wait(wait, fruitless)
    }
    return outcomes
  }

  /** One call by itself. @throws AppError as askAll */
  async ask(call: ApplicationCall): Promise<Outcome> {
    if (call.url.startsWith('/')) {
      const [outcome] = await this.askAll([call])
      return outcome ?? spent()
    }
    let failed: AppError | undefined
    for (let attempt = 0; attempt < attempts && !this.over; attempt += 1) {
      const token = await this.#currentToken()
      const outcome = await this.#send(call.method, call.url, token, call.headers)
      if (!(outcome instanceof AppError) && !isPassing(outcome.status)) {
        if (!isRefused(outcome.status)) return outcome
        await this.#renew(token, outcome, call.permission)
        continue
      }
      failed = outcome instanceof AppError ? outcome : busy(outcome)
      const asked = outcome instanceof AppError ? undefined : askedWait(outcome.headers, this.#context.clock.now())
      await this.#wait(asked ?? 'guess', attempt + 1)
    }
    return failed === undefined || this.over ? spent() : failed
  }

  /** Sends until something asks for a pause; what has not got its answer then comes back. */
  async #round(
    open: readonly Open[],
    outcomes: Outcome[],
  ): Promise<{ again: Open[]; wait: Wait | undefined; answered: number }> {
    const chunks = Array.from({ length: Math.ceil(open.length / mostInBatch) }, (_, index) =>
      open.slice(index * mostInBatch, (index + 1) * mostInBatch),
    ).values()
    const again: Open[] = []
    const unsent: Open[] = []
    let wait: Wait | undefined
    let answered = 0
    const work = async (): Promise<void> => {
      for (const chunk of chunks) {
        if (wait !== undefined || this.over) {
          unsent.push(...chunk)
          continue
        }
        const { left, wait: asked } = await this.#batch(chunk, outcomes)
        answered += chunk.length - left.length
        again.push(...left)
        wait = longer(wait, asked)
      }
    }
    const done = await Promise.allSettled(Array.from({ length: abreast }, work))
    const refused = done.find((each) => each.status === 'rejected')
    if (refused !== undefined) throw refused.reason
    return { again: [...again, ...unsent], wait, answered }
  }

  async #batch(chunk: readonly Open[], outcomes: Outcome[]): Promise<{ left: Open[]; wait: Wait | undefined }> {
    const token = await this.#currentToken()
    const requests = chunk.map(({ call: { method, url, headers, body } }, index) => ({
      id: String(index + 1),
      method,
      url,
      // The timer is to be throttled before a person who waits for a sign-in.
      headers: { ...headers, 'x-ms-throttle-priority': 'Low' },
      ...(body !== undefined && { body }),
    }))
    const address = `${this.#context.graph}/v1.0/$batch`
    const outer = await this.#send('POST', address, token, undefined, { requests })
    const all = (failed: AppError, wait: Wait | undefined) => ({ left: chunk.map((each) => tried(each, failed)), wait })
    if (outer instanceof AppError) return all(outer, 'guess')
    if (isPassing(outer.status)) return all(busy(outer), askedWait(outer.headers, this.#context.clock.now()) ?? 'guess')
    if (isRefused(outer.status)) {
      const permission = chunk[0]?.call.permission ?? 'User.Read.All'
      await this.#renew(token, outer, permission)
      return all(busy(outer), undefined)
    }
    const parsed = v.safeParse(responsesSchema, outer.body)
    if (outer.status !== 200) throw new AppError({ code: 'graph_rejected', status: outer.status, reply: 'to a batch' })
    const unusable = new AppError({ code: 'graph_incomplete', problem: 'a batch was not answered as documented' })
    if (!parsed.success) return all(unusable, 'guess')

    const byId = new Map(parsed.output.responses.map((response) => [response.id, response]))
    const left: Open[] = []
    let wait: Wait | undefined
    for (const [index, each] of chunk.entries()) {
      const response = byId.get(String(index + 1))
      if (response === undefined) {
        left.push(tried(each, unusable))
        wait = longer(wait, 'guess')
        continue
      }
      const answer = answerOf(response)
      if (isPassing(answer.status)) {
        left.push(tried(each, busy(answer)))
        wait = longer(wait, askedWait(answer.headers, this.#context.clock.now()) ?? 'guess')
      } else if (isRefused(answer.status)) {
        await this.#renew(token, answer, each.call.permission)
        left.push(tried(each, busy(answer)))
      } else {
        outcomes[each.index] = answer
      }
    }
    return { left, wait }
  }

  async #send(
    method: 'GET' | 'POST',
    url: string,
    token: string,
    headers?: Record<string, string>,
    body?: unknown,
  ): Promise<Outcome> {
    const { send, signal, graph } = this.#context
    try {
      return await send({
        method,
        url,
        headers: {
          ...headers,
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          'x-ms-throttle-priority': 'Low',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        timeout: batchTimeout,
        signal,
      })
    } catch (cause) {
      if (!(cause instanceof NoAnswerError)) throw cause
      if (cause.cancelled) return spent()
      return new AppError({ code: 'graph_unreachable', host: new URL(graph).host, reason: cause.reason }, { cause })
    }
  }

  #currentToken(): Promise<string> {
    this.#token ??= this.#context.fetchToken()
    return this.#token
  }

  /**
   * A token keeps the permissions that it was issued with, so a refusal is asked once more with a fresh one, which the
   * whole run then has.
   * @param refused the token that met the refusal
   * @throws AppError graph_forbidden when the fresh one met it, too
   */
  async #renew(refused: string, answer: Answer, permission: ApplicationPermission): Promise<void> {
    const renewed = await this.#renewed
    if (renewed === refused) {
      const missing = this.#context.missingIn(refused)
      const named = missing.length > 0 ? missing.join(' and ') : permission
      const reply = `${answer.status} ${errorCodeOf(answer) ?? 'without an error code'}`
      throw new AppError(
        { code: 'graph_forbidden', permission: named, type: 'application' },
        { cause: new Error(`Graph answered ${reply}`) },
      )
    }
    this.#renewed ??= this.#context.fetchToken()
    this.#token = this.#renewed
    await this.#token
  }

  /** @param wait milliseconds that Graph asks for, or a guess by the number of failures in a row */
  async #wait(wait: Wait, failures: number): Promise<void> {
    const { clock, random, signal, until } = this.#context
    const guess = Math.min(500 * 2 ** failures, longestGuess) * (0.5 + random())
    const milliseconds = wait === 'guess' ? guess : wait
    // What cannot be sent in time any more is not waited for.
    if (clock.now() + milliseconds >= until) {
      this.#givenUp = true
      return
    }
    await clock.wait(milliseconds, signal).catch(() => undefined)
  }
}

/** Milliseconds, or a guess of ours. */
type Wait = number | 'guess'

function longer(a: Wait | undefined, b: Wait | undefined): Wait | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (a === 'guess') return b
  return b === 'guess' ? a : Math.max(a, b)
}

const tried = (each: Open, failed: AppError): Open => ({ ...each, tries: each.tries + 1, failed })
const spent = (): AppError => new AppError({ code: 'budget_spent', during: 'reading Microsoft Graph' })
const busy = ({ status }: Answer): AppError => new AppError({ code: 'graph_throttled', status })
const isPassing = (status: number): boolean => status === 429 || status >= 500
const isRefused = (status: number): boolean => status === 401 || status === 403

/** The wait in seconds may be a decimal there, unlike RFC 9110 has it. */
function askedWait(headers: Answer['headers'], now: number): number | undefined {
  const text = headers['retry-after']?.trim()
  return text !== undefined && /^\d{1,6}\.\d{1,9}$/.test(text) ? Number(text) * 1000 : readRetryAfter(text, now)
}

function answerOf({ status, headers, body }: v.InferOutput<typeof responsesSchema>['responses'][number]): Answer {
  // Their names come in any case.
  const lower = Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
  return { status, headers: lower, body, text: '', malformed: false }
}

const errorSchema = v.object({ error: v.object({ code: v.pipe(v.string(), v.regex(/^[\w.-]{1,80}$/)) }) })

/** Graph's own code of an error, such as Request_ResourceNotFound. */
export function errorCodeOf({ body }: Pick<Answer, 'body'>): string | undefined {
  const parsed = v.safeParse(errorSchema, body)
  return parsed.success ? parsed.output.error.code : undefined
}
