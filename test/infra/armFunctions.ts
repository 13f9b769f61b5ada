import { createHash } from 'node:crypto'
import { isObject, type Json, type JsonObject, listOf, objectOf, textOf } from './armExpression.ts'

const same = (a: Json | undefined, b: Json | undefined): boolean =>
  typeof a === 'string' && typeof b === 'string'
    ? a.toLowerCase() === b.toLowerCase()
    : JSON.stringify(a) === JSON.stringify(b)

const hash = (args: readonly Json[]): string => createHash('sha256').update(JSON.stringify(args)).digest('hex')

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** One property or item; undefined where there is none. */
export function member(of: Json | undefined, index: Json | undefined): Json | undefined {
  if (Array.isArray(of)) return typeof index === 'number' ? of[index] : undefined
  return isObject(of) && typeof index === 'string' ? of[index] : undefined
}

/** `a/b` and `x`, `y` become `/a/x/b/y` below their provider. */
function nested(type: string, names: readonly string[]): string {
  const [provider = '', ...kinds] = type.split('/')
  return `/providers/${provider}${kinds.map((kind, index) => `/${kind}/${names[index] ?? ''}`).join('')}`
}

/**
 * The functions that need nothing but their arguments. `guid` and `uniqueString` are stand-ins: equal for equal
 * arguments, different for different ones, and no more than that is asked of them here.
 */
export const pureFunctions: Readonly<Record<string, (args: Json[]) => Json>> = {
  true: () => true,
  false: () => false,
  null: () => null,
  add: ([a, b]) => Number(a) + Number(b),
  and: (args) => args.every((each) => each === true),
  or: (args) => args.some((each) => each === true),
  not: ([value]) => value !== true,
  mul: ([a, b]) => Number(a) * Number(b),
  min: (args) => Math.min(...args.map(Number)),
  max: (args) => Math.max(...args.map(Number)),
  range: ([start, count]) => Array.from({ length: Number(count) }, (_, index) => Number(start) + index),
  equals: ([a, b]) => same(a, b),
  empty: ([value]) => isEmpty(value),
  coalesce: (args) => args.find((each) => each !== null && each !== undefined) ?? null,
  length: ([value]) =>
    typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length,
  contains: ([of, value]) => {
    if (Array.isArray(of)) return of.some((each) => JSON.stringify(each) === JSON.stringify(value))
    return isObject(of) ? textOf(value, 'key') in of : textOf(of, 'text').includes(textOf(value, 'part'))
  },
  flatten: ([list]) => listOf(list, 'flatten').flat(),
  concat: (args) => (Array.isArray(args[0]) ? args.flatMap((each) => listOf(each, 'concat')) : args.join('')),
  createArray: (args) => args,
  createObject: (args) => {
    const made: JsonObject = {}
    for (let at = 0; at < args.length; at += 2) made[textOf(args[at], 'key')] = args[at + 1] ?? null
    return made
  },
  shallowMerge: ([list]) => Object.assign({}, ...listOf(list, 'shallowMerge').map((each) => objectOf(each, 'part'))),
  items: ([of]) =>
    Object.entries(objectOf(of, 'items'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value })),
  string: ([value]) => (typeof value === 'string' ? value : JSON.stringify(value)),
  fail: ([message]) => {
    throw new Error(textOf(message, 'message'))
  },
  tryGet: ([of, ...path]) => path.reduce<Json | undefined>((value, index) => member(value, index), of) ?? null,
  format: ([pattern, ...values]) =>
    textOf(pattern, 'pattern').replaceAll(/\{\{|\}\}|\{(\d+)\}/g, (found, index?: string) => {
      if (index === undefined) return found.slice(1)
      const value = values[Number(index)]
      return typeof value === 'string' ? value : JSON.stringify(value)
    }),
  join: ([list, separator]) => listOf(list, 'join').join(textOf(separator, 'separator')),
  split: ([text, separator]) => textOf(text, 'split').split(textOf(separator, 'separator')),
  replace: ([text, from, to]) => textOf(text, 'replace').replaceAll(textOf(from, 'from'), textOf(to, 'to')),
  take: ([of, count]) => (Array.isArray(of) ? of : textOf(of, 'take')).slice(0, Number(count)),
  cidrSubnet: ([network, size, index]) => {
    const [base = '', prefix = ''] = textOf(network, 'network').split('/')
    if (Number(prefix) > 24) throw new RangeError(`${textOf(network, 'network')} has no room for the subnets`)
    const octets = base.split('.')
    return `${octets.slice(0, 3).join('.')}.${Number(octets[3]) + Number(index) * 2 ** (32 - Number(size))}/${size}`
  },
  guid: (args) => hash(args).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
  uniqueString: (args) => `u${hash(args).slice(0, 12)}`,
  extensionResourceId: ([scope, type, ...names]) =>
    `${textOf(scope, 'scope')}${nested(
      textOf(type, 'type'),
      names.map((each) => textOf(each, 'name')),
    )}`,
}
