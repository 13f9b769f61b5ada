import { randomUUID } from 'node:crypto'

/** An error of Entra ID, before it is known where it goes. */
export class EntraError extends Error {
  readonly error: string
  readonly aadsts: number
  readonly status: number
  readonly suberror: string | undefined
  readonly claims: string | undefined
  readonly retryAfter: number | undefined

  constructor(
    error: string,
    aadsts: number,
    text: string,
    more: { status?: number; suberror?: string; claims?: string; retryAfter?: number } = {},
  ) {
    super(text)
    this.error = error
    this.aadsts = aadsts
    this.status = more.status ?? (error === 'invalid_client' ? 401 : 400)
    this.suberror = more.suberror
    this.claims = more.claims
    this.retryAfter = more.retryAfter
  }
}

/** What Entra ID adds to every error so that support can find it. */
export interface Trace {
  traceId: string
  correlationId: string
  timestamp: string
}

/** @param correlationId the caller's `client-request-id`, which Entra ID repeats */
export function createTrace(now: number, correlationId: string | undefined): Trace {
  return {
    traceId: randomUUID(),
    correlationId: correlationId ?? randomUUID(),
    timestamp: new Date(now)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, 'Z'),
  }
}

export function describeError(error: EntraError, trace: Trace): string {
  const { traceId, correlationId, timestamp } = trace
  return `AADSTS${error.aadsts}: ${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`
}

/** The body of a token or metadata endpoint's error answer. */
export function errorBody(error: EntraError, trace: Trace, host: string): Record<string, unknown> {
  return {
    error: error.error,
    error_description: describeError(error, trace),
    error_codes: [error.aadsts],
    timestamp: trace.timestamp,
    trace_id: trace.traceId,
    correlation_id: trace.correlationId,
    error_uri: `${host}/error?code=${error.aadsts}`,
    ...(error.suberror !== undefined && { suberror: error.suberror }),
    ...(error.claims !== undefined && { claims: error.claims }),
  }
}

export const missingParameter = (name: string): EntraError =>
  new EntraError('invalid_request', 900144, `The request body must contain the following parameter: '${name}'.`)
