import type { SavedConfiguration, Source } from '../../configuration/entraConfiguration.ts'
import type { LastRun } from '../../reconcile/lastRun.ts'

/** Answer of `GET /config/microsoft`. */
export interface ConfigurationAnswer {
  configuration: SavedConfiguration
  sources: Record<string, Source>
  /** What counts where nothing is saved. */
  below?: { configuration: SavedConfiguration; sources: Record<string, Source> }
  version: string | null
  history: { version: string; savedAt?: string }[]
  checks: string[]
  /** False without a vault: there is nowhere to save to. */
  canSave: boolean
  credentialStored: boolean
  /** What is missing or wrong in the configuration that is there now. */
  problems?: string[]
  /** The last run between sign-ins that the answering instance has seen, and since when it has been looking. */
  runs?: { since: string; last: LastRun | null }
}

/** Answer of `GET /config/microsoft?version=`. */
type EarlierAnswer = Pick<ConfigurationAnswer, 'configuration' | 'version'>

/** What the page sends to be tested or saved. */
export interface Candidate {
  configuration: Record<string, unknown>
  credential?: string
  /** YYYY-MM-DD. */
  credentialExpires?: string
}

/** An answer other than 200, or none at all (status 0). */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string
  readonly problems: readonly string[]
  readonly reference: string

  constructor(status: number, body: Record<string, unknown>) {
    const text = (key: string): string => (typeof body[key] === 'string' ? body[key] : '')
    super(text('message') || `The server answered ${status}.`)
    this.status = status
    this.code = text('error')
    this.hint = text('hint')
    this.problems = Array.isArray(body.problems) ? body.problems.map(String) : []
    this.reference = text('correlationId')
  }
}

/**
 * Calls the server that this page came from.
 * @param key goes into a header: an address ends up in histories and logs
 * @throws Refusal
 */
export async function call<T>(
  key: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<T> {
  const headers = new Headers({ accept: 'application/json' })
  try {
    headers.set('x-functions-key', key)
  } catch {
    // A header cannot carry it, so it is no key.
    throw new Refusal(401, {})
  }
  if (body !== undefined) headers.set('content-type', 'application/json')
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      cache: 'no-store',
      redirect: 'error',
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Refusal(0, {
      message: 'The server did not answer.',
      hint: 'Check your connection, and that the function app is running.',
    })
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok && answer !== undefined) return answer as T
  throw new Refusal(response.status, typeof answer === 'object' && answer !== null ? { ...answer } : {})
}

export function fetchConfiguration(key: string, signal: AbortSignal): Promise<ConfigurationAnswer> {
  return call(key, 'GET', '/config/microsoft', undefined, signal)
}

export function fetchEarlier(key: string, version: string, signal: AbortSignal): Promise<EarlierAnswer> {
  return call(key, 'GET', `/config/microsoft?version=${encodeURIComponent(version)}`, undefined, signal)
}
