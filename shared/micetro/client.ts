import * as v from 'valibot'
import { AppError } from '../failure.ts'
import type { Answer } from '../outgoing/http.ts'
import type { MicetroRequest, WayIn } from './node.ts'
import { type MicetroTransport, readMicetroError } from './transport.ts'
import { createdSchema, groupsSchema, type MicetroGroup, type MicetroUser, usersSchema } from './types.ts'

export interface NewUser {
  name: string
  fullName: string
  email: string
  description?: string | undefined
  /** Undefined where the server does not offer the property. */
  externalID: string | undefined
  /** The login provider that an External account belongs to; undefined where the server does not offer the property. */
  authenticator?: 'Microsoft' | undefined
}

export type Property = 'fullName' | 'email' | 'externalID'

/** One comment for every change: administrators can make it compulsory. */
export interface WriteContext {
  saveComment: string
  signal: AbortSignal
}

/** Whether an error says that there was nothing to do. */
type Done = (error: ReturnType<typeof readMicetroError>) => boolean

/** Number of the error "no object found for the reference". */
const noObject = 2049

/** Objects per page of a list. */
const pageSize = 500

/** A list that does not end is a fault; no installation has this many users or groups. */
const mostPages = 400

/** The documented calls of Micetro's web API that this application uses, and no others. */
export class MicetroClient {
  /** Knows which addresses are well. */
  readonly transport: MicetroTransport
  /** Which form of `properties` this server takes: the sources differ (web API notes: "User"). */
  #propertyForm: 'list' | 'object' = 'list'

  constructor(transport: MicetroTransport) {
    this.transport = transport
  }

  /**
   * Users whose property has the value; a filter may ignore case, so callers compare again.
   * @throws AppError micetro_*
   */
  findUsers(property: 'name' | 'externalID', value: string, signal: AbortSignal): Promise<MicetroUser[]> {
    return this.#listUsers(filterQuery(property, value), signal)
  }

  /** Every account, of whatever kind. */
  listUsers(signal: AbortSignal): Promise<MicetroUser[]> {
    return this.#listUsers('', signal)
  }

  #listUsers(query: string, signal: AbortSignal): Promise<MicetroUser[]> {
    return this.#list(`/Users?${query === '' ? '' : `${query}&`}`, 'read users', signal, (body) => {
      const parsed = v.safeParse(usersSchema, body)
      return parsed.success
        ? { items: parsed.output.result.users, total: parsed.output.result.totalResults }
        : undefined
    })
  }

  async listGroups(signal: AbortSignal): Promise<MicetroGroup[]> {
    return this.#list('/Groups?', 'read groups', signal, (body) => {
      const parsed = v.safeParse(groupsSchema, body)
      return parsed.success
        ? { items: parsed.output.result.groups, total: parsed.output.result.totalResults }
        : undefined
    })
  }

  /** References of the groups that the user is in. */
  async groupsOf(userRef: string, signal: AbortSignal): Promise<string[]> {
    const answer = await this.#call({ action: 'read memberships', method: 'GET', path: `/${userRef}/Groups`, signal })
    const parsed = v.safeParse(groupsSchema, answer.body)
    if (!parsed.success) throw new AppError({ code: 'micetro_malformed', action: 'read memberships' })
    return parsed.output.result.groups.map((group) => group.ref)
  }

  /**
   * Creates an External account. Memberships in the body are ignored by real servers, so none are sent.
   * @returns its reference, or undefined when the server does not tell it
   */
  async createUser(user: NewUser, { saveComment, signal }: WriteContext): Promise<string | undefined> {
    // What is undefined is left out of the JSON.
    const body = { user: { ...user, authenticationType: 'External' }, saveComment }
    const answer = await this.#call({ action: 'create users', method: 'POST', path: '/Users', body, signal })
    const parsed = v.safeParse(createdSchema, answer.body)
    if (!parsed.success) return undefined
    return 'ref' in parsed.output.result ? parsed.output.result.ref : parsed.output.result.objRefs[0]
  }

  async changeUser(
    ref: string,
    changes: ReadonlyMap<Property, string>,
    { saveComment, signal }: WriteContext,
  ): Promise<void> {
    const request = (form: 'list' | 'object'): MicetroRequest => ({
      action: 'change users',
      method: 'PUT',
      path: `/Users/${ref}`,
      body: {
        ref,
        saveComment,
        properties:
          form === 'list' ? [...changes].map(([name, value]) => ({ name, value })) : Object.fromEntries(changes),
      },
      signal,
    })
    const answer = await this.transport.call(request(this.#propertyForm))
    if (answer.status === 400) {
      const other = this.#propertyForm === 'list' ? 'object' : 'list'
      const second = await this.transport.call(request(other))
      if (second.status < 300) {
        this.#propertyForm = other
        return
      }
    }
    judge(answer, 'change users')
  }

  /** Adds the user to the group; being in it already is no error. */
  addMember(groupRef: string, userRef: string, write: WriteContext): Promise<void> {
    return this.#changeMembership('PUT', groupRef, userRef, write, ({ message }) => /already a member/i.test(message))
  }

  /** Removes the user from the group; not being in it, or no such group, is no error. */
  removeMember(groupRef: string, userRef: string, write: WriteContext): Promise<void> {
    const done: Done = ({ number, message }) => number === noObject || /not? (a )?member/i.test(message)
    return this.#changeMembership('DELETE', groupRef, userRef, write, done)
  }

  async #changeMembership(
    method: 'PUT' | 'DELETE',
    groupRef: string,
    userRef: string,
    { saveComment, signal }: WriteContext,
    done: Done,
  ): Promise<void> {
    const action = 'change memberships'
    const answer = await this.transport.call({
      action,
      method,
      path: `/${groupRef}/${userRef}`,
      body: { saveComment },
      signal,
    })
    if (answer.status >= 400 && done(readMicetroError(answer))) return
    judge(answer, action)
  }

  /** The cheapest call that needs to be let in. @throws AppError micetro_credentials */
  async logIn(signal: AbortSignal): Promise<WayIn | undefined> {
    // A refusal of the call itself still shows that the account was let in.
    await this.transport.call({ action: 'log in', method: 'GET', path: '/Groups?offset=0&limit=1', signal })
    return this.transport.wayIn
  }

  /**
   * One of the system settings; undefined where the server does not tell. The form of the answer is not documented, so
   * every plausible one is read: a property of that name, or an object that names it beside its value.
   */
  async systemSetting(name: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.transport.call({
      action: 'read system settings',
      method: 'POST',
      path: '/commands/GetSystemSettings',
      body: {},
      signal,
    })
    return answer.status < 300 ? findSetting(answer.body, name) : undefined
  }

  /** The machine-readable definition of the web API; undefined where it cannot be had. */
  async definition(signal: AbortSignal): Promise<unknown> {
    const answer = await this.transport.call({
      action: 'read the API definition',
      method: 'GET',
      path: '/swagger.json',
      signal,
    })
    return answer.status === 200 ? answer.body : undefined
  }

  async #call(request: MicetroRequest): Promise<Answer> {
    const answer = await this.transport.call(request)
    judge(answer, request.action)
    return answer
  }

  async #list<Item extends { ref: string }>(
    path: string,
    action: string,
    signal: AbortSignal,
    read: (body: unknown) => { items: Item[]; total: number | undefined } | undefined,
  ): Promise<Item[]> {
    const items = new Map<string, Item>()
    let offset = 0
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await this.#call({
        action,
        method: 'GET',
        path: `${path}offset=${offset}&limit=${pageSize}`,
        signal,
      })
      const part = read(answer.body)
      if (part === undefined) throw new AppError({ code: 'micetro_malformed', action })
      const before = items.size
      for (const item of part.items) items.set(item.ref, item)
      offset += part.items.length
      // A server may give fewer than it is asked for, so a short page is no end; without a total only an empty one is.
      const complete = part.total !== undefined && offset >= part.total
      if (complete || items.size === before) return [...items.values()]
    }
    throw new AppError({ code: 'micetro_malformed', action })
  }
}

/**
 * The query of a look-up by one property. No escape for `&` inside a value is documented, and `^` at its beginning means
 * "begins with", so such values are looked up by what comes before, or not filtered at all.
 */
export function filterQuery(property: string, value: string): string {
  if (value.startsWith('^')) return ''
  const ampersand = value.indexOf('&')
  if (ampersand === 0) return ''
  const condition = ampersand < 0 ? `${property}=${value}` : `${property}=^${value.slice(0, ampersand)}`
  return `filter=${encodeURIComponent(condition)}`
}

function findSetting(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value)
  const text = (each: unknown) => (['string', 'number', 'boolean'].includes(typeof each) ? String(each) : undefined)
  if (entries.some(([key, each]) => key === 'name' && each === name))
    return text(entries.find(([key]) => key === 'value')?.[1])
  for (const [key, each] of entries) {
    const found = key === name ? text(each) : findSetting(each, name)
    if (found !== undefined) return found
  }
  return undefined
}

function judge(answer: Answer, action: string): void {
  if (answer.status >= 200 && answer.status < 300) {
    if (answer.malformed) throw new AppError({ code: 'micetro_malformed', action })
    return
  }
  const { number, message } = readMicetroError(answer)
  if (answer.status === 403)
    throw new AppError({ code: 'micetro_forbidden', action, ...(answer.body !== undefined && { message }) })
  throw new AppError({
    code: 'micetro_rejected',
    action,
    status: answer.status,
    ...(number !== undefined && { number }),
    message,
  })
}
