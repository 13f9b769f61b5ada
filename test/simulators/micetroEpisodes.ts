import type { Condition } from './micetroQuery.ts'
import type { MicetroStore, SimulatedUser } from './micetroStore.ts'

/** What one sign-in did to an account. */
export interface Episode {
  /** The name that was looked up. */
  name: string
  userRef: string | undefined
  created: boolean
  changed: { property: string; from: string; to: string }[]
  /** Names of groups. */
  added: string[]
  removed: string[]
}

export type Change =
  | { kind: 'created' }
  | { kind: 'changed'; property: string; from: string; to: string }
  | { kind: 'added' | 'removed'; group: string }

interface Running extends Episode {
  /** Properties that were looked up in this sign-in; the same question again is asked by the next one. */
  asked: Set<string>
}

const mostRemembered = 100

/**
 * Central is not told that a sign-in begins or ends, so this is read off the API account's calls: a look-up of an
 * account begins one, and what is written to that account afterwards belongs to it.
 */
export class Episodes {
  readonly #store: MicetroStore
  readonly #apiUser: string
  /** The latest of each name, the most recent at the end. */
  #running: Running[] = []

  constructor(store: MicetroStore, apiUser: string) {
    this.#store = store
    this.#apiUser = apiUser
  }

  /** The most recent sign-in that has an External account to show; a refused one has none. */
  get latest(): Episode | undefined {
    return this.#running.findLast((episode) => this.account(episode) !== undefined)
  }

  /** The account of a sign-in, as it is now. */
  account(episode: Episode): SimulatedUser | undefined {
    const user = this.#store.user(episode.userRef ?? episode.name)
    return user?.authenticationType === 'External' ? user : undefined
  }

  lookedUp(who: SimulatedUser, conditions: readonly Condition[], found: readonly string[]): void {
    if (who.name !== this.#apiUser) return
    for (const { property, value, prefix } of conditions) {
      const only = found.length === 1 ? this.#store.users.get(found[0] ?? '') : undefined
      const name = only?.name ?? (property === 'name' && !prefix ? value : undefined)
      if (name === undefined || name === this.#apiUser) continue
      const running = this.#find(name, only?.ref)
      if (running === undefined || running.asked.has(property)) this.#begin(name, only?.ref, property)
      else running.asked.add(property)
    }
  }

  wrote(userRef: string, saveComment: string | undefined, change: Change): void {
    const name = commentedName(saveComment)
    const account = this.#store.users.get(userRef)
    if (name === undefined || account === undefined) return
    const episode = this.#find(name, userRef) ?? this.#begin(account.name, userRef)
    episode.userRef = userRef
    switch (change.kind) {
      case 'created':
        episode.created = true
        break
      case 'changed':
        episode.changed.push({ property: change.property, from: change.from, to: change.to })
        break
      case 'added':
      case 'removed':
        episode[change.kind].push(change.group)
    }
  }

  /** The next look-ups belong to the same sign-in: a reference was not told, or a change was refused. */
  mayAskAgain(saveComment: string | undefined): void {
    const name = commentedName(saveComment)
    if (name !== undefined) this.#find(name)?.asked.clear()
  }

  /** By the account first: a person's name may have changed since the account was made. */
  #find(name: string, userRef?: string): Running | undefined {
    const same = (text: string): boolean => text.toLowerCase() === name.toLowerCase()
    return (
      this.#running.findLast((episode) => userRef !== undefined && episode.userRef === userRef) ??
      this.#running.findLast((episode) => same(episode.name))
    )
  }

  #begin(name: string, userRef: string | undefined, asked?: string): Running {
    const before = this.#find(name, userRef)
    const episode: Running = {
      name,
      userRef,
      created: false,
      changed: [],
      added: [],
      removed: [],
      asked: new Set(asked === undefined ? [] : [asked]),
    }
    this.#running = [...this.#running.filter((other) => other !== before), episode].slice(-mostRemembered)
    return episode
  }
}

function commentedName(saveComment: string | undefined): string | undefined {
  return /^Entra ID sign-in: (.+)$/.exec(saveComment ?? '')?.[1]
}
