import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ApiError, errorCodes } from './micetroAnswers.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import type { MicetroStore, SimulatedUser } from './micetroStore.ts'

const unauthorized = (message: string): ApiError => new ApiError(401, errorCodes.badSession, message)

/** Who is calling (vendor guide "API Authentication Methods"). */
export class MicetroSessions {
  readonly #store: MicetroStore
  readonly #behaviour: MicetroBehaviour
  readonly #sessions = new Map<string, { user: string; node: number }>()

  constructor(store: MicetroStore, behaviour: MicetroBehaviour) {
    this.#store = store
    this.#behaviour = behaviour
  }

  /** Ends every session, or those of one node: before 11.0 they end with the instance that holds them. */
  expire(node?: number): void {
    for (const [session, { node: issuer }] of this.#sessions) {
      if (node === undefined || node === issuer) this.#sessions.delete(session)
    }
  }

  logIn(loginName: unknown, password: unknown, node: number): string {
    const { ref } = this.#withPassword(loginName, password)
    const session = randomUUID()
    this.#sessions.set(session, { user: ref, node })
    return session
  }

  /** @throws ApiError 401 */
  authenticate(headers: IncomingHttpHeaders, given: Readonly<Record<string, unknown>>, node: number): SimulatedUser {
    // With a header the argument must be left out altogether: one that is sent empty is taken for the session.
    if (given.session !== undefined) return this.#withSession(String(given.session), node)
    const [, scheme = '', value = ''] = /^(\S+)\s+(.+)$/.exec(headers.authorization ?? '') ?? []
    switch (scheme.toLowerCase()) {
      case 'bearer':
        if (!this.#behaviour.bearer) throw unauthorized('Bearer is not supported')
        return this.#withSession(value, node)
      case 'basic': {
        if (!this.#behaviour.basic) throw unauthorized('Basic authentication is disabled')
        const [loginName, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':')
        return this.#withPassword(loginName, password.join(':'))
      }
    }
    throw unauthorized('No session')
  }

  #withSession(session: string, node: number): SimulatedUser {
    const known = this.#sessions.get(session)
    const elsewhere = known !== undefined && this.#behaviour.sessionScope === 'node' && known.node !== node
    const user = known === undefined || elsewhere ? undefined : this.#store.users.get(known.user)
    if (user === undefined) throw unauthorized('Invalid or expired session')
    return user
  }

  #withPassword(loginName: unknown, password: unknown): SimulatedUser {
    const user = typeof loginName === 'string' ? this.#store.user(loginName) : undefined
    if (user?.password === undefined || user.password !== password) {
      throw unauthorized('Invalid login name or password')
    }
    return user
  }
}
