import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerCertificate } from './certificateAuthority.ts'
import type { Directory } from './directory.ts'
import type { ResolvedToken, ResolveToken } from './entraId/accessTokens.ts'
import { answerGraph, type GraphAnswer } from './graph/answers.ts'
import { GraphError, invalidToken } from './graph/graphError.ts'
import { type SimulatedServer, sendJson, startServer } from './server.ts'

export interface GraphOptions {
  directory: Directory
  /** What an access token stands for: the simulated Entra ID's member of this name. */
  resolveToken: ResolveToken
  certificate: ServerCertificate
  port?: number
}

/** Misbehaviour of Graph's own kind, beside that of any server; each holds until `behave()`. */
export interface GraphFaults {
  /** Origin that next links point to instead of this server. */
  foreignNextLink?: string
  /** Lists come without their member `value`. */
  withoutValue?: boolean
  /** The page of this number, counted from 1, breaks off in the middle. */
  cutOffOnPage?: number
  /** Next links never end. */
  endlessPages?: boolean
  /** Lists of groups are refused with Authorization_RequestDenied. */
  forbidGroups?: boolean
  /** The profile is refused with Authorization_RequestDenied. */
  forbidProfile?: boolean
}

export interface SimulatedGraph extends SimulatedServer {
  faults: GraphFaults
  /** Answers coming requests with 429, or with `status`. @param retryAfter seconds; absent: no Retry-After header */
  throttle(options?: { times?: number; retryAfter?: number; status?: 429 | 503 | 504; path?: RegExp }): void
}

const contentType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

export async function startGraph(options: GraphOptions): Promise<SimulatedGraph> {
  const { directory, resolveToken, certificate, port } = options
  const faults: GraphFaults = {}
  let root = ''

  const server = await startServer(
    (request, response) => {
      const requestId = randomUUID()
      const headers = { 'content-type': contentType, 'cache-control': 'no-cache', 'request-id': requestId }
      try {
        const url = new URL(request.url ?? '/', root)
        // The only resource that Graph shows to everybody.
        if (url.pathname === '/v1.0/$metadata') {
          response
            .writeHead(200, { ...headers, 'content-type': 'application/xml' })
            .end('<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0"/>')
          return
        }
        const token = authorize(request, resolveToken, root)
        send(response, answerGraph({ request, url, token, directory, faults }), headers)
      } catch (error) {
        if (!(error instanceof GraphError)) throw error
        const challenge: Record<string, string> =
          error.status === 401
            ? {
                'www-authenticate':
                  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
              }
            : {}
        sendJson(response, error.status, error.body(requestId, clientRequestId(request)), { ...headers, ...challenge })
      }
    },
    { certificate, ...(port !== undefined && { port }) },
  )
  root = server.url

  return {
    ...server,
    faults,
    throttle({ times, retryAfter, status = 429, path } = {}) {
      const error =
        status === 429
          ? new GraphError(429, 'TooManyRequests', 'Too Many Requests')
          : new GraphError(status, 'serviceNotAvailable', 'The service is temporarily unavailable.')
      server.misbehave(
        {
          kind: 'status',
          status,
          headers: {
            'content-type': contentType,
            ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
          },
          body: JSON.stringify(error.body(randomUUID(), undefined)),
        },
        { ...(times !== undefined && { times }), ...(path !== undefined && { path }) },
      )
    },
    behave() {
      server.behave()
      for (const name of Object.keys(faults)) Reflect.deleteProperty(faults, name)
    },
  }
}

const clientRequestId = ({ headers }: IncomingMessage): string | undefined => {
  const id = headers['client-request-id']
  return typeof id === 'string' ? id : undefined
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

function send(response: ServerResponse, answer: GraphAnswer, headers: Record<string, string>): void {
  const text = JSON.stringify(answer.body)
  if (answer.cutOff !== true) {
    response.writeHead(200, headers).end(text)
    return
  }
  response.writeHead(200, { ...headers, 'content-length': String(Buffer.byteLength(text)) })
  response.write(text.slice(0, text.length / 2), () => response.socket?.destroy())
}
