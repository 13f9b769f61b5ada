import * as v from 'valibot'
import type { Send } from '../outgoing/http.ts'

/** A group of the tenant, as a table shows it. */
export interface TenantGroup {
  /** Lower case. */
  id: string
  name: string
}

export interface TenantGroupsContext {
  graph: string
  /** Of the application itself, with GroupMember.Read.All as an application permission. */
  accessToken: string
  send: Send
  signal: AbortSignal
}

/** What is looked for: a text in the name, or groups whose ids are known. */
export interface Wanted {
  search: string
  ids: readonly string[]
}

const pageSchema = v.object({
  value: v.array(v.object({ id: v.pipe(v.string(), v.toLowerCase()), displayName: v.nullish(v.string(), null) })),
  '@odata.nextLink': v.optional(v.string()),
})

/** Values that Graph takes in one `in`. */
const mostInOneFilter = 15

/** Groups that an answer has at the most, beside those with a known id. */
const mostFound = 25

/**
 * Groups of the tenant by name or id (List groups: https://graph.microsoft.com/v1.0/groups). A tenant with fewer than a
 * thousand is read at once, and searched here in the middle of names too; a larger one is asked for the beginning.
 * @returns undefined where the application may not read them
 */
export async function findTenantGroups(
  { graph, accessToken, send, signal }: TenantGroupsContext,
  { search, ids }: Wanted,
): Promise<TenantGroup[] | undefined> {
  const read = async (filter: string | undefined) => {
    const query = filter === undefined ? '$top=999' : `$filter=${encodeURIComponent(filter)}&$top=${mostFound}`
    const answer = await send({
      method: 'GET',
      url: `${graph}/v1.0/groups?$select=id,displayName&${query}`,
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
      timeout: 8000,
      signal,
    })
    const parsed = v.safeParse(pageSchema, answer.body)
    return answer.status === 200 && parsed.success ? parsed.output : undefined
  }
  const all = await read(undefined)
  if (all === undefined) return undefined
  const found = [...all.value]
  if (all['@odata.nextLink'] !== undefined) {
    // Without a search the first page is as good as another.
    const filters = search === '' ? [] : [`startswith(displayName,'${search.replaceAll("'", "''")}')`]
    for (let at = 0; at < ids.length; at += mostInOneFilter) {
      filters.push(
        `id in (${ids
          .slice(at, at + mostInOneFilter)
          .map((id) => `'${id}'`)
          .join(',')})`,
      )
    }
    for (const page of await Promise.all(filters.map(read))) found.push(...(page?.value ?? []))
  }
  const groups = new Map(found.map(({ id, displayName }) => [id, displayName ?? id]))
  const known = new Set(ids)
  const like = search.trim().toLowerCase()
  const byName = [...groups].filter(([, name]) => name.toLowerCase().includes(like)).slice(0, mostFound)
  const byId = [...groups].filter(([id]) => known.has(id))
  return [...new Map([...byId, ...byName])].map(([id, name]) => ({ id, name }))
}
