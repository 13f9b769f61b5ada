import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface TlsAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** One request of a simulator's own test, sent as it is written. @param agent trusts the authority of the simulators */
export async function askTls(
  agent: Agent,
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<TlsAnswer> {
  const sent = request(url, { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  sent.end(body)
  const [response] = await answered
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) }
}
