import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FunctionApp } from './functionApp.ts'
import { send } from './httpAnswer.ts'
import { joinHeaders, joinQuery, keyOf, limits, readBody, refusalOf } from './httpRequest.ts'
import type { LogLine } from './invocation.ts'
import type { KeyStore } from './keyStore.ts'

export interface HostOptions {
  app: FunctionApp
  keys: KeyStore
  log: LogLine
  /** `/` is a home page unless a function takes it. Default: true. */
  homepage?: boolean
}

/**
 * Serves a function app over HTTP as the Azure Functions host does, with its traps and limits; where a request goes
 * wrong it is no kinder.
 *
 * It cannot imitate: a timer's own schedule (a timer fires by hand only), a worker that is a process of its own and may
 * be killed, requests as Application Insights records them, keys that differ by function, administration beyond firing
 * a timer, constraints in routes.
 */
export function createHostServer(options: HostOptions): Server {
  // Node refuses longer headers by itself, with 431, too; below that the limits are counted here.
  return createServer({ maxHeaderSize: 2 * (limits.line + limits.headers) }, (request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.log('error', 'Host', error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error')
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HostOptions): Promise<void> {
  const refusal = refusalOf(request)
  if (refusal !== undefined) {
    response.writeHead(refusal, { connection: 'close' }).end()
    return
  }
  const { app, keys } = options
  const method = request.method ?? 'GET'
  const url = URL.parse(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`)
  if (url === null) {
    response.writeHead(400).end()
    return
  }
  const path = url.pathname.slice(1)
  const [area] = path.toLowerCase().split('/')
  if (area === 'admin' || area === 'runtime') {
    response.writeHead(await administer(method, path, keyOf(request, url), options)).end()
    return
  }
  const [found] = app.http.flatMap((each) => {
    const params = each.methods.includes(method) ? each.match(path) : undefined
    return params === undefined ? [] : [{ ...each, params }]
  })
  if (found === undefined) {
    if (path !== '') response.writeHead(404).end()
    else if (options.homepage === false) response.writeHead(204).end()
    else response.writeHead(200, { 'content-type': 'text/plain' }).end('The function host is running.\n')
    return
  }
  // A key is judged wherever one is brought, on anonymous routes too.
  const key = keyOf(request, url)
  const fits = key !== undefined && (await keys.fits(key, found.name))
  if (found.authLevel !== 'anonymous' && !fits) {
    response.writeHead(401).end()
    return
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.body) {
    response.writeHead(500, { connection: 'close' }).end()
    return
  }
  const result = await found.invoke({
    method,
    url: url.href,
    headers: joinHeaders(request),
    query: joinQuery(url),
    params: found.params,
    body: await readBody(request),
  })
  send(response, result)
}

/** @returns the status of an administrative route; a timer that it fires runs on by itself */
async function administer(
  method: string,
  path: string,
  key: string | undefined,
  { app, keys, log }: HostOptions,
): Promise<200 | 202 | 401 | 404> {
  if (/^admin\/host\/ping\/?$/i.test(path)) return 200
  if (/^runtime\b/i.test(path) || key === undefined || !(await keys.fits(key, 'master'))) return 401
  const [, name] = /^admin\/functions\/([^/]+)\/?$/i.exec(path) ?? []
  const timer = app.timers.find((each) => each.name.toLowerCase() === name?.toLowerCase())
  if (timer === undefined || method !== 'POST') return 404
  timer.fire().catch((error: unknown) => {
    log('error', `Function.${timer.name}`, error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error')
  })
  return 202
}
