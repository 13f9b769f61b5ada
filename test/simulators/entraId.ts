import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerCertificate } from './certificateAuthority.ts'
import type { Directory } from './directory.ts'
import { createAccessTokens, type ResolveToken } from './entraId/accessTokens.ts'
import { BoundedMap } from './entraId/boundedMap.ts'
import type { AssertionKeys } from './entraId/clientAuthentication.ts'
import { EntraError, errorBody, type Trace } from './entraId/entraError.ts'
import { instanceMetadata, issuerOf, openIdMetadata } from './entraId/metadata.ts'
import { errorPage, sendPage, textPage } from './entraId/pages.ts'
import { createSignInPages, traceOf, type Visit } from './entraId/signInPages.ts'
import { createSigningKey, KeyRing } from './entraId/signingKeys.ts'
import { type Authority, type EntraBehaviour, type EntraState, findAuthority } from './entraId/state.ts'
import { createTokenCore } from './entraId/tokenCore.ts'
import { answerToken, NotJson } from './entraId/tokenEndpoint.ts'
import { type FaultOptions, FaultQueue, type TokenFault } from './entraId/tokenFaults.ts'
import { type RecordedRequest, type SimulatedServer, sendJson, startServer } from './server.ts'

export type { ResolvedToken, ResolveToken } from './entraId/accessTokens.ts'
export type { AssertionKeys } from './entraId/clientAuthentication.ts'
export type { EntraBehaviour } from './entraId/state.ts'
export type { FaultOptions, TokenFault } from './entraId/tokenFaults.ts'

export interface EntraIdOptions {
  directory: Directory
  certificate: ServerCertificate
  /** Default: any free ones. */
  ports?: { tls?: number; plain?: number }
  /** Browsers are sent to the TLS listener too; they then need to trust its certificate. */
  browserTls?: boolean
  /** Milliseconds since 1970; default the real clock. The lifetime of codes follows the real clock always. */
  now?: () => number
  behaviour?: Partial<EntraBehaviour>
}

/**
 * Microsoft Entra ID. Its members as a server (`requests`, `misbehave`, `url`, ...) are those of the TLS listener, which
 * servers call; the requests of browsers are in the same list.
 */
export interface SimulatedEntraId extends SimulatedServer {
  /** Origin of the pages. */
  browserUrl: string
  /** The listener without TLS, to make browsers' requests fail. */
  plain: SimulatedServer
  behaviour: EntraBehaviour
  /** Issuer of the ID tokens of a tenant. */
  issuerOf(tenantId: string): string
  /** The next token answer (or several) is wrong in this way; calls add up. */
  next(fault: TokenFault, options?: FaultOptions): void
  /** A new key signs from now on. @param keepOld whether the keys before stay published; default true */
  rotateKeys(keepOld?: boolean): Promise<void>
  /** What an access token stands for, for the servers that take it. */
  resolveToken: ResolveToken
  expireAccessTokens(): void
  /** Ends the sessions of all browsers. */
  endSessions(): void
}

export async function startEntraId(options: EntraIdOptions): Promise<SimulatedEntraId> {
  const now = options.now ?? Date.now
  const firstKey = await createSigningKey()
  const keys = new KeyRing(firstKey)
  const accessTokens = createAccessTokens(now)
  const faults = new FaultQueue()
  const noKeys: AssertionKeys = () => []
  const behaviour: EntraBehaviour = {
    singleSignOn: false,
    automatic: undefined,
    unassigned: 'page',
    graphUrl: 'https://graph.microsoft.com',
    assertionKeys: noKeys,
    ...options.behaviour,
  }

  const requests: RecordedRequest[] = []
  let route: Route | undefined
  const listen = (port: number | undefined, certificate?: ServerCertificate): Promise<SimulatedServer> =>
    startServer(
      async (request, response) => {
        await route?.(request, response, certificate !== undefined)
      },
      { requests, ...(port !== undefined && { port }), ...(certificate !== undefined && { certificate }) },
    )
  const tls = await listen(options.ports?.tls, options.certificate)
  const plain = await listen(options.ports?.plain)
  const browserUrl = options.browserTls === true ? tls.url : plain.url

  const state: EntraState = {
    directory: options.directory,
    behaviour,
    host: tls.url,
    browserHost: browserUrl,
    now,
    keys,
    core: createTokenCore(tls.url, firstKey.privateKey.export({ format: 'jwk' })),
    accessTokens,
    faults,
    codes: new BoundedMap(),
    refreshTokens: new BoundedMap(),
    sessions: new BoundedMap(),
  }
  route = createRoute(state, { tls: tls.url, plain: plain.url })

  return {
    ...tls,
    browserUrl,
    plain,
    behaviour,
    issuerOf: (tenantId) => `${tls.url}/${tenantId}/v2.0`,
    next: (fault, faultOptions) => faults.add(fault, faultOptions),
    rotateKeys: (keepOld = true) => keys.rotate(keepOld),
    resolveToken: accessTokens.resolve,
    expireAccessTokens: accessTokens.expireAll,
    endSessions: () => state.sessions.clear(),
    behave() {
      tls.behave()
      plain.behave()
      faults.clear()
    },
    async close() {
      await Promise.all([tls.close(), plain.close()])
    },
  }
}

type Route = (
  request: IncomingMessage & { bodyText: string },
  response: ServerResponse,
  secure: boolean,
) => Promise<void>

const publicly = { 'cache-control': 'max-age=86400, private' }
const never = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' }

function createRoute(state: EntraState, origins: { tls: string; plain: string }): Route {
  const pages = createSignInPages(state)

  const serve = async (name: string, path: string, visit: Omit<Visit, 'authority'>): Promise<void> => {
    const { request, response, parameters } = visit
    const on = (error?: string): Authority => findAuthority(state.directory, name, error)
    switch (path) {
      case 'v2.0/.well-known/openid-configuration':
        return sendJson(response, 200, openIdMetadata(on('invalid_tenant'), state), publicly)
      case 'discovery/v2.0/keys': {
        const authority = on('invalid_tenant')
        return sendJson(response, 200, { keys: state.keys.published(issuerOf(authority, state)) }, publicly)
      }
      case 'discovery/instance':
        return sendJson(response, 200, instanceMetadata(state, on('invalid_tenant').name), publicly)
      case 'oauth2/v2.0/token': {
        if (request.method !== 'POST') {
          throw new EntraError(
            'invalid_request',
            900561,
            'The endpoint only accepts POST requests. Received a GET request.',
          )
        }
        return sendJson(response, 200, await answerToken(parameters, on(), state), never)
      }
      case 'oauth2/v2.0/authorize':
        return pages.authorize({ ...visit, authority: on() })
      case 'login':
        return pages.choose({ ...visit, authority: on() })
      case 'respond':
        return pages.respond({ ...visit, authority: on() })
      case 'oauth2/v2.0/logout':
        return pages.logout({ ...visit, authority: on() })
      default:
        return sendPage(response, 404, 'Not found', textPage('Not found', 'The simulated Entra ID has no such page.'))
    }
  }

  return async (request, response, secure) => {
    const url = new URL(request.url ?? '/', secure ? origins.tls : origins.plain)
    const parameters = parametersOf(request, url)
    const trace = traceOf(request, parameters, state.now())
    if (url.pathname === '/error') {
      sendPage(response, 200, 'Error', textPage('Error lookup', `AADSTS${url.searchParams.get('code') ?? ''}`))
      return
    }
    const [, name = '', path = ''] = /^\/([^/]+)\/(.+)$/.exec(url.pathname) ?? []
    const forPrograms = path !== 'login' && path !== 'respond' && !/authorize$|logout$/.test(path)
    try {
      await serve(decodeURIComponent(name), path, { request, response, parameters, trace, origin: url.origin })
    } catch (error) {
      if (error instanceof NotJson) {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>proxy</body></html>')
      } else if (!(error instanceof EntraError)) {
        throw error
      } else if (forPrograms) {
        sendError(response, error, trace, state.host)
      } else {
        sendPage(response, error.status, 'Error', errorPage(error, trace))
      }
    }
  }
}

/** Of a POST, only what the body says: Entra ID does not read a token request from the address. */
function parametersOf(request: IncomingMessage & { bodyText: string }, url: URL): URLSearchParams {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  if (request.method !== 'POST') return url.searchParams
  return new URLSearchParams(isForm ? request.bodyText : '')
}

function sendError(response: ServerResponse, error: EntraError, trace: Trace, host: string): void {
  const later: Record<string, string> =
    error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }
  sendJson(response, error.status, errorBody(error, trace, host), { ...never, ...later })
}
