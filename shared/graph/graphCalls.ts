import * as v from 'valibot'
import { AppError } from '../failure.ts'
import type { Answer, Call } from '../outgoing/http.ts'

/** One group of the user, direct or nested, as Microsoft Graph tells it. */
export interface EntraGroup {
  /** Object id, lower case. */
  id: string
  /** Null without GroupMember.Read.All: Graph then gives the id alone. */
  displayName: string | null
  securityEnabled: boolean | null
  /** Set for groups synchronised from Active Directory. */
  onPremisesNetBiosName: string | null
  onPremisesDomainName: string | null
  onPremisesSamAccountName: string | null
}

export interface Profile {
  displayName: string | null
  mail: string | null
}

/** Time for one page, in milliseconds. */
const graphTimeout = 5000

type GraphCall = Omit<Call, 'signal'>

const headersFor = (accessToken: string): Record<string, string> => ({
  authorization: `Bearer ${accessToken}`,
  accept: 'application/json',
  // A person is waiting for this call (Microsoft's page "Graph throttling guidance").
  'x-ms-throttle-priority': 'high',
})

/** Get a user: https://graph.microsoft.com/v1.0/me, permission User.Read. */
export function profileRequest(graph: string, accessToken: string): GraphCall {
  return {
    method: 'GET',
    url: `${graph}/v1.0/me?$select=displayName,mail`,
    headers: headersFor(accessToken),
    timeout: graphTimeout,
  }
}

/** What the rules need of a group, for `$select`. */
export const groupProperties =
  'id,displayName,securityEnabled,onPremisesNetBiosName,onPremisesDomainName,onPremisesSamAccountName'

/** List a user's transitive memberships; the cast to groups needs the header and the count (advanced query). */
export function groupsRequest(graph: string, accessToken: string): GraphCall {
  return groupsPageRequest(
    `${graph}/v1.0/me/transitiveMemberOf/microsoft.graph.group?$count=true&$select=${groupProperties}&$top=999`,
    accessToken,
  )
}

/** The same for a next link, which does not carry the header. */
export function groupsPageRequest(url: string, accessToken: string): GraphCall {
  return {
    method: 'GET',
    url,
    headers: { ...headersFor(accessToken), consistencylevel: 'eventual' },
    timeout: graphTimeout,
  }
}

const nullableText = v.nullish(v.string(), null)

export const groupSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.toLowerCase()),
  displayName: nullableText,
  securityEnabled: v.nullish(v.boolean(), null),
  onPremisesNetBiosName: nullableText,
  onPremisesDomainName: nullableText,
  onPremisesSamAccountName: nullableText,
})
const pageSchema = v.object({ value: v.array(groupSchema), '@odata.nextLink': v.optional(v.string()) })
const profileSchema = v.object({ displayName: nullableText, mail: nullableText })
const errorSchema = v.object({ error: v.object({ code: v.pipe(v.string(), v.regex(/^[\w.-]{1,80}$/)) }) })

function judgeStatus(answer: Answer, permission: string): void {
  if (answer.status === 200) return
  if (answer.status === 429 || answer.status >= 500) {
    throw new AppError({ code: 'graph_throttled', status: answer.status })
  }
  const parsed = v.safeParse(errorSchema, answer.body)
  const reply = parsed.success ? parsed.output.error.code : 'no error code'
  if (answer.status === 403) throw new AppError({ code: 'graph_forbidden', permission })
  throw new AppError({ code: 'graph_rejected', status: answer.status, reply })
}

/** Judges the answer to `profileRequest`. */
export function readProfile(answer: Answer): Profile {
  judgeStatus(answer, 'User.Read')
  const parsed = v.safeParse(profileSchema, answer.body)
  if (!parsed.success || answer.malformed)
    throw new AppError({ code: 'graph_incomplete', problem: 'the profile is not as documented' })
  return parsed.output
}

export interface GroupsPage {
  groups: EntraGroup[]
  /** Address of the next page; undefined on the last one. */
  next: string | undefined
}

/**
 * Judges one page of groups.
 * @param graph root that the next link must stay on: it is followed with the user's token
 */
export function readGroupsPage(answer: Answer, graph: string): GroupsPage {
  judgeStatus(answer, 'GroupMember.Read.All')
  const parsed = v.safeParse(pageSchema, answer.body)
  if (!parsed.success)
    throw new AppError({ code: 'graph_incomplete', problem: 'a page of groups is not as documented' })
  const next = parsed.output['@odata.nextLink']
  if (next !== undefined && URL.parse(next)?.origin !== new URL(graph).origin) {
    throw new AppError({ code: 'graph_incomplete', problem: 'the next page lies on another host than Microsoft Graph' })
  }
  return { groups: parsed.output.value, next }
}
