import type { CentralSession } from './centralSessions.ts'
import { escaped } from './html.ts'
import { groupName } from './micetroAnswers.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import type { Episode, Episodes } from './micetroEpisodes.ts'
import type { MicetroStore, SimulatedUser } from './micetroStore.ts'

export interface AccountState {
  store: MicetroStore
  behaviour: MicetroBehaviour
  episodes: Episodes
  /** Where the application begins a sign-in. */
  signInUrl: string
  /** Whether Micetro's own button can work. */
  offersCentral(): boolean
}

/** The account of the browser's session; without one, that of the latest sign-in that the application synchronised. */
export function renderAccount(state: AccountState, session: CentralSession | undefined): string {
  if (session !== undefined) {
    const { user, episode } = session
    return `<h1><span class="muted">Signed in as</span> ${renderName(user)}</h1>
${renderDetails(state, user, episode)}
<form method="post" action="/logout"><button class="button" data-testid="log-out">Log out</button></form>`
  }
  const episode = state.episodes.latest
  const user = episode && state.episodes.account(episode)
  if (episode === undefined || user === undefined) {
    return `<h1>Nobody has signed in yet</h1>
<p class="lead" data-testid="nobody">Once somebody signs in with Microsoft Entra ID, the account that was synchronised shows here.</p>
${renderWaysIn(state, 'Sign in')}`
  }
  const next = state.offersCentral() ? ' Log in with Azure opens one.' : ''
  return `<h1><span class="muted">In step with Entra ID:</span> ${renderName(user)}</h1>
<p class="lead">The application has brought this account in line. Nobody has a session here yet.${next}</p>
${renderDetails(state, user, episode)}
${renderWaysIn(state, 'Sign in again')}`
}

/** To the application's own address. */
export function applicationLink({ signInUrl }: AccountState, text: string): string {
  return `<a class="button" data-testid="sign-in" href="${escaped(signInUrl)}">${text}</a>`
}

/** Micetro's own button, where it is set up. A link: a form would be bound by this page's policy on its way to Entra ID. */
export function centralLink({ offersCentral }: AccountState): string {
  return offersCentral()
    ? '<a class="button other" data-testid="central-sign-in" href="/login/microsoft">Log in with Azure</a>'
    : ''
}

function renderWaysIn(state: AccountState, text: string): string {
  return `<p class="actions">${applicationLink(state, text)}
${centralLink(state)}</p>`
}

function renderName(user: SimulatedUser): string {
  return `<span data-testid="full-name">${escaped(user.fullName || user.name)}</span>`
}

function renderDetails(state: AccountState, user: SimulatedUser, episode: Episode): string {
  return `<div class="columns">
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
</section>`
}

function renderFacts({ behaviour }: AccountState, user: SimulatedUser): string {
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

function renderChanges({ store, behaviour }: AccountState, episode: Episode): string {
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

function renderGroups({ store, behaviour }: AccountState, user: SimulatedUser): string {
  const items = store.groupsOf(user.ref).map((group) => {
    const note = group.adIntegrated ? ' <span class="muted">Active Directory</span>' : ''
    return `<li data-group="${escaped(group.name)}">${escaped(groupName(group, behaviour))}${note}</li>`
  })
  return `<ul class="groups" data-testid="memberships">${items.join('\n')}</ul>`
}

/** Enough to tell two ids apart. */
function shortened(id: string): string {
  return id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id
}
