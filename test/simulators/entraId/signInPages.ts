import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import {
  type AuthorizeRequest,
  checkUser,
  grantCode,
  type ReturnAddress,
  ReturnedError,
  readAuthorizeRequest,
} from './authorize.ts'
import { createTrace, describeError, EntraError, type Trace } from './entraError.ts'
import { formPostPage, pickerPage, sendPage } from './pages.ts'
import { type Authority, belongs, type EntraState } from './state.ts'

/** One request of a browser. */
export interface Visit {
  request: IncomingMessage
  response: ServerResponse
  parameters: URLSearchParams
  authority: Authority
  trace: Trace
}

export interface SignInPages {
  authorize(visit: Visit): Promise<void>
  /** Takes the picker's choice. */
  choose(visit: Visit): Promise<void>
}

export function createSignInPages(state: EntraState): SignInPages {
  const transactions = new LRUCache<string, AuthorizeRequest>({ max: 20_000 })
  const { directory } = state

  const goBack = (visit: Visit, to: ReturnAddress, all: readonly (readonly [string, string | undefined])[]): void => {
    const fields = all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
    if (to.responseMode === 'form_post') {
      sendPage(visit.response, 200, 'Continue', formPostPage(to.redirectUri, fields))
      return
    }
    const url = new URL(to.redirectUri)
    for (const [name, value] of fields) url.searchParams.append(name, value)
    visit.response.writeHead(302, { 'cache-control': 'no-store', location: url.href }).end()
  }

  const goBackWithError = (visit: Visit, { to, reason }: ReturnedError): void => {
    goBack(visit, to, [
      ['error', reason.error],
      ['error_description', describeError(reason, visit.trace)],
      ['error_uri', `${state.host}/error?code=${reason.code}`],
      ['state', to.state],
    ])
  }

  /** Errors that may not go back are left to the caller, who shows them on a page. */
  const returning = async (visit: Visit, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ReturnedError)) throw error
      goBackWithError(visit, error)
    }
  }

  const showPicker = (visit: Visit, request: AuthorizeRequest): void => {
    const transaction = randomBytes(16).toString('base64url')
    transactions.set(transaction, request)
    const { app, authority } = request
    const body = pickerPage({
      action: `/${authority.name}/login`,
      transaction,
      app,
      users: directory.users.filter((user) => !user.hidden && belongs(user, authority)),
      tenants: directory.tenants,
    })
    sendPage(visit.response, 200, 'Sign in', body)
  }

  const transactionOf = ({ parameters }: Visit): [string, AuthorizeRequest] => {
    const id = parameters.get('transaction') ?? ''
    const request = transactions.get(id)
    if (request === undefined) throw new EntraError('invalid_request', 165004, 'This sign-in page is no longer valid.')
    return [id, request]
  }

  return {
    authorize: (visit) =>
      returning(visit, async () => showPicker(visit, readAuthorizeRequest(visit.parameters, visit.authority, state))),

    choose: (visit) =>
      returning(visit, async () => {
        const [id, request] = transactionOf(visit)
        if (visit.request.method !== 'POST') throw new EntraError('invalid_request', 900561, 'Choose on the page.')
        if (visit.parameters.get('cancel') !== null) {
          transactions.delete(id)
          throw new ReturnedError(
            request,
            new EntraError('access_denied', 65004, 'User declined to consent to access the app.'),
          )
        }
        const user = directory.users.find(({ key }) => key === visit.parameters.get('user'))
        if (user === undefined) {
          throw new EntraError('invalid_request', 50034, 'The user account does not exist in the directory.')
        }
        checkUser(request, user, state)
        goBack(visit, request, await grantCode(request, user, state))
        transactions.delete(id)
      }),
  }
}

/** The trace of a request, with the correlation id that the client chose, if any. */
export function traceOf(request: IncomingMessage, parameters: URLSearchParams): Trace {
  const header = request.headers['client-request-id']
  const chosen = parameters.get('client-request-id') ?? (typeof header === 'string' ? header : undefined)
  return createTrace(chosen !== undefined && /^[0-9a-f-]{36}$/i.test(chosen) ? chosen : undefined)
}
