import { createHash, randomBytes } from 'node:crypto'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import type { Endpoints } from './endpoints.ts'
import { createMsalClient, createTokenTransport } from './msalClient.ts'

export interface AuthorizationRequest {
  state: string
  nonce: string
  /** S256 challenge of the verifier (RFC 7636). */
  challenge: string
  /** Claims challenge that Entra ID sent with interaction_required, if any. */
  claims?: string
  /** Entra ID lets the person choose, also where one account is signed in already. */
  prompt?: 'select_account'
}

/**
 * A code verifier of 256 random bits and its S256 challenge, as RFC 7636 4.1 and 4.2 recommend. MSAL has the same, but
 * draws its verifier byte by byte, at more cost than the rest of the address.
 */
export function createPkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** A nonce of 128 random bits; a UUID would have six fewer. */
export function createNonce(): string {
  return randomBytes(16).toString('base64url')
}

/**
 * The address at Entra ID to which the browser is sent (authorization code grant). The answer comes as a form: the
 * Functions host takes a `code` in a query for a function key, so a callback by query depends on the storage of the keys,
 * and a form keeps the code out of histories and access logs, too.
 */
export async function authorizationUrl(
  configuration: EntraConfiguration,
  endpoints: Endpoints,
  request: AuthorizationRequest,
): Promise<string> {
  const transport = createTokenTransport(
    () => Promise.reject(new TypeError('an authorization address needs no call')),
    new AbortController().signal,
  )
  const client = await createMsalClient(configuration, endpoints, undefined, transport)
  return client.getAuthCodeUrl({
    scopes: [...configuration.scopes],
    redirectUri: configuration.redirectUri,
    responseMode: 'form_post',
    state: request.state,
    nonce: request.nonce,
    codeChallenge: request.challenge,
    codeChallengeMethod: 'S256',
    ...(request.claims !== undefined && { claims: request.claims }),
    ...(request.prompt !== undefined && { prompt: request.prompt }),
  })
}
