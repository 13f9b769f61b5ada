import type { Cookie, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions'
import type { Failure } from '../failure.ts'
import type { Log, LogEntry } from '../log.ts'
import { withLimit } from '../outgoing/limit.ts'
import type { Exchange } from './exchange.ts'
import { LineLimit } from './lineLimit.ts'

/** A handler of @azure/functions whose answer can be added to. */
type Handler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>

/** Time for one request, in milliseconds: a person who waits longer has given up. */
const usualBudget = 25_000

/** After the budget a handler has this long to say itself what it waited for, in milliseconds. */
const grace = 1000

const spent = Symbol('budget spent')

/** Why calls of a request that is over end; made once, for an error of its own would be made for each request. */
const answered = new DOMException('The request is answered', 'AbortError')

/** Lines a minute and process that one code of one route may fill: what a caller did wrong, and what we did. */
const limits = { caller: new LineLimit(10), ours: new LineLimit(100) }

/**
 * Wraps a handler: it gets a log, a correlation id and a budget, and whatever it throws becomes an answer, because a
 * handler that throws can leave the browser hanging.
 * @param handle loads what it needs itself, so that registering it costs nothing at cold start
 * @param fail makes the answer of a failure; default: the error page
 * @param budget time for the request, in milliseconds
 */
export function guarded(
  handle: (exchange: Exchange) => Promise<HttpResponseInit>,
  fail: (error: unknown, correlationId: string) => Promise<HttpResponseInit> = failWithPage,
  budget = usualBudget,
): Handler {
  return async (request, context) => {
    const over = new AbortController()
    const correlationId = context.invocationId
    const log = createLog(context)
    const cookies: Cookie[] = []
    const timer = setTimeout(() => over.abort(), budget)
    const exchange: Exchange = { request, log, correlationId, signal: over.signal, cookies, fail }
    try {
      const handled = handle(exchange)
      return { ...(await withLimit(handled, budget + grace, () => spent)), cookies }
    } catch (thrown) {
      const { AppError, describe, explain, failureOf } = await import('./app.ts')
      const error = thrown === spent ? new AppError({ code: 'budget_spent', during: 'answering' }) : thrown
      const failure = failureOf(error)
      const { status, admin } = explain(failure)
      const withheld = limits[status >= 500 ? 'ours' : 'caller'].admit(`${context.functionName} ${failure.code}`)
      const entry = {
        event: 'failed',
        route: context.functionName,
        ...failure,
        status,
        hint: admin,
        cause: describe(error),
        withheld: withheld ?? 0,
      }
      if (withheld === undefined) log.debug(entry)
      else if (status >= 500) log.error(entry)
      else if (isOfBrowser(failure, fail)) log.info(entry)
      else log.warn(entry)
      return { ...(await exchange.fail(error, correlationId)), cookies }
    } finally {
      clearTimeout(timer)
      over.abort(answered)
    }
  }
}

/**
 * What a browser alone brings about is no warning: anybody can call a callback with whatever they like. Behind a function
 * key it is one.
 */
function isOfBrowser(failure: Failure, fail: unknown): boolean {
  if (failure.code === 'bad_request') return fail === failWithPage
  // A code that is none; what a real one met is in the sign-in log of Entra ID.
  if (failure.code === 'entra_refused') return failure.error === 'invalid_grant'
  return failure.code.startsWith('attempt_') || failure.code === 'unverified_error'
}

async function failWithPage(error: unknown, correlationId: string): Promise<HttpResponseInit> {
  const { AppError, errorPage, failureOf, micetroPage } = await import('./app.ts')
  const account = error instanceof AppError ? error.account : undefined
  return errorPage(failureOf(error), correlationId, { account, micetro: micetroPage() })
}

/** One JSON object a line, so that a query can read the fields. */
export function createLog(context: Pick<InvocationContext, 'invocationId' | 'debug' | 'info' | 'warn' | 'error'>): Log {
  const line = (entry: LogEntry): string => JSON.stringify({ ...entry, correlationId: context.invocationId })
  return {
    debug: (entry) => context.debug(line(entry)),
    info: (entry) => context.info(line(entry)),
    warn: (entry) => context.warn(line(entry)),
    error: (entry) => context.error(line(entry)),
  }
}
