import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { groupName } from './micetroAnswers.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import type { Episode, Episodes } from './micetroEpisodes.ts'
import type { MicetroStore, SimulatedUser } from './micetroStore.ts'
import { micetroStyle } from './micetroStyle.ts'
import type { Handler } from './server.ts'

export interface PagesState {
  store: MicetroStore
  behaviour: MicetroBehaviour
  episodes: Episodes
  signInUrl(): string | undefined
}

/** One page of the web server; a further way to sign in is a further row. */
interface PageRoute {
  method: string
  path: string
  answer(state: PagesState, response: ServerResponse): void | Promise<void>
}

const routes: readonly PageRoute[] = [
  { method: 'GET', path: '/', answer: (state, response) => sendPage(response, 200, 'Account', renderAccount(state)) },
  {
    method: 'GET',
    path: '/favicon.ico',
    answer: (_, response) => {
      response.writeHead(204).end()
    },
  },
]

/** What a browser sees of the simulated Micetro. */
export function createPages(state: PagesState): Handler {
  return async (request, response) => {
    const path = (request.url ?? '/').replace(/\?.*$/s, '')
    const route = routes.find((each) => each.method === request.method && each.path === path)
    if (route === undefined) return sendPage(response, 404, 'Not found', '<h1>There is no such page</h1>')
    await route.answer(state, response)
  }
}

const styleHash = createHash('sha256').update(micetroStyle).digest('base64')

function sendPage(response: ServerResponse, status: number, title: string, body: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} – Simulated Micetro</title>
<style>${micetroStyle}</style>
</head>
<body>
<header><div><span class="product" data-testid="product">Simulated Micetro</span> <span class="note">for trying out, no real server</span></div></header>
<main>${body}</main>
</body>
</html>
`)
}

function renderAccount(state: PagesState): string {
  const episode = state.episodes.latest
  const user = episode && state.episodes.account(episode)
  if (episode === undefined || user === undefined) {
    return `<h1>Nobody has signed in yet</h1>
<p class="lead" data-testid="nobody">Once somebody signs in with Microsoft Entra ID, the account that was synchronised shows here.</p>
${signInLink(state, 'Sign in')}`
  }
  return `<h1><span class="muted">Signed in as</span> <span data-testid="full-name">${escaped(user.fullName || user.name)}</span></h1>
<div class="columns">
<section aria-labelledby="account-heading">
<h2 id="account-heading">Account</h2>
${renderFacts(state, user)}
</section>
<section aria-labelledby="changes-heading">
<h2 id="changes-heading">What this sign-in changed</h2>
${renderChanges(state, episode)}
</section>
</div>
<section aria-labelledby="groups-heading">
<h2 id="groups-heading">Groups</h2>
${renderGroups(state, user)}
</section>
${signInLink(state, 'Sign in again')}`
}

function renderFacts({ behaviour }: PagesState, user: SimulatedUser): string {
  const facts: [label: string, id: string, value: string][] = [
    ['Login name', 'account-name', user.name],
    ['Type', 'account-type', user.authenticationType],
    ['Full name', 'account-full-name', user.fullName],
    ['E-mail', 'account-email', user.email],
  ]
  if (behaviour.offersExternalId) facts.push(['External id', 'account-external-id', shortened(user.externalID)])
  const rows = facts.map(
    ([label, id, value]) =>
      `<div><dt>${label}</dt><dd data-testid="${id}">${value === '' ? '<span class="muted">none</span>' : escaped(value)}</dd></div>`,
  )
  return `<dl>${rows.join('\n')}</dl>`
}

function renderChanges({ store, behaviour }: PagesState, episode: Episode): string {
  const shown = (name: string): string => {
    const group = store.group(name)
    return `<strong>${escaped(group === undefined ? name : groupName(group, behaviour))}</strong>`
  }
  const quoted = (value: string): string => (value === '' ? '<span class="muted">empty</span>' : escaped(value))
  const items = [
    ...(episode.created
      ? ['<li data-change="created"><b class="tag">New</b> <span>The account was created</span></li>']
      : []),
    ...episode.changed.map(
      ({ property, from, to }) =>
        `<li data-change="changed" data-property="${escaped(property)}"><b class="tag">Changed</b> <span>${escaped(labels[property] ?? property)}: <del>${quoted(from)}</del> <span aria-hidden="true">→</span> <ins>${quoted(to)}</ins></span></li>`,
    ),
    ...episode.added.map(
      (name) =>
        `<li data-change="added" data-group="${escaped(name)}"><b class="tag plus">Added</b> <span>to ${shown(name)}</span></li>`,
    ),
    ...episode.removed.map(
      (name) =>
        `<li data-change="removed" data-group="${escaped(name)}"><b class="tag minus">Removed</b> <span>from ${shown(name)}</span></li>`,
    ),
  ]
  return items.length === 0
    ? '<p data-testid="changes">Nothing changed</p>'
    : `<ul class="changes" data-testid="changes">${items.join('\n')}</ul>`
}

const labels: Record<string, string> = {
  fullName: 'Full name',
  email: 'E-mail',
  externalID: 'External id',
  description: 'Description',
  authenticationType: 'Type',
}

function renderGroups({ store, behaviour }: PagesState, user: SimulatedUser): string {
  const items = store.groupsOf(user.ref).map((group) => {
    const note = group.adIntegrated ? ' <span class="muted">Active Directory</span>' : ''
    return `<li data-group="${escaped(group.name)}">${escaped(groupName(group, behaviour))}${note}</li>`
  })
  return `<ul class="groups" data-testid="memberships">${items.join('\n')}</ul>`
}

function signInLink(state: PagesState, text: string): string {
  const url = state.signInUrl()
  return url === undefined ? '' : `<p><a class="button" data-testid="sign-in" href="${escaped(url)}">${text}</a></p>`
}

/** Enough to tell two ids apart. */
function shortened(id: string): string {
  return id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
