import { createHash, randomBytes } from 'node:crypto'

/** Central's `ext_auth_conf.json`, and where its browsers sign in. */
export interface CentralConfiguration {
  tenantId: string
  clientId: string
  /** Of the days of the vendor's script; nothing uses it any more. */
  clientCredential: string
  redirectUri: string
  /** Entra ID's authorize endpoint. */
  authorizeUrl: string
}

/** One sign-in between leaving for Entra ID and coming back; Central keeps it, the browser has the state only. */
export interface CentralAttempt {
  state: string
  nonce: string
  verifier: string
  /** It follows one that had to be repeated, and is the last. */
  again: boolean
}

export function createAttempt(again = false): CentralAttempt {
  const random = (): string => randomBytes(32).toString('base64url')
  return { state: random(), nonce: random(), verifier: random(), again }
}

/** Where the browser goes (Central builds the address, not the script). */
export function authorizeUrl(
  { authorizeUrl, clientId, redirectUri }: CentralConfiguration,
  { state, nonce, verifier }: Pick<CentralAttempt, 'state' | 'nonce' | 'verifier'>,
): string {
  const url = new URL(authorizeUrl)
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'User.Read offline_access openid profile',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

export interface CentralInput {
  endpoint: string
  arguments: string
  config: Record<string, unknown>
  state: Record<string, unknown>
  loglevel?: number
}

/** What Central writes to its script on standard input. @param query of the callback, raw */
export function documentOf(
  { tenantId, clientId, clientCredential, redirectUri }: CentralConfiguration,
  { nonce, verifier }: Pick<CentralAttempt, 'nonce' | 'verifier'>,
  query: string,
): CentralInput {
  return {
    endpoint: 'microsoft',
    arguments: query,
    config: {
      tenant_id: tenantId,
      client_id: clientId,
      client_credential: clientCredential,
      redirect_uri: redirectUri,
      scope: ['User.Read'],
    },
    state: { code_verifier: verifier, nonce },
  }
}
