import type { DirectoryUser } from '../directory.ts'
import { GraphError } from './graphError.ts'

/** Properties with `eq`; "Advanced query capabilities" has the rest, which nothing here asks for. */
const filterable = ['id', 'userPrincipalName', 'mail'] as const

/** "At most 15 child clauses" (known issue 13635 of Microsoft Graph). */
const mostClauses = 15

/** The longest value of `eq` by default. */
const longestValue = 120

const clause = /^(\w+) eq '((?:[^']|'')*)'$/

/**
 * A `$filter` of comparisons with `eq`, joined by `or`; case is ignored.
 * @throws GraphError for what Graph refuses, and for what is not simulated
 */
export function readFilter(text: string): (user: DirectoryUser) => boolean {
  const clauses = text.split(/ or (?=\w+ eq ')/)
  if (clauses.length > mostClauses) {
    const message = `Too many child clauses specified in search filter expression containing 'OR' operators: ${clauses.length}. Max allowed: ${mostClauses}.`
    throw new GraphError(400, 'Request_UnsupportedQuery', message)
  }
  const wanted = clauses.map((each) => {
    const [, name = '', quoted = ''] = clause.exec(each) ?? []
    const property = filterable.find((one) => one === name)
    if (property === undefined)
      throw new GraphError(400, 'BadRequest', `Invalid filter clause: Syntax error at position 0 in '${each}'.`)
    const value = quoted.replaceAll("''", "'").toLowerCase()
    if (value.length > longestValue)
      throw new GraphError(400, 'Request_UnsupportedQuery', 'The value of a filter is too long.')
    return { property, value }
  })
  return (user) =>
    wanted.some(({ property, value }) => (property === 'id' ? user.oid : user[property])?.toLowerCase() === value)
}
