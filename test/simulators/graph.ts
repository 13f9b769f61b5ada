/**
 * Microsoft Graph v1.0, as far as a sign-in and its checks read it (https://learn.microsoft.com/graph/): /me
 * (api/user-get), the groups of the user (api/user-list-transitivememberof), those of the tenant (api/group-list), an
 * application's permissions (api/serviceprincipal-get, api/serviceprincipal-list-oauth2permissiongrants). Each call's
 * permissions are those of its page's table "Permissions"; a call that may not read groups' properties gets ids only
 * (permissions-overview: "Limited information returned for inaccessible member objects"). Paging is in /graph/paging,
 * `ConsistencyLevel` in /graph/aad-advanced-queries, errors in /graph/errors, 429 in /graph/throttling.
 *
 * What an application reads about people is in `graph/people.ts`, `$batch` (/graph/json-batching) in `graph/batch.ts`.
 *
 * The calls are the rows of tables. Left out: writing, beta, filters but those of `graph/filter.ts`, the other query
 * options that `graph/listPage.ts` names, directory roles among memberships, hidden memberships.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ServerCertificate } from './certificateAuthority.ts'
import type { Directory } from './directory.ts'
import type { ResolvedToken, ResolveToken } from './entraId/accessTokens.ts'
import { type Asked, answerGraph } from './graph/answers.ts'
import { answerBatch } from './graph/batch.ts'
import { GraphError, invalidToken } from './graph/graphError.ts'
import { type FaultRule, type SimulatedServer, sendJson, startServer } from './server.ts'

export interface GraphOptions {
  directory: Directory
  /** What an access token stands for: the simulated Entra ID's member of this name. */
  resolveToken: ResolveToken
  certificate: ServerCertificate
}

/** Misbehaviour of Graph's own kind, beside that of any server; each holds until `behave()`. */
export interface GraphFaults {
  /** Lists of groups are refused with Authorization_RequestDenied. */
  forbidGroups?: boolean
  /** The profile is refused with Authorization_RequestDenied. */
  forbidProfile?: boolean
  /** Changes the answers of single calls, in a batch or not. @param target path and query, as they were asked for */
  tamper?: (target: string, answer: CallAnswer) => CallAnswer
}

/** The answer of one call. */
export interface CallAnswer {
  status: number
  headers: Record<string, string>
  body: unknown
}

export interface SimulatedGraph extends SimulatedServer {
  faults: GraphFaults
  /** Answers coming requests with 429. @param retryAfter seconds; absent: no Retry-After header */
  throttle(options?: Pick<FaultRule, 'times' | 'path'> & { retryAfter?: number }): void
  /** The same for items of batches, one by one. @param retryAfter as the item's header has it */
  throttleItems(options?: { times?: number; path?: RegExp; retryAfter?: string }): void
}

const contentType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

const challenge =
  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"'

export async function startGraph(options: GraphOptions): Promise<SimulatedGraph> {
  const { directory, resolveToken, certificate } = options
  const faults: GraphFaults = {}
  let throttled: { left: number; path: RegExp; retryAfter: string | undefined }[] = []

  const throttledItem = (target: string): CallAnswer | undefined => {
    const rule = throttled.find(({ left, path }) => left > 0 && path.test(target))
    if (rule === undefined) return undefined
    rule.left -= 1
    // The header's name comes in any case.
    const headers = rule.retryAfter === undefined ? {} : { 'retry-After': rule.retryAfter }
    const body = new GraphError(429, 'TooManyRequests', 'Too many requests. Please try again later.').body()
    return { status: 429, headers, body }
  }

  const server = await startServer(
    (request, response) => {
      const requestId = randomUUID()
      const headers = { 'content-type': contentType, 'cache-control': 'no-cache', 'request-id': requestId }
      try {
        const token = authorize(request, resolveToken, server.url)
        const url = new URL(request.url ?? '/', server.url)
        const asked: Asked = {
          method: request.method ?? 'GET',
          headers: request.headers,
          body: request.bodyText === '' ? undefined : parseJson(request.bodyText),
        }
        const context = { token, directory, faults }
        const tamper = (target: string, answer: CallAnswer): CallAnswer => faults.tamper?.(target, answer) ?? answer
        if (url.pathname === '/v1.0/$batch' && asked.method === 'POST') {
          const answer = answerBatch(
            asked.body,
            context,
            server.url,
            (target, item) => throttledItem(target) ?? tamper(target, item),
          )
          sendJson(response, 200, answer, headers)
          return
        }
        const body = answerGraph({ request: asked, url, ...context })
        const answer = tamper(request.url ?? '/', { status: 200, headers, body })
        sendJson(response, answer.status, answer.body, answer.headers)
      } catch (error) {
        if (!(error instanceof GraphError)) throw error
        const asks: Record<string, string> = error.status === 401 ? { 'www-authenticate': challenge } : {}
        sendJson(response, error.status, error.body(requestId), { ...headers, ...asks })
      }
    },
    { certificate },
  )

  return {
    ...server,
    faults,
    throttle({ retryAfter, ...rule } = {}) {
      const headers = {
        'content-type': contentType,
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      }
      const body = JSON.stringify(new GraphError(429, 'TooManyRequests', 'Too Many Requests').body())
      server.misbehave({ kind: 'status', status: 429, headers, body }, rule)
    },
    throttleItems({ times = 1, path = /./, retryAfter } = {}) {
      throttled.push({ left: times, path, retryAfter })
    },
    behave() {
      server.behave()
      throttled = []
      for (const name of Object.keys(faults)) Reflect.deleteProperty(faults, name)
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new GraphError(400, 'BadRequest', 'Unable to read JSON request payload.')
  }
}

function authorize(request: IncomingMessage, resolveToken: ResolveToken, root: string): ResolvedToken {
  const [scheme, text] = (request.headers.authorization ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !text) throw invalidToken('Access token is empty.')
  const token = resolveToken(text)
  if (token === undefined) throw invalidToken('CompactToken validation failed with reason code: 80049228.')
  if (token.audience !== root) throw invalidToken('Access token validation failure. Invalid audience.')
  if (token.expired) throw invalidToken('Lifetime validation failed, the token is expired.')
  return token
}
