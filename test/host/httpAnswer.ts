import type { ServerResponse } from 'node:http'
import type { RpcCookie, RpcResponse } from './invocation.ts'

/**
 * Sends what a function answered.
 * @throws Error for a header value outside ASCII, before anything of the answer is written
 */
export function send(response: ServerResponse, result: RpcResponse | undefined): void {
  if (result === undefined) {
    response.writeHead(204).end()
    return
  }
  const headers = Object.entries(result.headers ?? {})
  for (const [name, value] of headers) {
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new Error(`the header ${name} has a character that a header cannot have`)
  }
  for (const [name, value] of headers) response.setHeader(name, value)
  for (const cookie of result.cookies ?? []) response.appendHeader('set-cookie', cookieLine(cookie))
  response.writeHead(Number(result.statusCode ?? 200))
  response.end(result.body?.bytes ?? result.body?.string)
}

const sameSiteNames = { lax: 'lax', strict: 'strict', explicitNone: 'none' } as const

/** The value percent-encoded, the attributes in the host's order. */
function cookieLine(cookie: RpcCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`]
  // The library does not hand on an expiry at the epoch.
  if (cookie.expires?.value !== undefined) {
    parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`)
  }
  if (cookie.maxAge?.value !== undefined) parts.push(`max-age=${cookie.maxAge.value}`)
  if (cookie.domain?.value !== undefined) parts.push(`domain=${cookie.domain.value}`)
  parts.push(`path=${cookie.path?.value ?? '/'}`)
  if (cookie.secure?.value === true) parts.push('secure')
  if (cookie.sameSite !== undefined && cookie.sameSite !== 'none')
    parts.push(`samesite=${sameSiteNames[cookie.sameSite]}`)
  if (cookie.httpOnly?.value === true) parts.push('httponly')
  return parts.join('; ')
}
