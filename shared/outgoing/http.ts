import { Agent as HttpAgent } from 'node:http'
import { createSecureContext, getCACertificates } from 'node:tls'
import type { Axios } from 'axios'
import { createDeadline } from './limit.ts'
import { ReadyAgent } from './readyAgent.ts'

/** One call to a peer. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers?: Record<string, string>
  /** Sent as it is; set content-type. */
  body?: string
  /** For this call alone, in milliseconds. */
  timeout: number
  /** The request's own budget: its end cancels the call. */
  signal: AbortSignal
}

/** What came back, whatever its status. */
export interface Answer {
  status: number
  headers: Readonly<Record<string, string | undefined>>
  /** Parsed JSON; undefined for an empty body. */
  body: unknown
  /** As it came, for the rare answer that is a page. */
  text: string
  /** True when the body should have been JSON and was not, for example the page of a proxy. */
  malformed: boolean
}

export type Send = (call: Call) => Promise<Answer>

/** No answer came; `reason` is a short code such as ECONNREFUSED, with nothing of the request in it. */
export class NoAnswerError extends Error {
  readonly reason: string
  /** True when the connection was refused because of the peer's certificate. */
  readonly untrusted: boolean
  /** True when the caller's budget was spent, not this call's own time. */
  readonly cancelled: boolean

  constructor(reason: string, cancelled = false) {
    super(reason)
    this.name = 'NoAnswerError'
    this.reason = reason
    this.untrusted = untrustedCodes.test(reason)
    this.cancelled = cancelled
  }
}

const untrustedCodes = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS_CERT_ALTNAME/

/** Far above any documented answer, so that a broken peer cannot fill the memory. */
const longestAnswer = 16 * 1024 * 1024

/** Since 22.21 and 24.5 Node's agents have an environment of their own, from which they read their proxies. */
const agentsHaveEnvironment = process.allowedNodeEnvironmentFlags.has('--use-env-proxy')

interface Agents {
  httpAgent: HttpAgent
  httpsAgent: ReadyAgent
}

/**
 * Kept-alive connections that verify the peer's certificate, whatever the environment says, and go to the peer itself,
 * never through a proxy that the environment names. Every client of the application has its own.
 * @param caCertificates PEM of authorities trusted besides the usual ones
 */
export function createAgents(caCertificates = ''): Agents {
  // Axios asks for probes after a minute, too; another delay here would set the socket's option twice for every call.
  const keepAlive = { keepAlive: true, keepAliveMsecs: 60_000, maxSockets: 64, timeout: 60_000, proxyEnv: {} }
  return {
    httpAgent: new HttpAgent(keepAlive),
    httpsAgent: new ReadyAgent({
      ...keepAlive,
      // Said explicitly, it wins over NODE_TLS_REJECT_UNAUTHORIZED.
      rejectUnauthorized: true,
      // A context and no list: the agent would parse the list for every connection and compare it, as text, for every call.
      ...(caCertificates !== '' && {
        secureContext: createSecureContext({ ca: [...getCACertificates('default'), caCertificates] }),
      }),
    }),
  }
}

let axios: Promise<typeof import('axios')> | undefined

/** Loads what every call is sent with; it takes a while the first time, so somebody who waits for something else begins. */
export function loadAxios(): Promise<typeof import('axios')> {
  axios ??= import('axios')
  return axios
}

async function createClient(agents: Agents): Promise<Axios> {
  const { Axios } = await loadAxios()
  // The class itself has no defaults: every call would merge those, and all that matter are set here.
  return new Axios({
    adapter: 'http',
    headers: { accept: 'application/json, text/plain, */*' },
    ...agents,
    maxRedirects: 0,
    maxContentLength: longestAnswer,
    maxBodyLength: longestAnswer,
    responseType: 'text',
    validateStatus: () => true,
    // An agent's environment is the one that counts, and ours is empty. Said to Axios, it makes a function for each call
    // that V8 expects to live long: all that it refers to, the answer too, then stays until a whole collection.
    ...(!agentsHaveEnvironment && { proxy: false }),
  })
}

export interface Outgoing {
  send: Send
  /** Opens connections for calls that are still to come, see ReadyAgent. */
  open(url: string, count: number): void
}

/**
 * Makes a sender with its own kept-alive connections: it follows no redirect, judges no status, and its errors hold
 * nothing of the request.
 * @param caCertificates PEM of authorities trusted besides the usual ones; read at the first call
 */
export function createOutgoing(caCertificates = ''): Outgoing {
  let agents: Agents | undefined
  const theAgents = (): Agents => {
    agents ??= createAgents(caCertificates)
    return agents
  }
  return { send: createSend(theAgents), open: (url, count) => theAgents().httpsAgent.open(url, count) }
}

function createSend(agents: () => Agents): Send {
  let client: Promise<Axios> | undefined
  return async ({ method, url, headers, body, timeout, signal }) => {
    const deadline = createDeadline(signal, timeout)
    try {
      client ??= createClient(agents())
      const response = await (await client).request<string>({
        method,
        url,
        ...(headers && { headers }),
        ...(body !== undefined && { data: body }),
        signal: deadline.signal,
      })
      return {
        status: response.status,
        headers: response.headers as Readonly<Record<string, string | undefined>>,
        text: response.data,
        ...parse(response.data),
      }
    } catch (error) {
      if (signal.aborted) throw new NoAnswerError('cancelled', true)
      if (deadline.isLate()) throw new NoAnswerError(`no answer within ${timeout} ms`)
      const { AxiosError } = await loadAxios()
      throw new NoAnswerError(error instanceof AxiosError ? (error.code ?? 'network error') : 'network error')
    } finally {
      deadline.clear()
    }
  }
}

function parse(text: string): { body: unknown; malformed: boolean } {
  if (text === '') return { body: undefined, malformed: false }
  try {
    return { body: JSON.parse(text), malformed: false }
  } catch {
    return { body: undefined, malformed: true }
  }
}
