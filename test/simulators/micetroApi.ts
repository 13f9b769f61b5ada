import type { IncomingHttpHeaders } from 'node:http'
import * as v from 'valibot'
import { ApiError, accessDenied, apiDefinition, badRequest, noResource } from './micetroAnswers.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import { type ApiAnswer, type ApiRoute, type Call, type Installation, textOf } from './micetroCall.ts'
import { groupRoutes } from './micetroGroupRoutes.ts'
import { decode, readQuery } from './micetroQuery.ts'
import { userRoutes } from './micetroUserRoutes.ts'
import type { Handler } from './server.ts'
import { sendJson } from './server.ts'

/** Calls that need no session. */
interface OpenRoute {
  method: string
  pattern: string
  answer(call: Omit<Call, 'who'>): ApiAnswer
}

const base = '/mmws/api/'

const openRoutes: readonly OpenRoute[] = [
  {
    method: 'GET',
    pattern: 'swagger.json',
    answer: ({ behaviour }) => ({ status: 200, body: apiDefinition(behaviour) }),
  },
  { method: 'POST', pattern: 'micetro/sessions', answer: logIn },
]

const routes: readonly ApiRoute[] = [
  { method: 'POST', pattern: 'commands/GetSystemSettings', answer: readSettings },
  ...userRoutes,
  ...groupRoutes,
]

function logIn({ behaviour, sessions, given, node }: Omit<Call, 'who'>): ApiAnswer {
  if (!behaviour.sessions) throw noResource()
  return { status: 201, result: { session: sessions.logIn(given.loginName, given.password, node) } }
}

/** The sources name the command and one setting, not the form of the answer: this one is a guess. */
function readSettings({ store }: Call): ApiAnswer {
  return {
    status: 200,
    result: { systemSettings: [...store.settings].map(([name, value]) => ({ name, value })) },
  }
}

/** One mmws instance in front of the installation. */
export function createApi(installation: Installation, node: number): Handler {
  return (request, response) => {
    const { method = 'GET' } = request
    const [rawPath = '', rawQuery = ''] = (request.url ?? '').split(/\?(.*)/s)
    const send = ({ status, result, body = result === undefined ? undefined : { result } }: ApiAnswer): void => {
      if (body !== undefined) sendJson(response, status, body)
      else response.writeHead(status, status === 204 ? {} : { 'content-length': '0' }).end()
    }
    try {
      const query = readQuery(rawQuery)
      const given = { ...query, ...readBody(request, installation.behaviour) }
      if (!rawPath.startsWith(base)) throw noResource()
      const segments = rawPath.slice(base.length).split('/').map(decode)
      const shared = { ...installation, node, method, given }

      const open = findRoute(openRoutes, method, segments)
      if (open !== undefined) return send(open.route.answer({ ...shared, path: open.path }))
      const who = installation.sessions.authenticate(request.headers, given, node)
      const { route, path } = findRoute(routes, method, segments) ?? {}
      const call: Call = { ...shared, path: path ?? {}, who }
      const record = (status: number): void => recordCall(call, route, segments.join('/'), query, status)
      try {
        if (route === undefined || path === undefined) throw noResource()
        checkChange(call, route)
        const answer = route.answer(call)
        record(answer.status)
        send(answer)
      } catch (error) {
        if (error instanceof ApiError) record(error.status)
        throw error
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 401) response.setHeader('www-authenticate', 'Bearer')
      send({ status: error.status, body: error.body })
    }
  }
}

function checkChange({ store, who, given }: Call, { changes }: ApiRoute): void {
  if (changes === undefined) return
  if (!store.mayAdministerUsers(who)) throw accessDenied()
  if (textOf(given.saveComment) === undefined) throw badRequest('A save comment is required')
}

function recordCall(
  { store, episodes, node, method, who, given }: Call,
  route: ApiRoute | undefined,
  path: string,
  query: Record<string, string>,
  status: number,
): void {
  const reads = route === undefined ? method === 'GET' : route.changes === undefined
  if (reads) {
    store.reads.push({ node, method, path, query, who: who.name, status })
    return
  }
  const saveComment = textOf(given.saveComment)
  store.audit.push({ node, method, path, who: who.name, saveComment, body: given, status })
  if (status >= 400) episodes.mayAskAgain(saveComment)
}

function findRoute<R extends { method: string; pattern: string }>(
  table: readonly R[],
  method: string,
  segments: readonly string[],
): { route: R; path: Record<string, string> } | undefined {
  for (const route of table) {
    const path = route.method === method ? matchPath(route.pattern.split('/'), segments) : undefined
    if (path !== undefined) return { route, path }
  }
  return undefined
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const path: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? ''
    if (expected.startsWith(':')) path[expected.slice(1)] = actual
    else if (expected !== actual) return undefined
  }
  return path
}

const bodySchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))

/** A body is read in the charset that it names; what a release does without one is its own matter. */
function readBody(
  { body, headers }: { body: Buffer; headers: IncomingHttpHeaders },
  { bodyCharset, faultOfEmptyBodies }: MicetroBehaviour,
): Record<string, unknown> {
  const utf8 = /charset="?utf-8/i.test(headers['content-type'] ?? '')
  if (body.length === 0 && utf8 && faultOfEmptyBodies) throw badRequest('The body is empty')
  const text = body.toString(utf8 ? 'utf8' : bodyCharset)
  if (text.trim() === '') return {}
  const { success, output } = v.safeParse(bodySchema, text)
  if (!success) throw badRequest('The body is no JSON object')
  return output
}
