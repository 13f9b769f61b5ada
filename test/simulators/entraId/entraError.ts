import { randomUUID } from 'node:crypto'
import { Refusal } from '../server.ts'

/** An error of Entra ID, before it is known where it goes; its code is the number after `AADSTS`. */
export class EntraError extends Refusal<number> {
  /** The OAuth 2.0 error. */
  readonly error: string
  readonly suberror: string | undefined
  readonly claims: string | undefined
  readonly retryAfter: number | undefined

  constructor(
    error: string,
    aadsts: number,
    text: string,
    more: { status?: number; suberror?: string | undefined; claims?: string; retryAfter?: number } = {},
  ) {
    super(more.status ?? (error === 'invalid_client' ? 401 : 400), aadsts, text)
    this.error = error
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
export function createTrace(correlationId: string | undefined): Trace {
  return {
    traceId: randomUUID(),
    correlationId: correlationId ?? randomUUID(),
    timestamp: new Date()
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, 'Z'),
  }
}

export function describeError(error: EntraError, trace: Trace): string {
  const { traceId, correlationId, timestamp } = trace
  return `AADSTS${error.code}: ${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`
}

/** The body of a token or metadata endpoint's error answer. */
export function errorBody(error: EntraError, trace: Trace, host: string): Record<string, unknown> {
  return {
    error: error.error,
    error_description: describeError(error, trace),
    error_codes: [error.code],
    timestamp: trace.timestamp,
    trace_id: trace.traceId,
    correlation_id: trace.correlationId,
    error_uri: `${host}/error?code=${error.code}`,
    ...(error.suberror !== undefined && { suberror: error.suberror }),
    ...(error.claims !== undefined && { claims: error.claims }),
  }
}

/** The value of a parameter that must be there. @throws EntraError 900144 */
export function required(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name)
  if (value) return value
  const text = `The request body must contain the following parameter: '${name}'.`
  throw new EntraError('invalid_request', 900144, text)
}

export const expiredGrant = (): EntraError =>
  new EntraError(
    'invalid_grant',
    70008,
    'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
  )
