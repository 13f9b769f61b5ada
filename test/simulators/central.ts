/**
 * Micetro Central, as far as its own button "Log in with Azure" goes. It builds the address at Entra ID, keeps state,
 * nonce and verifier (centralAttempt.ts), runs the callback script with a document on standard input (centralScript.ts),
 * reads the user it prints, and brings the External account in line (centralAccounts.ts). Written in the vendor's guide
 * `guides/implementation/mfa_azure.rst` of github.com/menandmice/micetro_docs and in the callback script shipped with it,
 * whose input and output are `CentralInput` and `userSchema`. Left out: Okta, certificates, the check of the script's
 * signature. Sessions and pages (centralSessions.ts, centralPages.ts) have no document: they are ours.
 */
import { LRUCache } from 'lru-cache'
import * as v from 'valibot'
import { LoginRefused, synchronise } from './centralAccounts.ts'
import {
  authorizeUrl,
  type CentralAttempt,
  type CentralConfiguration,
  createAttempt,
  documentOf,
} from './centralAttempt.ts'
import { Extensions, type ScriptRun } from './centralScript.ts'
import { CentralSessions } from './centralSessions.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import type { MicetroStore } from './micetroStore.ts'

export interface CentralOptions extends CentralConfiguration {
  /** Address of the function that answers the script, and its key: known once the host listens. */
  functionUrl: string
  functionKey: string
}

/** How a callback of Entra ID ends. */
export type LoginOutcome =
  | { kind: 'signedIn'; cookie: string }
  /** Once: the user has to go to Entra ID again. */
  | { kind: 'again'; location: string }
  | { kind: 'failed'; status: number; description: string }

const mostRuns = 100

/** Central with its attempts under way, its sessions, and the latest runs of its script. */
export class Central {
  readonly sessions: CentralSessions
  /** The latest runs of the callback script, for tests. */
  readonly runs: ScriptRun[] = []
  readonly #store: MicetroStore
  readonly #behaviour: MicetroBehaviour
  readonly #attempts = new LRUCache<string, CentralAttempt>({ max: 1000 })
  readonly #extensions = new Extensions()
  #options: Partial<CentralOptions> = {}

  constructor(store: MicetroStore, behaviour: MicetroBehaviour) {
    this.#store = store
    this.#behaviour = behaviour
    this.sessions = new CentralSessions(store)
  }

  /** What is not given stays as it is. */
  configure(options: Partial<CentralOptions>): void {
    this.#options = { ...this.#options, ...options }
  }

  /** Undefined until everything that a sign-in needs is configured. */
  get configuration(): CentralOptions | undefined {
    const { tenantId, clientId, clientCredential, redirectUri, authorizeUrl, functionUrl, functionKey } = this.#options
    if (tenantId === undefined || clientId === undefined || clientCredential === undefined) return undefined
    if (redirectUri === undefined || authorizeUrl === undefined) return undefined
    if (functionUrl === undefined || functionKey === undefined) return undefined
    return { tenantId, clientId, clientCredential, redirectUri, authorizeUrl, functionUrl, functionKey }
  }

  /** Begins a sign-in. @returns the address at Entra ID; undefined when external authentication is not configured */
  begin(again = false): string | undefined {
    const { configuration } = this
    if (configuration === undefined) return undefined
    const attempt = createAttempt(again)
    this.#attempts.set(attempt.state, attempt)
    return authorizeUrl(configuration, attempt)
  }

  /** Completes a sign-in with the help of the script. @param query of the callback, as it arrived */
  async complete(query: string): Promise<LoginOutcome> {
    const { configuration } = this
    const attempt = this.#take(new URLSearchParams(query).get('state') ?? '')
    if (attempt === undefined || configuration === undefined) {
      return failed(400, 'This login was not started here, or is completed already.')
    }
    const settings = { url: configuration.functionUrl, key: configuration.functionKey }
    let run: ScriptRun
    try {
      run = await this.#extensions.run({ ...documentOf(configuration, attempt, query) }, settings)
    } catch (error) {
      return failed(500, error instanceof Error ? error.message : 'The callback script does not run.')
    }
    this.runs.push(run)
    this.runs.splice(0, this.runs.length - mostRuns)
    return this.#judge(run, attempt)
  }

  close(): Promise<void> {
    return this.#extensions.remove()
  }

  /** A state is good once. */
  #take(state: string): CentralAttempt | undefined {
    const attempt = this.#attempts.get(state)
    this.#attempts.delete(state)
    return attempt
  }

  #judge({ exitCode, stdout }: ScriptRun, attempt: CentralAttempt): LoginOutcome {
    const { success, output: answer } = v.safeParse(answerSchema, stdout)
    if (!success) return failed(502, 'The callback script printed no answer.')
    const { error } = answer
    if (exitCode === 0 && (error === 'interaction_required' || error === 'invalid_grant')) {
      const location = attempt.again ? undefined : this.begin(true)
      return location === undefined
        ? failed(403, textOf(answer.error_description, 'Microsoft Entra ID asks to sign in again and again.'))
        : { kind: 'again', location }
    }
    const user = v.safeParse(userSchema, answer)
    if (exitCode !== 0 || error !== undefined || !user.success) {
      return failed(502, textOf(answer.description, 'The callback script failed.'))
    }
    try {
      const done = synchronise(this.#store, this.#behaviour, user.output)
      return { kind: 'signedIn', cookie: this.sessions.open(done.user.ref, done.episode) }
    } catch (refusal) {
      if (!(refusal instanceof LoginRefused)) throw refusal
      return failed(409, refusal.message)
    }
  }
}

const failed = (status: number, description: string): LoginOutcome => ({ kind: 'failed', status, description })

const textOf = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value : otherwise

/** What the script prints: a user, or an error. */
const answerSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))
const userSchema = v.object({
  loginName: v.string(),
  fullName: v.string(),
  externalID: v.pipe(v.string(), v.nonEmpty()),
  email: v.string(),
  groups: v.array(v.string()),
})
