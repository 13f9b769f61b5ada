import type { ConfidentialClientApplication, Configuration, INetworkModule } from '@azure/msal-node'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import type { Answer, Send } from '../outgoing/http.ts'
import type { ClientCredential } from './credential.ts'
import type { Endpoints } from './endpoints.ts'

let msal: Promise<typeof import('@azure/msal-node')> | undefined

/** Takes a while the first time; kept, because an import is looked up anew each time. */
export function loadMsal(): Promise<typeof import('@azure/msal-node')> {
  msal ??= import('@azure/msal-node')
  return msal
}

/**
 * A fresh MSAL application for one call. MSAL keeps every user's tokens, and one answer of 429 or 5xx would make the
 * same object refuse all users for a minute; a fresh one shares neither.
 */
export async function createMsalClient(
  configuration: EntraConfiguration,
  endpoints: Endpoints,
  credential: ClientCredential | undefined,
  network: INetworkModule,
): Promise<ConfidentialClientApplication> {
  const { ConfidentialClientApplication, LogLevel } = await loadMsal()
  return new ConfidentialClientApplication({
    auth: {
      clientId: configuration.clientId,
      // MSAL wants https here and makes no call to it; a simulated authority on loopback is plain http.
      authority: endpoints.authority.replace(/^http:/, 'https:'),
      // Both keep MSAL from asking the authority for its metadata, which is here already.
      knownAuthorities: [new URL(endpoints.authority).host],
      authorityMetadata: JSON.stringify({
        issuer: endpoints.issuer,
        authorization_endpoint: endpoints.authorize,
        token_endpoint: endpoints.token,
        jwks_uri: endpoints.keys,
      }),
      ...credentialOptions(credential),
    },
    // Nobody reads its log, which it would word nevertheless: a date and a line for each of its steps.
    system: { networkClient: network, loggerOptions: { logLevel: LogLevel.Error } },
  })
}

function credentialOptions(credential: ClientCredential | undefined): Partial<Configuration['auth']> {
  switch (credential?.kind) {
    case 'secret':
      return { clientSecret: credential.secret.reveal() }
    case 'certificate':
      return {
        clientCertificate: {
          privateKey: credential.privateKey.reveal(),
          thumbprintSha256: credential.thumbprintSha256,
          x5c: credential.x5c,
        },
      }
    case 'managed-identity':
      return { clientAssertion: credential.assertion }
    case undefined:
      // MSAL wants a credential even to build an address; this one is never asked for.
      return { clientAssertion: () => Promise.reject(new TypeError('no credential is needed here')) }
  }
}

/** MSAL's transport: our sender, and what the token endpoint answered last. */
export interface TokenTransport extends INetworkModule {
  /** The raw answer; MSAL's errors keep only part of it. */
  last: Answer | undefined
  /** What was thrown instead of an answer; MSAL keeps nothing of it. */
  failed: unknown
}

/** Time for one call to the token endpoint, in milliseconds: two walks of a sign-in that both stall end within 15 s. */
const tokenTimeout = 6000

/** MSAL's own transport has no timeout on POST and fails oddly on a page that is not JSON. */
export function createTokenTransport(send: Send, signal: AbortSignal): TokenTransport {
  const call = async <T>(
    method: 'GET' | 'POST',
    url: string,
    options?: { headers?: Record<string, string>; body?: string },
  ) => {
    const answer = await send({
      method,
      url,
      timeout: tokenTimeout,
      signal,
      ...(options?.headers && { headers: options.headers }),
      ...(options?.body !== undefined && { body: options.body }),
    }).catch((error: unknown) => {
      transport.failed = error
      throw error
    })
    transport.last = answer
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(answer.headers)) if (typeof value === 'string') headers[name] = value
    return { status: answer.status, headers, body: (answer.body ?? {}) as T }
  }
  const transport: TokenTransport = {
    last: undefined,
    failed: undefined,
    sendGetRequestAsync: (url, options) => call('GET', url, options),
    sendPostRequestAsync: (url, options) => call('POST', url, options),
  }
  return transport
}
