/**
 * What every simulated peer stands on: a listener on loopback that keeps what it was asked, can be told to misbehave,
 * and the shape of a refusal. What a peer itself does is in the file of its name.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { recordAnswer, recordRequest } from '../noSecrets/record.ts'
import type { ServerCertificate } from './certificateAuthority.ts'

/** One request as it arrived, kept so that tests can count and inspect what our code really sends. */
export interface RecordedRequest {
  method: string
  /** Path without the query, as it was on the wire (percent-encoding untouched). */
  path: string
  /** The raw query with its question mark, or an empty string. */
  query: string
  headers: IncomingMessage['headers']
  body: string
  /** When it was there as a whole, by `performance.now()`. */
  at: number
}

/** A misbehaviour of the server as a whole, whatever it serves. */
export type Fault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** Takes the request and never answers. */
  | { kind: 'hang' }
  /** Destroys the connection before any answer. */
  | { kind: 'drop' }
  /** Starts a JSON answer and destroys the connection in the middle of it. */
  | { kind: 'cutOff' }
  /** Does what is asked; the answer is lost with the connection. */
  | { kind: 'lost' }
  /** Does what is asked, and never answers. */
  | { kind: 'silent' }
  /** Answers as usual, later. */
  | { kind: 'slow'; milliseconds: number }
  /** Does what is asked at once; the answer comes so long after the question, as from far away. */
  | { kind: 'far'; milliseconds: number }

export interface FaultRule {
  /** Tested against path and query as sent; absent: every request. */
  path?: RegExp
  method?: string
  /** How many requests it hits; Infinity until `behave()`. Default 1. */
  times?: number
}

export interface SimulatedServer {
  /** Origin, without a trailing slash, for example https://localhost:40123. */
  url: string
  port: number
  requests: RecordedRequest[]
  /** Connections accepted so far, with or without a request. */
  connections(): number
  misbehave(fault: Fault, rule?: FaultRule): void
  /** Ends every misbehaviour. */
  behave(): void
  close(): Promise<void>
}

export interface ServerOptions {
  /** With a certificate the server speaks TLS only; without one, plain HTTP only. */
  certificate?: ServerCertificate
  /** Default: any free port. */
  port?: number
  /** Requests are recorded and counted here; pass the same list to a second listener to share it. */
  requests?: RecordedRequest[]
}

/** The body, read by the server before the handler runs: as it came, and as UTF-8. */
export type Handler = (
  request: IncomingMessage & { body: Buffer; bodyText: string },
  response: ServerResponse,
) => void | Promise<void>

/** An answer other than success: its status, the code that the peer's body names, and its sentence. */
export class Refusal<Code> extends Error {
  readonly status: number
  readonly code: Code

  constructor(status: number, code: Code, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Starts a server on loopback (reached as `localhost`) that records its requests and can be told to misbehave. */
export async function startServer(handler: Handler, options: ServerOptions = {}): Promise<SimulatedServer> {
  const requests = options.requests ?? []
  let rules: { fault: Fault; rule: FaultRule; left: number }[] = []

  const faultFor = (method: string, target: string): Fault | undefined => {
    for (const entry of rules) {
      if (entry.left <= 0) continue
      if (entry.rule.method !== undefined && entry.rule.method !== method) continue
      if (entry.rule.path !== undefined && !entry.rule.path.test(target)) continue
      entry.left -= 1
      return entry.fault
    }
    return undefined
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? '/'
    const mark = target.indexOf('?')
    const body = await buffer(request)
    const bodyText = body.toString('utf8')
    requests.push({
      method: request.method ?? 'GET',
      path: mark < 0 ? target : target.slice(0, mark),
      query: mark < 0 ? '' : target.slice(mark),
      headers: request.headers,
      body: bodyText,
      at: performance.now(),
    })
    recordRequest({
      authorization: request.headers.authorization,
      query: mark < 0 ? '' : target.slice(mark),
      body: bodyText,
    })
    const fault = faultFor(request.method ?? 'GET', target)
    switch (fault?.kind) {
      case 'status':
        response.writeHead(fault.status, fault.headers).end(fault.body ?? '')
        return
      case 'hang':
        return
      case 'drop':
        request.socket.destroy()
        return
      case 'cutOff':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4096' })
        response.write('{"value": [ {"id": "', () => request.socket.destroy())
        return
      case 'lost':
        response.end = () => {
          request.socket.destroy()
          return response
        }
        break
      case 'silent':
        response.end = () => response
        break
      case 'far': {
        const { end } = response
        const due = performance.now() + fault.milliseconds
        response.end = (...parts: unknown[]) => {
          setTimeout(() => Reflect.apply(end, response, parts), due - performance.now())
          return response
        }
        break
      }
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, fault.milliseconds))
    }
    await handler(Object.assign(request, { body, bodyText }), response)
  }

  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`simulator failed: ${error instanceof Error ? error.stack : String(error)}`)
    })
  }
  const server = options.certificate ? createTlsServer({ ...options.certificate }, listener) : createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  let connections = 0
  server.on(options.certificate ? 'secureConnection' : 'connection', () => {
    connections += 1
  })

  return {
    url: `${options.certificate ? 'https' : 'http'}://localhost:${port}`,
    port,
    requests,
    connections: () => connections,
    misbehave(fault, rule = {}) {
      rules.push({ fault, rule, left: rule.times ?? 1 })
    },
    behave() {
      rules = []
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  recordAnswer(body)
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body))
}
