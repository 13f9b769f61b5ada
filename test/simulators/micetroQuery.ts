import { badRequest } from './micetroAnswers.ts'

export interface Condition {
  property: string
  value: string
  /** `=^`: the property begins with the value. */
  prefix: boolean
}

/** Percent-decoding without the rule of HTML forms: mmws takes `+` for itself, not for a space. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badRequest(`Malformed percent-encoding in "${text}"`)
  }
}

export function readQuery(raw: string): Record<string, string> {
  const pairs = raw.replace(/^\?/, '').split('&').filter(Boolean)
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
    }),
  )
}

/** `name=value` and `name=^prefix`, joined with `&`: an ampersand inside a value cannot be told from the join. */
export function readFilter(filter: string | undefined): Condition[] {
  if (filter === undefined || filter === '') return []
  return filter.split('&').map((part) => {
    const [, property, caret, value] = /^\s*(\w+)\s*=(\^?)(.*)$/s.exec(part) ?? []
    if (property === undefined || value === undefined) throw badRequest(`Invalid filter "${part}"`)
    return { property, value, prefix: caret === '^' }
  })
}

export interface ListArguments {
  conditions: readonly Condition[]
  offset?: string | undefined
  limit?: string | undefined
  sortBy?: string | undefined
  sortOrder?: string | undefined
}

/**
 * One page of the rows that meet every condition, and how many meet them.
 * @param properties that may be named in a filter or for sorting
 */
export function listPage<Row extends object>(
  rows: readonly Row[],
  { conditions, offset, limit, sortBy, sortOrder = 'Ascending' }: ListArguments,
  properties: ReadonlySet<string>,
  ignoresCase: boolean,
): { rows: Row[]; total: number } {
  const fold = (value: unknown): string => (ignoresCase ? String(value ?? '').toLowerCase() : String(value ?? ''))
  const read = (row: Row, property: string): string => fold(Reflect.get(row, property))
  for (const property of [...conditions.map((condition) => condition.property), ...(sortBy ? [sortBy] : [])]) {
    if (!properties.has(property)) throw badRequest(`Unknown property "${property}"`)
  }
  const found = rows.filter((row) =>
    conditions.every(({ property, value, prefix }) => {
      const actual = read(row, property)
      return prefix ? actual.startsWith(fold(value)) : actual === fold(value)
    }),
  )
  if (sortBy) {
    const direction = sortOrder.toLowerCase() === 'descending' ? -1 : 1
    found.sort((a, b) => direction * (read(a, sortBy) < read(b, sortBy) ? -1 : 1))
  }
  const start = readCount('offset', offset) ?? 0
  const count = readCount('limit', limit)
  return { rows: found.slice(start, count === undefined ? undefined : start + count), total: found.length }
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid ${name} "${text}"`)
  return Number(text)
}
