import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { HttpFunction, LogLine, RpcCookie, RpcResponse } from './functionApp.ts'

/** The host's own limit for a body, in bytes. */
const bodyLimit = 100 * 1024 * 1024

/**
 * Serves a function app over HTTP as the Functions host does, with its traps: routes by function name and first match,
 * repeated query keys joined, a body without length dropped, cookie values percent-encoded, an expiry at the epoch lost,
 * function keys checked here and not in the functions.
 */
export function createHostServer(functions: readonly HttpFunction[], functionKey: string, log: LogLine): Server {
  return createServer((request, response) => {
    answer(request, response, functions, functionKey).catch((error: unknown) => {
      log('error', 'Host', error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error')
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  functions: readonly HttpFunction[],
  functionKey: string,
): Promise<void> {
  const method = request.method ?? 'GET'
  const url = new URL(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`)
  const path = url.pathname.slice(1).toLowerCase()
  if (path === '') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('The function host is running.\n')
    return
  }
  if (path === 'admin' || path.startsWith('admin/')) {
    response.writeHead(401).end()
    return
  }
  const found = functions.find((each) => each.route === path && each.methods.includes(method))
  if (found === undefined) {
    response.writeHead(404).end()
    return
  }
  if (found.authLevel !== 'anonymous' && !isKey(request, url, functionKey)) {
    response.writeHead(401).end()
    return
  }
  const body = await readBody(request)
  if (body === 'too large') {
    response.writeHead(413, { connection: 'close' }).end()
    return
  }
  const result = await found.invoke({
    method,
    url: url.href,
    headers: joinHeaders(request),
    query: joinQuery(url),
    body,
  })
  send(response, result)
}

function isKey(request: IncomingMessage, url: URL, functionKey: string): boolean {
  const header = request.headers['x-functions-key']
  const given = Buffer.from((typeof header === 'string' ? header : url.searchParams.get('code')) ?? '')
  const expected = Buffer.from(functionKey)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Without streaming the host takes the body's length from the header, and a chunked body is dropped. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined | 'too large'> {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > bodyLimit) return 'too large'
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return length === 0 ? undefined : Buffer.concat(chunks)
}

function joinHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value
  }
  return headers
}

function joinQuery(url: URL): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [key, value] of url.searchParams) query[key] = key in query ? `${query[key]},${value}` : value
  return query
}

function send(response: ServerResponse, result: RpcResponse | undefined): void {
  if (result === undefined) {
    response.writeHead(204).end()
    return
  }
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, value)
  for (const cookie of result.cookies ?? []) response.appendHeader('set-cookie', cookieLine(cookie))
  response.writeHead(Number(result.statusCode ?? 200))
  response.end(result.body?.bytes ?? result.body?.string)
}

const sameSiteNames = { lax: 'lax', strict: 'strict', explicitNone: 'none' } as const

function cookieLine(cookie: RpcCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`]
  if (cookie.maxAge?.value !== undefined) parts.push(`max-age=${cookie.maxAge.value}`)
  if (cookie.domain?.value !== undefined) parts.push(`domain=${cookie.domain.value}`)
  parts.push(`path=${cookie.path?.value ?? '/'}`)
  // The expiry travels as a protobuf time, and the epoch is its empty value, which is not sent.
  if (cookie.expires?.value instanceof Date && cookie.expires.value.getTime() !== 0) {
    parts.push(`expires=${cookie.expires.value.toUTCString()}`)
  }
  if (cookie.secure?.value === true) parts.push('secure')
  if (cookie.sameSite !== undefined && cookie.sameSite !== 'none')
    parts.push(`samesite=${sameSiteNames[cookie.sameSite]}`)
  if (cookie.httpOnly?.value === true) parts.push('httponly')
  return parts.join('; ')
}
