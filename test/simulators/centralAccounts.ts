import type { MicetroBehaviour } from './micetroBehaviour.ts'
import type { Episode } from './micetroEpisodes.ts'
import type { MicetroStore, SimulatedUser } from './micetroStore.ts'

/** The user document that the callback script printed. */
export interface GivenUser {
  loginName: string
  fullName: string
  externalID: string
  email: string
  groups: readonly string[]
}

/** A sign-in that Central does not let in. */
export class LoginRefused extends Error {}

/**
 * Central's own synchronisation (product guide: "User Authentication and Access Management", "Group authorization"): an
 * External user is created, or matched by its external id and updated in e-mail, full name and memberships. The login
 * name of an account is never changed.
 * @throws LoginRefused when the name belongs to somebody else
 */
export function synchronise(
  store: MicetroStore,
  behaviour: MicetroBehaviour,
  given: GivenUser,
): { user: SimulatedUser; episode: Episode } {
  const fold = (text: string): string => (behaviour.ignoresCase ? text.toLowerCase() : text)
  const users = [...store.users.values()]
  let user = users.find((each) => each.authenticationType === 'External' && each.externalID === given.externalID)
  const episode: Episode = {
    name: given.loginName,
    userRef: user?.ref,
    created: user === undefined,
    changed: [],
    added: [],
    removed: [],
  }
  const { fullName, email, externalID } = given
  if (user === undefined) {
    if (users.some(({ name }) => fold(name) === fold(given.loginName))) {
      throw new LoginRefused(`A user with the name "${given.loginName}" already exists.`)
    }
    user = store.addUser({ name: given.loginName, fullName, email, externalID })
    episode.userRef = user.ref
  }
  for (const property of ['fullName', 'email'] as const) {
    if (user[property] === given[property]) continue
    episode.changed.push({ property, from: user[property], to: given[property] })
    user[property] = given[property]
  }
  // No groups at all: the memberships stay as they are.
  if (given.groups.length === 0) return { user, episode }
  const wanted = new Set(given.groups.map(fold))
  for (const { name, builtIn, members } of store.groups.values()) {
    if (builtIn || wanted.has(fold(name)) === members.has(user.ref)) continue
    if (wanted.has(fold(name))) {
      members.add(user.ref)
      episode.added.push(name)
    } else {
      members.delete(user.ref)
      episode.removed.push(name)
    }
  }
  return { user, episode }
}
