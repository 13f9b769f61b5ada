import { badRequest } from './micetroAnswers.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import { textOf } from './micetroCall.ts'

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
function readFilter(filter: string | undefined): Condition[] {
  if (filter === undefined || filter === '') return []
  return filter.split('&').map((part) => {
    const [, property, caret, value] = /^\s*(\w+)\s*=(\^?)(.*)$/s.exec(part) ?? []
    if (property === undefined || value === undefined) throw badRequest(`Invalid filter "${part}"`)
    return { property, value, prefix: caret === '^' }
  })
}

/**
 * One page of the rows that meet every condition, and how many meet them.
 * @param given the arguments `filter`, `offset` and `limit` of the call
 * @param properties that may be named in a filter
 */
export function listPage<Row extends object>(
  rows: readonly Row[],
  given: Readonly<Record<string, unknown>>,
  properties: ReadonlySet<string>,
  { ignoresCase, pageCap = Number.POSITIVE_INFINITY, tellsTotal }: MicetroBehaviour,
): { rows: Row[]; total: { totalResults?: number }; conditions: readonly Condition[] } {
  const fold = (value: unknown): string => (ignoresCase ? String(value ?? '').toLowerCase() : String(value ?? ''))
  const conditions = readFilter(textOf(given.filter))
  for (const { property } of conditions) {
    if (!properties.has(property)) throw badRequest(`Unknown property "${property}"`)
  }
  const found = rows.filter((row) =>
    conditions.every(({ property, value, prefix }) => {
      const actual = fold(Reflect.get(row, property))
      return prefix ? actual.startsWith(fold(value)) : actual === fold(value)
    }),
  )
  const start = readCount('offset', textOf(given.offset)) ?? 0
  const count = readCount('limit', textOf(given.limit)) ?? found.length
  const page = found.slice(start, start + Math.min(count, pageCap))
  return { rows: page, total: tellsTotal ? { totalResults: found.length } : {}, conditions }
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid ${name} "${text}"`)
  return Number(text)
}
