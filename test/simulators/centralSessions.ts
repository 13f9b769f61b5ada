import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Episode } from './micetroEpisodes.ts'
import type { MicetroStore, SimulatedUser } from './micetroStore.ts'

/** A signed-in browser. */
export interface CentralSession {
  id: string
  user: SimulatedUser
  /** What the sign-in changed. */
  episode: Episode
}

const cookieName = 'mm-session'
const attributes = 'Path=/; HttpOnly; SameSite=Lax'

/** The sessions of browsers; those of the API are another matter. They end with the account, and with the simulator. */
export class CentralSessions {
  readonly #store: MicetroStore
  readonly #open = new LRUCache<string, { userRef: string; episode: Episode }>({ max: 1000 })

  constructor(store: MicetroStore) {
    this.#store = store
  }

  /** @returns the Set-Cookie line */
  open(userRef: string, episode: Episode): string {
    const id = randomBytes(24).toString('base64url')
    this.#open.set(id, { userRef, episode })
    return `${cookieName}=${id}; ${attributes}`
  }

  /** @returns the Set-Cookie line that takes the cookie away */
  close(session: CentralSession | undefined): string {
    if (session !== undefined) this.#open.delete(session.id)
    return `${cookieName}=; ${attributes}; Max-Age=0`
  }

  /** The session that a Cookie header names. */
  of(header: string | undefined): CentralSession | undefined {
    const id = new RegExp(`(?:^|; )${cookieName}=([\\w-]+)`).exec(header ?? '')?.[1]
    const found = id === undefined ? undefined : this.#open.get(id)
    const user = found && this.#store.users.get(found.userRef)
    return id === undefined || found === undefined || user === undefined
      ? undefined
      : { id, user, episode: found.episode }
  }
}
