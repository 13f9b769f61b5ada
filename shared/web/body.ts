import type { HttpRequest } from '@azure/functions'

/** The body of a request, or undefined when it has more bytes than that. */
export async function readBody(request: HttpRequest, longest: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > longest) return undefined
  const bytes = Buffer.from(await request.arrayBuffer())
  return bytes.length > longest ? undefined : bytes
}
