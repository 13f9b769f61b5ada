import * as v from 'valibot'
import { AppError, type FailureCode } from '../failure.ts'
import type { Answer } from '../outgoing/http.ts'
import { type ApplicationCall, errorCodeOf, type Outcome } from './batch.ts'
import { type EntraGroup, groupProperties, readGroupsPage } from './graphCalls.ts'

/** A user of the tenant, as far as it matters whether the person is still there. */
export interface DirectoryPerson {
  /** Object id, lower case. */
  id: string
  userPrincipalName: string | null
  mail: string | null
  /** Null where Graph does not tell. */
  accountEnabled: boolean | null
  userType: string | null
}

const userProperties = 'id,userPrincipalName,mail,accountEnabled,userType'

/** Names in one filter: each is compared with two properties, and Graph takes 15 comparisons. */
export const namesInFilter = 7

/** The longest value that `eq` takes by default. */
export const longestValue = 120

/** Get a user by object id: permission User.Read.All. */
export function userCall(id: string): ApplicationCall {
  return { method: 'GET', url: `/users/${id}?$select=${userProperties}`, permission: 'User.Read.All' }
}

/** Get a user by user principal name. In parentheses an apostrophe is doubled, and a `$` at the beginning is no fault. */
export function namedUserCall(name: string): ApplicationCall {
  const segment = name.startsWith('$')
    ? `users('${encodeURIComponent(name.replaceAll("'", "''"))}')`
    : `users/${encodeURIComponent(name)}`
  return { method: 'GET', url: `/${segment}?$select=${userProperties}`, permission: 'User.Read.All' }
}

/** List users whose user principal name or mail is one of the names. */
export function findUsersCall(names: readonly string[]): ApplicationCall {
  const filter = names
    .map((name) => name.replaceAll("'", "''"))
    .map((name) => `userPrincipalName eq '${name}' or mail eq '${name}'`)
    .join(' or ')
  return {
    method: 'GET',
    url: `/users?$filter=${encodeURIComponent(filter)}&$select=${userProperties}`,
    permission: 'User.Read.All',
  }
}

/** Somebody, whoever it is. */
export const anyUserCall: ApplicationCall = {
  method: 'GET',
  url: `/users?$select=${userProperties}&$top=1`,
  permission: 'User.Read.All',
}

const eventual = { ConsistencyLevel: 'eventual' }

/** List a user's transitive groups; the cast needs the header and the count (advanced query). */
export function userGroupsCall(id: string): ApplicationCall {
  return {
    method: 'GET',
    url: `/users/${id}/transitiveMemberOf/microsoft.graph.group?$count=true&$select=${groupProperties}&$top=999`,
    headers: eventual,
    permission: 'GroupMember.Read.All',
  }
}

/** A further page of them, which needs the header once more. */
export function moreGroupsCall(next: string): ApplicationCall {
  return { method: 'GET', url: next, headers: eventual, permission: 'GroupMember.Read.All' }
}

/** The object ids of a user's security groups, nested ones included, read in another way than the list. */
export function memberGroupsCall(id: string): ApplicationCall {
  return {
    method: 'POST',
    url: `/users/${id}/getMemberGroups`,
    headers: { 'Content-Type': 'application/json' },
    body: { securityEnabledOnly: true },
    permission: 'GroupMember.Read.All',
  }
}

/** Users that were deleted and can still be restored, for some 30 days. */
export function deletedUsersCall(graph: string): ApplicationCall {
  const select = `${userProperties},deletedDateTime`
  return {
    method: 'GET',
    url: `${graph}/v1.0/directory/deletedItems/microsoft.graph.user?$select=${select}&$top=999`,
    permission: 'User.Read.All',
  }
}

const nullableText = v.nullish(v.string(), null)
const personSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.toLowerCase()),
  userPrincipalName: nullableText,
  mail: nullableText,
  accountEnabled: v.nullish(v.boolean(), null),
  userType: nullableText,
})
const personsSchema = v.object({ value: v.array(personSchema), '@odata.nextLink': v.optional(v.string()) })
const countSchema = v.object({ '@odata.count': v.optional(v.number()) })
const idsSchema = v.object({
  value: v.array(v.pipe(v.string(), v.toLowerCase())),
  '@odata.nextLink': v.optional(v.string()),
})

/** Why an answer says nothing. */
export interface Unread {
  unread: string
}

/** @returns the user, `absent` where Graph says in its own words that there is none, or why it is not known */
export function readUser(outcome: Outcome): DirectoryPerson | 'absent' | Unread {
  if (outcome instanceof AppError) return unreadOf(outcome)
  if (outcome.status === 404 && errorCodeOf(outcome) === 'Request_ResourceNotFound') return 'absent'
  const parsed = v.safeParse(personSchema, outcome.body)
  return outcome.status === 200 && parsed.success ? parsed.output : strange(outcome)
}

/** @returns the list, which is complete unless the first page is enough, or why there is none */
export function readUsers(outcome: Outcome, wanted?: 'first page'): readonly DirectoryPerson[] | Unread {
  if (outcome instanceof AppError) return unreadOf(outcome)
  const parsed = v.safeParse(personsSchema, outcome.body)
  if (outcome.status !== 200 || !parsed.success) return strange(outcome)
  const { value, '@odata.nextLink': next } = parsed.output
  return next === undefined || wanted === 'first page' ? value : { unread: 'more people than expected' }
}

export interface DeletedPage {
  people: readonly DirectoryPerson[]
  next: string | undefined
}

/** @param graph root that the next link must stay on: it is followed with the application's token */
export function readDeletedPage(outcome: Outcome, graph: string): DeletedPage | Unread {
  if (outcome instanceof AppError) return unreadOf(outcome)
  const parsed = v.safeParse(personsSchema, outcome.body)
  if (outcome.status !== 200 || !parsed.success) return strange(outcome)
  const next = parsed.output['@odata.nextLink']
  const stays = next === undefined || URL.parse(next)?.origin === new URL(graph).origin
  return stays ? { people: parsed.output.value, next } : { unread: 'the next page lies on another host' }
}

export interface CountedPage {
  groups: readonly EntraGroup[]
  next: string | undefined
  /** How many groups Graph counts, all pages together; undefined where it does not tell. */
  count: number | undefined
}

/** One page of a user's groups. */
export function readUserGroups(outcome: Outcome, graph: string): CountedPage | Unread {
  if (outcome instanceof AppError) return unreadOf(outcome)
  if (outcome.status !== 200) return strange(outcome)
  try {
    const { groups, next } = readGroupsPage(outcome, graph)
    const count = v.safeParse(countSchema, outcome.body)
    return { groups, next, count: count.success ? count.output['@odata.count'] : undefined }
  } catch (error) {
    if (error instanceof AppError) return unreadOf(error)
    throw error
  }
}

/** @returns object ids in lower case */
export function readMemberGroups(outcome: Outcome): ReadonlySet<string> | Unread {
  if (outcome instanceof AppError) return unreadOf(outcome)
  const parsed = v.safeParse(idsSchema, outcome.body)
  if (outcome.status !== 200 || !parsed.success) return strange(outcome)
  // It has no pages, so one that names another is not as documented.
  return parsed.output['@odata.nextLink'] === undefined ? new Set(parsed.output.value) : strange(outcome)
}

const whyUnread: Partial<Record<FailureCode, string>> = {
  budget_spent: 'the run ended before it came to this account',
  graph_throttled: 'Microsoft Graph was busy',
  graph_unreachable: 'Microsoft Graph did not answer',
  graph_incomplete: 'Microsoft Graph gave a part only',
}

const unreadOf = ({ failure }: AppError): Unread => ({
  unread: whyUnread[failure.code] ?? `Microsoft Graph refused it (${failure.code})`,
})

const strange = (answer: Answer): Unread => ({
  unread: `Microsoft Graph answered ${answer.status}${answer.status === 200 ? ' with something else' : ` ${errorCodeOf(answer) ?? ''}`.trimEnd()}`,
})

/** Tells a reading that failed from one that succeeded. */
export function isUnread(value: object | string): value is Unread {
  return typeof value === 'object' && 'unread' in value
}
