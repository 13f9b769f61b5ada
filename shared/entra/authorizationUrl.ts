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
  /** The sign-in name, when an earlier attempt told it. */
  loginHint?: string
}

/** A code verifier and its S256 challenge (RFC 7636 4.1, 4.2). */
export async function createPkce(): Promise<{ verifier: string; challenge: string }> {
  const { CryptoProvider } = await import('@azure/msal-node')
  return new CryptoProvider().generatePkceCodes()
}

/** The address at Entra ID to which the browser is sent (authorization code grant, response mode query). */
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
    responseMode: 'query',
    state: request.state,
    nonce: request.nonce,
    codeChallenge: request.challenge,
    codeChallengeMethod: 'S256',
    ...(request.claims !== undefined && { claims: request.claims }),
    ...(request.loginHint !== undefined && { loginHint: request.loginHint }),
  })
}
