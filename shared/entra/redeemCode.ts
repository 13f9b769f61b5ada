import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import { AppError, type Failure } from '../failure.ts'
import { type Answer, NoAnswerError, type Send } from '../outgoing/http.ts'
import { readRetryAfter } from '../outgoing/retry.ts'
import type { ClientCredential } from './credential.ts'
import { type Endpoints, readOAuthError } from './endpoints.ts'
import { createMsalClient, createTokenTransport, type TokenTransport } from './msalClient.ts'

export interface CodeGrant {
  code: string
  /** PKCE verifier of the attempt. */
  verifier: string
  nonce: string
  /** The redirect URI of the authorization request, letter by letter. */
  redirectUri: string
}

/** What the token endpoint gave. Nothing of it is kept after the request. */
export interface Tokens {
  idToken: string
  accessToken: string
}

/** Refused in a way that a fresh authorization request may settle. */
export interface Refusal {
  failure: Extract<Failure, { code: 'entra_refused' }>
  /** Claims challenge to send along, when Entra ID wants more from the user. */
  claims: string | undefined
}

export type Redemption = { tokens: Tokens } | { refusal: Refusal }

const refusalSchema = v.object({
  error: v.string(),
  error_codes: v.optional(v.array(v.number())),
  trace_id: v.optional(v.string()),
  claims: v.optional(v.string()),
})
const tokensSchema = v.object({ id_token: v.string(), access_token: v.string() })

/** Longest wait for a throttled token endpoint, in milliseconds; beyond it the user is told. */
const longestWait = 3000

/**
 * Redeems an authorization code with MSAL. A 429 was not processed, so it is repeated once if the wait is short; after
 * anything else the code may be used up (RFC 6749 4.1.2: once only), so the sign-in as a whole must begin anew.
 * @throws AppError entra_unreachable, entra_busy or entra_malformed; a refusal is an answer, not an error
 */
export async function redeemCode(
  grant: CodeGrant,
  configuration: EntraConfiguration,
  endpoints: Endpoints,
  credential: ClientCredential,
  { send, clock, signal, correlationId }: { send: Send; clock: Clock; signal: AbortSignal; correlationId: string },
): Promise<Redemption> {
  const once = async (): Promise<Answer> => {
    const transport = createTokenTransport(send, signal)
    const client = await createMsalClient(configuration, endpoints, credential, transport)
    try {
      await client.acquireTokenByCode({
        code: grant.code,
        codeVerifier: grant.verifier,
        redirectUri: grant.redirectUri,
        scopes: [...configuration.scopes],
        nonce: grant.nonce,
        correlationId,
      })
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      if (transport.last === undefined) throw tokenCallFailed(transport, endpoints, cause)
      // MSAL's own complaint about an answer of 200 is the nonce; the full check of the ID token names it precisely.
    }
    if (transport.last === undefined) throw new AppError({ code: 'entra_malformed', problem: 'no answer was seen' })
    return transport.last
  }

  let answer = await once()
  if (answer.status === 429) {
    const wait = readRetryAfter(answer.headers['retry-after'], clock.now()) ?? 1000
    if (wait <= longestWait) {
      await clock.wait(wait, signal).catch((cause: unknown) => {
        throw new AppError({ code: 'budget_spent', during: 'waiting for Entra ID' }, { cause })
      })
      answer = await once()
    }
  }
  return readTokenAnswer(answer, clock.now())
}

/** Why the token endpoint gave no answer; an error before anything was sent is a bug, and stays what it is. */
export function tokenCallFailed({ failed }: TokenTransport, endpoints: Endpoints, cause: unknown): unknown {
  if (!(failed instanceof NoAnswerError)) return failed ?? cause
  if (failed.cancelled) return new AppError({ code: 'budget_spent', during: 'waiting for Entra ID' }, { cause: failed })
  return new AppError(
    { code: 'entra_unreachable', host: new URL(endpoints.token).host, reason: failed.reason },
    { cause: failed },
  )
}

/**
 * Judges the status of a token endpoint (RFC 6749 5.2).
 * @returns the refusal, or undefined for a success
 * @throws AppError entra_busy
 */
export function judgeTokenAnswer(answer: Answer, now: number): Refusal | undefined {
  const refused = v.safeParse(refusalSchema, answer.body)
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429 && refused.success) {
    const { error, error_codes, trace_id, claims } = refused.output
    const aadsts = error_codes?.[0]
    const failure: Refusal['failure'] = {
      code: 'entra_refused',
      error: readOAuthError(error),
      ...(aadsts !== undefined && { aadsts }),
      ...(trace_id !== undefined && /^[0-9a-f-]{36}$/i.test(trace_id) && { traceId: trace_id }),
    }
    return { failure, claims }
  }
  if (answer.status === 429 || answer.status >= 500) {
    const wait = readRetryAfter(answer.headers['retry-after'], now)
    throw new AppError({
      code: 'entra_busy',
      status: answer.status,
      ...(wait !== undefined && { retryAfterSeconds: Math.ceil(wait / 1000) }),
    })
  }
  return undefined
}

/** Judges the answer to a redemption (RFC 6749 5.1, OpenID Connect Core 3.1.3.3). */
export function readTokenAnswer(answer: Answer, now: number): Redemption {
  const refusal = judgeTokenAnswer(answer, now)
  if (refusal !== undefined) return { refusal }
  const tokens = v.safeParse(tokensSchema, answer.body)
  if (answer.status !== 200 || !tokens.success) {
    throw new AppError({
      code: 'entra_malformed',
      problem: `the token endpoint answered ${answer.status} without both tokens`,
    })
  }
  return { tokens: { idToken: tokens.output.id_token, accessToken: tokens.output.access_token } }
}
