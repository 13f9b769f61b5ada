import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import { labelOf } from './labels.ts'

/** A configuration by field: what lies inside an object is a field by itself, and so is each row of the table. */
export type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function fieldsOf(configuration: SavedConfiguration | Fields): Fields {
  const flat = (values: Fields, prefix: string): [string, unknown][] =>
    Object.entries(values).flatMap(([key, value]) =>
      isObject(value) ? flat(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value] satisfies [string, unknown]],
    )
  return Object.fromEntries(flat(configuration as Fields, '').filter(([, value]) => value !== undefined))
}

/** The reverse of fieldsOf. */
export function configurationOf(fields: Fields): SavedConfiguration {
  const whole: Fields = {}
  for (const [path, value] of Object.entries(fields)) {
    const keys = path.split('.')
    const last = keys.pop() ?? path
    let inner = whole
    for (const key of keys) {
      const next = inner[key]
      const deeper = isObject(next) ? next : {}
      inner[key] = deeper
      inner = deeper
    }
    inner[last] = value
  }
  return whole as SavedConfiguration
}

export interface Difference {
  key: string
  label: string
  from: string
  to: string
}

/** A value as a reader has it in a sentence. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === '') return 'not set'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** The fields that differ, in the order of the first and then of the second. */
export function differences(before: SavedConfiguration | Fields, after: SavedConfiguration | Fields): Difference[] {
  const [from, to] = [fieldsOf(before), fieldsOf(after)]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .map((key) => ({ key, label: labelOf(key), from: shownValue(from[key]), to: shownValue(to[key]) }))
    .filter((each) => each.from !== each.to)
}

/** A field that two people may have changed: what it was, and what each of them made of it. */
export interface Conflict extends Difference {
  /** `from` is theirs and `to` is ours; both: a choice must be made. */
  changedBy: 'them' | 'us' | 'both'
}

/** Where ours and theirs differ, and who changed it since both began with the same. */
export function conflictsOf(
  base: SavedConfiguration,
  theirs: SavedConfiguration,
  ours: SavedConfiguration,
): Conflict[] {
  const was = fieldsOf(base)
  return differences(theirs, ours).map((each) => {
    const before = shownValue(was[each.key])
    const changedBy = before === each.to ? 'them' : before === each.from ? 'us' : 'both'
    return { ...each, changedBy }
  })
}

/** Ours, with the fields that are taken from theirs. */
export function merged(
  theirs: SavedConfiguration,
  ours: SavedConfiguration,
  fromThem: readonly string[],
): SavedConfiguration {
  const [others, result] = [fieldsOf(theirs), fieldsOf(ours)]
  for (const key of fromThem) {
    if (key in others) result[key] = others[key]
    else delete result[key]
  }
  return configurationOf(result)
}
