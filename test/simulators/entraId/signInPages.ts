import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DirectoryUser } from '../directory.ts'
import {
  type AuthorizeRequest,
  checkUser,
  grantCode,
  hinted,
  type ReturnAddress,
  ReturnedError,
  readAuthorizeRequest,
  silentUser,
} from './authorize.ts'
import { BoundedMap } from './boundedMap.ts'
import { createTrace, describeError, EntraError, type Trace } from './entraError.ts'
import { formPostPage, pickerPage, sendPage, textPage } from './pages.ts'
import { type Authority, belongs, type EntraState, isRegistered } from './state.ts'

/** One request of a browser. */
export interface Visit {
  request: IncomingMessage
  response: ServerResponse
  parameters: URLSearchParams
  authority: Authority
  trace: Trace
  /** Origin of the listener that took the request. */
  origin: string
}

export interface SignInPages {
  authorize(visit: Visit): Promise<void>
  /** Takes the picker's choice. */
  choose(visit: Visit): Promise<void>
  /** Serves the form of response mode form_post. */
  respond(visit: Visit): void
  logout(visit: Visit): void
}

type Fields = [string, string][]

const cookieName = 'ESTSAUTH'

function sessionIn(request: IncomingMessage): string | undefined {
  return (request.headers.cookie ?? '')
    .split('; ')
    .find((pair) => pair.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1)
}

export function createSignInPages(state: EntraState): SignInPages {
  const transactions = new BoundedMap<AuthorizeRequest>()
  const forms = new BoundedMap<{ redirectUri: string; fields: Fields }>()
  const { directory, sessions } = state

  const currentUser = (request: IncomingMessage): DirectoryUser | undefined => {
    const oid = sessions.get(sessionIn(request) ?? '')
    return directory.users.find((user) => user.oid === oid)
  }

  const goBack = (visit: Visit, to: ReturnAddress, fields: Fields): void => {
    const headers: Record<string, string> = { 'cache-control': 'no-store' }
    const url = new URL(to.redirectUri)
    if (to.responseMode === 'form_post') {
      const id = randomBytes(16).toString('base64url')
      forms.set(id, { redirectUri: to.redirectUri, fields })
      // Browsers count every port of localhost as one site, but Microsoft is another site than the application: the
      // form comes from 127.0.0.1, so that the POST is as cross-site as in real life.
      const { protocol, port } = new URL(visit.origin)
      headers.location = `${protocol}//127.0.0.1:${port}/${visit.authority.name}/respond?form=${id}`
    } else if (to.responseMode === 'fragment') {
      url.hash = new URLSearchParams(fields).toString()
      headers.location = url.href
    } else {
      for (const [name, value] of fields) url.searchParams.append(name, value)
      headers.location = url.href
    }
    visit.response.writeHead(302, headers).end()
  }

  const goBackWithError = (visit: Visit, { to, reason }: ReturnedError): void => {
    goBack(visit, to, [
      ['error', reason.error],
      ['error_description', describeError(reason, visit.trace)],
      ['error_uri', `${state.host}/error?code=${reason.aadsts}`],
      ...(to.state === undefined ? [] : [['state', to.state] satisfies [string, string]]),
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

  const signIn = async (visit: Visit, request: AuthorizeRequest, user: DirectoryUser): Promise<void> => {
    const session = randomBytes(24).toString('base64url')
    sessions.set(session, user.oid)
    // Signed in is signed in, even where the application is refused then.
    visit.response.setHeader('set-cookie', `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Lax`)
    checkUser(request, user, state)
    goBack(visit, request, await grantCode(request, user, state))
  }

  const showPicker = (
    visit: Visit,
    request: AuthorizeRequest,
    id: string,
    current: DirectoryUser | undefined,
  ): void => {
    const { authority, loginHint } = request
    const first = (user: DirectoryUser): boolean =>
      loginHint === undefined ? user === current : hinted(user, loginHint)
    const users = directory.users.filter((user) => !user.hidden && belongs(user, authority))
    users.sort((one, other) => Number(first(other)) - Number(first(one)))
    const body = pickerPage({
      action: `/${authority.name}/login`,
      transaction: id,
      app: request.app,
      users,
      tenants: directory.tenants,
      current,
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
      returning(visit, async () => {
        const request = readAuthorizeRequest(visit.parameters, visit.authority, state)
        const { automatic } = state.behaviour
        const current = currentUser(visit.request)
        const user =
          (request.prompt === 'none' ? undefined : directory.users.find(({ key }) => key === automatic)) ??
          silentUser(request, current, state)
        if (user !== undefined) return signIn(visit, request, user)
        const id = randomBytes(16).toString('base64url')
        transactions.set(id, request)
        showPicker(
          visit,
          request,
          id,
          current !== undefined && belongs(current, request.authority) ? current : undefined,
        )
      }),

    choose: (visit) =>
      returning(visit, async () => {
        const [id, request] = transactionOf(visit)
        if (visit.parameters.get('other') !== null) {
          sessions.delete(sessionIn(visit.request) ?? '')
          showPicker(visit, request, id, undefined)
          return
        }
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
        await signIn(visit, request, user)
        transactions.delete(id)
      }),

    respond({ parameters, response }) {
      const form = forms.get(parameters.get('form') ?? '')
      if (form === undefined) throw new EntraError('invalid_request', 165004, 'This page is no longer valid.')
      sendPage(response, 200, 'Continue', formPostPage(form.redirectUri, form.fields))
    },

    logout({ request, response, parameters }) {
      sessions.delete(sessionIn(request) ?? '')
      const cookie = { 'set-cookie': `${cookieName}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0` }
      const uri = parameters.get('post_logout_redirect_uri')
      const known = directory.apps.some(({ redirectUris, logoutUris }) =>
        isRegistered([...redirectUris, ...logoutUris], uri ?? ''),
      )
      if (uri !== null && known) {
        response.writeHead(302, { ...cookie, location: uri }).end()
        return
      }
      sendPage(response, 200, 'Signed out', textPage('You signed out of your account', 'Close this window.'), cookie)
    },
  }
}

/** The trace of a request, with the correlation id that the client chose, if any. */
export function traceOf(request: IncomingMessage, parameters: URLSearchParams, now: number): Trace {
  const header = request.headers['client-request-id']
  const chosen = parameters.get('client-request-id') ?? (typeof header === 'string' ? header : undefined)
  return createTrace(now, chosen !== undefined && /^[0-9a-f-]{36}$/i.test(chosen) ? chosen : undefined)
}
