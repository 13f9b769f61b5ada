import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Central } from './central.ts'
import { centralRoutes } from './centralPages.ts'
import type { CentralSession } from './centralSessions.ts'
import { type AccountState, renderAccount } from './micetroAccountPage.ts'
import { sendPage } from './micetroFrame.ts'
import type { Handler } from './server.ts'

export interface PagesState extends AccountState {
  central: Central
}

/** One request of a browser. */
export interface PageVisit {
  request: IncomingMessage
  response: ServerResponse
  /** As it arrived, without the question mark. */
  query: string
  /** Of this browser, if it has one. */
  session: CentralSession | undefined
}

/** One page of the web server; a further way to sign in is a further row. */
export interface PageRoute {
  method: string
  path: string
  answer(state: PagesState, visit: PageVisit): void | Promise<void>
}

const routes: readonly PageRoute[] = [
  {
    method: 'GET',
    path: '/',
    answer: (state, { response, session }) => sendPage(response, 200, 'Account', renderAccount(state, session)),
  },
  ...centralRoutes,
]

/** What a browser sees of the simulated Micetro. */
export function createPages(state: PagesState): Handler {
  return async (request, response) => {
    const [, path, query = ''] = /^([^?]*)\??(.*)$/s.exec(request.url ?? '/') ?? []
    const route = routes.find((each) => each.method === request.method && each.path === path)
    if (route === undefined) return sendPage(response, 404, 'Not found', '<h1>There is no such page</h1>')
    const session = state.central.sessions.of(request.headers.cookie)
    await route.answer(state, { request, response, query, session })
  }
}
