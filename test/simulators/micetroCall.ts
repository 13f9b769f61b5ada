import type { MicetroBehaviour } from './micetroBehaviour.ts'
import type { Episodes } from './micetroEpisodes.ts'
import type { MicetroSessions } from './micetroSessions.ts'
import type { MicetroStore, SimulatedUser } from './micetroStore.ts'

/** What every node of the installation shares. */
export interface Installation {
  store: MicetroStore
  behaviour: MicetroBehaviour
  sessions: MicetroSessions
  episodes: Episodes
}

/** One call, after its arguments were read and its caller was recognised. */
export interface Call extends Installation {
  node: number
  method: string
  /** What the `:names` of the route's pattern stand for. */
  path: Readonly<Record<string, string>>
  /** Of the query and of the body: the guide lets every argument be in either. */
  given: Readonly<Record<string, unknown>>
  who: SimulatedUser
}

export interface ApiAnswer {
  status: number
  /** Wrapped in `result`. */
  result?: unknown
  /** Sent as it is; with neither of the two there is no body at all. */
  body?: unknown
}

export interface ApiRoute {
  method: string
  /** Segments below the base path; a name behind a colon stands for any one. */
  pattern: string
  /** Calls that change something are recorded, and need the permission and a save comment. */
  changes?: true
  answer(call: Call): ApiAnswer
}

/** Nothing to tell: 204 without a body, or 200 with an empty result. */
export function done(status: 200 | 204): ApiAnswer {
  return status === 204 ? { status } : { status, result: {} }
}

/** An argument that has to be a text; anything else counts as missing. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
