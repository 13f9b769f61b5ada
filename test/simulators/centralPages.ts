import { escaped } from './html.ts'
import { applicationLink, centralLink } from './micetroAccountPage.ts'
import { sendOn, sendPage } from './micetroFrame.ts'
import type { PageRoute, PagesState } from './micetroPages.ts'

/** The pages of Micetro's own sign-in: its login page, the way to Entra ID and back, and the way out. */
export const centralRoutes: readonly PageRoute[] = [
  {
    method: 'GET',
    path: '/login',
    answer: (state, { response, session }) =>
      session === undefined ? sendPage(response, 200, 'Log in', renderLogin(state)) : sendOn(response, '/'),
  },
  {
    method: 'GET',
    path: '/login/microsoft',
    answer({ central }, { response }) {
      const location = central.begin()
      if (location !== undefined) return sendOn(response, location)
      sendFailure(response, 503, 'External authentication is not configured.')
    },
  },
  {
    method: 'GET',
    path: '/mmws/auth_cb/microsoft',
    async answer({ central }, { response, query, session }) {
      const outcome = await central.complete(query)
      switch (outcome.kind) {
        case 'signedIn':
          // One session a browser: the one before ends.
          central.sessions.close(session)
          return sendOn(response, '/', outcome.cookie)
        case 'again':
          return sendOn(response, outcome.location)
        case 'failed':
          sendFailure(response, outcome.status, outcome.description)
      }
    },
  },
  {
    method: 'POST',
    path: '/logout',
    answer: ({ central }, { response, session }) => sendOn(response, '/login', central.sessions.close(session)),
  },
]

function renderLogin(state: PagesState): string {
  const way = (id: string, heading: string, text: string, link: string): string =>
    link === ''
      ? ''
      : `<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
<p>${text}</p>
<p>${link}</p>
</section>`
  const central = way(
    'central-heading',
    'Micetro’s own button',
    'Micetro Central starts the sign-in, runs its callback script, and opens a session here.',
    centralLink(state),
  )
  const application = way(
    'application-heading',
    'The application’s address',
    'The application starts the sign-in, brings the account in line, and comes back here, without a session.',
    applicationLink(state, 'Sign in by the application'),
  )
  return `<h1>Log in to Micetro</h1>
<div class="columns">
${central}
${application}
</div>`
}

function sendFailure(response: Parameters<typeof sendPage>[0], status: number, description: string): void {
  sendPage(
    response,
    status,
    'Login failed',
    `<h1>You could not be logged in</h1>
<p class="lead" data-testid="login-error">${escaped(description)}</p>
<p class="actions"><a class="button" href="/login">Back to the login page</a></p>`,
  )
}
