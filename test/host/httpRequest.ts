import type { IncomingMessage } from 'node:http'

/** Kestrel's and the host's own limits, in bytes; more of anything is refused before a function is called. */
export const limits = {
  /** Request line with its line break. */
  line: 8192,
  headers: 32_768,
  headerCount: 100,
  body: 100 * 1024 * 1024,
} as const

/** Status with which a request is refused for its size, or undefined. */
export function refusalOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): 414 | 431 | undefined {
  if (`${method} ${url} HTTP/${httpVersion}\r\n`.length > limits.line) return 414
  // Each name and each value is followed by two characters: ": " and the line break.
  const size = rawHeaders.reduce((sum, text) => sum + text.length + 2, 0)
  return size > limits.headers || rawHeaders.length > 2 * limits.headerCount ? 431 : undefined
}

/** Headers by name in lower case; repeated ones joined by a comma, Cookie among them. */
export function joinHeaders({ rawHeaders }: IncomingMessage): Record<string, string> {
  const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, index): [string, string] => [
    (rawHeaders[2 * index] ?? '').toLowerCase(),
    rawHeaders[2 * index + 1] ?? '',
  ])
  return joined(pairs)
}

/** Query by key; repeated keys joined by a comma, those that differ in case only among them. */
export const joinQuery = ({ searchParams }: URL): Record<string, string> => joined(searchParams)

function joined(pairs: Iterable<[string, string]>): Record<string, string> {
  const values = new Map<string, [key: string, value: string]>()
  for (const [key, value] of pairs) {
    const known = values.get(key.toLowerCase())
    values.set(key.toLowerCase(), known === undefined ? [key, value] : [known[0], `${known[1]},${value}`])
  }
  return Object.fromEntries(values.values())
}

/** The key that a request brings, on whatever route: the header, else the first `code` of the query. */
export function keyOf(request: IncomingMessage, url: URL): string | undefined {
  const header = request.headers['x-functions-key']
  if (typeof header === 'string') return header || undefined
  return [...url.searchParams].find(([key]) => key.toLowerCase() === 'code')?.[1] || undefined
}

/** Without streaming the host takes the body's length from the header, and a chunked body is dropped. */
export async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const length = Number(request.headers['content-length'] ?? 0)
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) if (length > 0) chunks.push(chunk)
  return length === 0 ? undefined : Buffer.concat(chunks)
}
