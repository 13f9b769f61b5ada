import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
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
  /** Answers as usual, later. */
  | { kind: 'slow'; milliseconds: number }

export interface FaultRule {
  /** Tested against path and query as sent; absent: every request. */
  path?: RegExp
  method?: string
  /** How many matching requests are let through first. */
  skip?: number
  /** How many requests it hits; Infinity until `behave()`. Default 1. */
  times?: number
}

export interface SimulatedServer {
  /** Origin, without a trailing slash, for example https://localhost:40123. */
  url: string
  port: number
  requests: RecordedRequest[]
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

/** The body as text, read by the server before the handler runs. */
export type Handler = (
  request: IncomingMessage & { bodyText: string },
  response: ServerResponse,
) => void | Promise<void>

/** The largest body a simulator takes: above what our code may send. */
const bodyLimit = 16 * 1024 * 1024

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyLimit) throw new Error('request body too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Starts a server on loopback (reached as `localhost`) that records its requests and can be told to misbehave. */
export async function startServer(handler: Handler, options: ServerOptions = {}): Promise<SimulatedServer> {
  const requests = options.requests ?? []
  let rules: { fault: Fault; rule: FaultRule; skip: number; left: number }[] = []
  const sockets = new Set<Socket>()

  const faultFor = (method: string, target: string): Fault | undefined => {
    for (const entry of rules) {
      if (entry.left <= 0) continue
      if (entry.rule.method !== undefined && entry.rule.method !== method) continue
      if (entry.rule.path !== undefined && !entry.rule.path.test(target)) continue
      if (entry.skip > 0) {
        entry.skip -= 1
        continue
      }
      entry.left -= 1
      return entry.fault
    }
    return undefined
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? '/'
    const mark = target.indexOf('?')
    const bodyText = await readBody(request)
    requests.push({
      method: request.method ?? 'GET',
      path: mark < 0 ? target : target.slice(0, mark),
      query: mark < 0 ? '' : target.slice(mark),
      headers: request.headers,
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
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, fault.milliseconds))
    }
    await handler(Object.assign(request, { bodyText }), response)
  }

  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`simulator failed: ${error instanceof Error ? error.stack : String(error)}`)
    })
  }
  const server = options.certificate ? createTlsServer({ ...options.certificate }, listener) : createServer(listener)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `${options.certificate ? 'https' : 'http'}://localhost:${port}`,
    port,
    requests,
    misbehave(fault, rule = {}) {
      rules.push({ fault, rule, skip: rule.skip ?? 0, left: rule.times ?? 1 })
    },
    behave() {
      rules = []
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
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
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body))
}
