/**
 * Microsoft Entra ID, version 2.0 endpoints: a user signs in by the authorization code flow with PKCE, an application
 * asks for itself by client credentials, and both get tokens for Microsoft Graph. Codes, PKCE and tokens are a certified
 * provider's (`entraId/tokenCore.ts`); around it is what is Entra ID's own, each in a file of `entraId/`:
 *
 * | What | File | Written in (https://learn.microsoft.com/entra/identity-platform/ unless it says otherwise) |
 * |---|---|---|
 * | metadata, issuers | metadata.ts | v2-protocols-oidc: "Find your app's OpenID configuration document URI" |
 * | authorize | authorize.ts | v2-oauth2-auth-code-flow: "Request an authorization code"; reply-url |
 * | token | tokenEndpoint.ts | the same: "Redeem a code for an access token"; v2-oauth2-client-creds-grant-flow |
 * | secret, certificate, managed identity | clientAuthentication.ts | certificate-credentials; https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations |
 * | scopes, consent | scopes.ts | scopes-oidc |
 * | ID token, `groups` claim | claims.ts | id-token-claims-reference; optional-claims: "Configure groups optional claims" |
 * | access tokens | accessTokens.ts | access-tokens: "Token lifetime" |
 * | signing keys | signingKeys.ts | access-tokens: "Validate the signature" |
 * | errors | entraError.ts | reference-error-codes: "Handling error codes in your application" |
 *
 * Passwords and sessions are left out: a page offers the users of the directory, every time. So are logout, refresh
 * tokens being redeemed, response mode `fragment`, and every flow but the two. `next()` makes a token answer wrong.
 */
import type { ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { ServerCertificate } from './certificateAuthority.ts'
import type { Directory } from './directory.ts'
import { createAccessTokens, type ResolveToken } from './entraId/accessTokens.ts'
import { EntraError, errorBody } from './entraId/entraError.ts'
import { issuerOf, openIdMetadata } from './entraId/metadata.ts'
import { errorPage, sendPage } from './entraId/pages.ts'
import { createSignInPages, traceOf, type Visit } from './entraId/signInPages.ts'
import { createSigningKey, KeyRing } from './entraId/signingKeys.ts'
import { type EntraBehaviour, type EntraState, findAuthority } from './entraId/state.ts'
import { createTokenCore } from './entraId/tokenCore.ts'
import { answerToken, NotJson } from './entraId/tokenEndpoint.ts'
import { type FaultOptions, FaultQueue, type TokenFault } from './entraId/tokenFaults.ts'
import { type Handler, type RecordedRequest, type SimulatedServer, sendJson, startServer } from './server.ts'

export type { ResolvedToken, ResolveToken } from './entraId/accessTokens.ts'
export type { TokenFault } from './entraId/tokenFaults.ts'

export interface EntraIdOptions {
  directory: Directory
  certificate: ServerCertificate
  /** Browsers are sent to the TLS listener too, under this host name; they then need to trust its certificate. */
  browserName?: string
}

/**
 * Its members as a server (`requests`, `misbehave`, `url`, ...) are those of the TLS listener, which servers call; what
 * browsers ask, without TLS, is in the same list.
 */
export interface SimulatedEntraId extends SimulatedServer {
  /** Origin of the pages. */
  browserUrl: string
  behaviour: EntraBehaviour
  /** Issuer of the ID tokens of a tenant. */
  issuerOf(tenantId: string): string
  /** The next token answer (or several) is wrong in this way; calls add up. */
  next(fault: TokenFault, options?: FaultOptions): void
  /** A new key signs from now on; those before it stay published. */
  rotateKeys(): Promise<void>
  /** What an access token stands for, for the servers that take it. */
  resolveToken: ResolveToken
}

export async function startEntraId({ directory, certificate, browserName }: EntraIdOptions): Promise<SimulatedEntraId> {
  const firstKey = await createSigningKey()
  const keys = new KeyRing(firstKey)
  const accessTokens = createAccessTokens()
  const faults = new FaultQueue()
  const behaviour: EntraBehaviour = {
    unassigned: 'page',
    graphUrl: 'https://graph.microsoft.com',
    assertionKeys: () => [],
  }

  const requests: RecordedRequest[] = []
  let route: Route | undefined
  const listen = (tlsCertificate?: ServerCertificate): Promise<SimulatedServer> =>
    startServer((request, response) => route?.(request, response), {
      requests,
      ...(tlsCertificate !== undefined && { certificate: tlsCertificate }),
    })
  const [tls, plain] = await Promise.all([listen(certificate), listen()])
  // Browsers count every port of localhost as one site, but Microsoft is another site than the application: its pages lie
  // on 127.0.0.1, so that the form that comes back is as cross-site as in real life.
  const browserUrl = browserName === undefined ? `http://127.0.0.1:${plain.port}` : `https://${browserName}:${tls.port}`

  const state: EntraState = {
    directory,
    behaviour,
    host: tls.url,
    browserHost: browserUrl,
    keys,
    core: createTokenCore(tls.url, firstKey.privateKey.export({ format: 'jwk' })),
    accessTokens,
    faults,
    codes: new LRUCache({ max: 20_000 }),
  }
  route = createRoute(state)

  return {
    ...tls,
    browserUrl,
    behaviour,
    issuerOf: (tenantId) => `${tls.url}/${tenantId}/v2.0`,
    next: (fault, faultOptions) => faults.add(fault, faultOptions),
    rotateKeys: () => keys.rotate(),
    resolveToken: accessTokens.resolve,
    behave() {
      tls.behave()
      faults.clear()
    },
    async close() {
      await Promise.all([tls.close(), plain.close()])
    },
  }
}

type Route = (request: Parameters<Handler>[0], response: ServerResponse) => Promise<void>

const publicly = { 'cache-control': 'max-age=86400, private' }
const never = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' }

/** What an address below `/{tenant}/` answers with, to programs in JSON or to browsers with a page. */
type Endpoint = { for: 'programs' | 'browsers'; answer(visit: Visit): void | Promise<void> }

function createRoute(state: EntraState): Route {
  const pages = createSignInPages(state)
  const endpoints: Record<string, Endpoint> = {
    'v2.0/.well-known/openid-configuration': {
      for: 'programs',
      answer: ({ response, authority }) => sendJson(response, 200, openIdMetadata(authority, state), publicly),
    },
    'discovery/v2.0/keys': {
      for: 'programs',
      answer: ({ response, authority }) =>
        sendJson(response, 200, { keys: state.keys.published(issuerOf(authority, state)) }, publicly),
    },
    'oauth2/v2.0/token': {
      for: 'programs',
      async answer({ request, response, parameters, authority }) {
        if (request.method !== 'POST') {
          const text = 'The endpoint only accepts POST requests. Received a GET request.'
          throw new EntraError('invalid_request', 900561, text)
        }
        sendJson(response, 200, await answerToken(parameters, authority, state), never)
      },
    },
    'oauth2/v2.0/authorize': { for: 'browsers', answer: pages.authorize },
    login: { for: 'browsers', answer: pages.choose },
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', state.host)
    const parameters = parametersOf(request, url)
    const trace = traceOf(request, parameters)
    const [, name = '', path = ''] = /^\/([^/]+)\/(.+)$/.exec(url.pathname) ?? []
    const endpoint = endpoints[path]
    if (endpoint === undefined) {
      response.writeHead(404).end('The simulated Entra ID has no such page.')
      return
    }
    try {
      const authority = findAuthority(state.directory, decodeURIComponent(name), /well-known|keys$/.test(path))
      await endpoint.answer({ request, response, parameters, authority, trace })
    } catch (error) {
      if (error instanceof NotJson) {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>proxy</body></html>')
      } else if (!(error instanceof EntraError)) {
        throw error
      } else if (endpoint.for === 'browsers') {
        sendPage(response, error.status, 'Error', errorPage(error, trace))
      } else {
        const { status, retryAfter } = error
        const later: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
        sendJson(response, status, errorBody(error, trace, state.host), { ...never, ...later })
      }
    }
  }
}

/** Of a POST, only what the body says: Entra ID does not read a token request from the address. */
function parametersOf({ method, headers, bodyText }: Parameters<Handler>[0], url: URL): URLSearchParams {
  if (method !== 'POST') return url.searchParams
  const isForm = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  return new URLSearchParams(isForm ? bodyText : '')
}
