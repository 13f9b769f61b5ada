import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { type LoggedLine, runThroughEverything } from './logLines.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const files = globSync('infra/queries/*.kql', { cwd: root }).sort()
const queries: [name: string, text: string][] = [
  ...files.map((path): [string, string] => [basename(path), read(path)]),
  ...[...read('docs/operate.md').matchAll(/^\*\*([^*]+)\*\*[^`]*^```kusto\n(.*?)^```/gms)].map(
    ([, title = '', text = '']): [string, string] => [`operate.md: ${title}`, text],
  ),
]
/** The others read tables of Azure, whose columns are not ours. */
const ofTheApplication = queries.filter(([, text]) => /\bentry\b/.test(text))

/** Names of the functions, which the host and our lines call routes. */
const routes = globSync('functions/*.ts', { cwd: root }).map((path) => basename(path, '.ts'))

/** Literals that a query compares a field with, or a column made of it. */
function compared(text: string, name: string): string[] {
  const pattern = new RegExp(`\\b${name}\\)?\\s*(?:==|!=|!?in|!?startswith)\\s*\\(?((?:'[^']*'(?:,\\s*)?)+)`, 'g')
  return [...text.matchAll(pattern)].flatMap(([, list = '']) =>
    [...list.matchAll(/'([^']*)'/g)].map(([, each = '']) => each),
  )
}

function at(entry: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    return typeof value === 'object' && value !== null && name in value
      ? Object.entries(value).find(([key]) => key === name)?.[1]
      : undefined
  }, entry)
}

/** What a query reads that none of the lines has. */
function unknownTo(lines: readonly LoggedLine[], query: string): string[] {
  const text = query.replaceAll(/^\s*\/\/.*$/gm, '')
  const events = compared(text, 'event')
  const seen = (field: string) => new Set(lines.map(({ entry }) => entry[field]))
  const meant = lines.filter(({ entry }) => events.length === 0 || events.includes(String(entry.event)))
  const paths = [...text.matchAll(/\bentry((?:\.\w+|\['\w+'\])+)/g)].map(([, path = '']) =>
    [...path.matchAll(/\w+/g)].map(([name]) => name),
  )
  return [
    ...events.filter((each) => !seen('event').has(each)).map((each) => `event ${each}`),
    ...compared(text, 'outcome')
      .filter((each) => each !== '' && !seen('outcome').has(each))
      .map((each) => `outcome ${each}`),
    ...compared(text, 'route')
      .filter((each) => !routes.includes(each))
      .map((each) => `route ${each}`),
    ...paths.filter((path) => !meant.some(({ entry }) => at(entry, path) !== undefined)).map((path) => path.join('.')),
  ]
}

describe('what the queries read is what the application logs', () => {
  let lines: readonly LoggedLine[] = []
  beforeAll(async () => {
    lines = await runThroughEverything()
  })

  test.each(ofTheApplication)('%s', (_name, text) => {
    expect(unknownTo(lines, text)).toEqual([])
  })

  test.each([
    [
      "traces | extend entry = parse_json(message) | where tostring(entry.event) == 'landed'",
      ['event landed', 'event'],
    ],
    ["traces | where tostring(entry.event) == 'sign_in' | project entry.colour, entry['phases'].write", ['colour']],
    ["traces | where tostring(entry.event) == 'sign_in' and entry.phases.nap > 1", ['phases.nap']],
    // Logged, but by another event than the one that is asked for.
    ["traces | where tostring(entry.event) == 'central_sign_in' | project entry.joined", ['joined']],
    [
      "traces | where entry.route in ('central', 'back') and tostring(entry.outcome) == 'lost'",
      ['outcome lost', 'route back'],
    ],
  ])('a query that reads something else is found: %s', (text, findings) => {
    expect(unknownTo(lines, text)).toEqual(findings)
  })

  test('strangers fill ten lines a minute, and the rest is counted', () => {
    const noise = lines.filter(({ entry }) => entry.route === 'callback' && entry.code === 'bad_request')
    expect(noise).toHaveLength(25)
    const collected = noise.filter(({ level }) => level !== 'debug')
    // Two minutes at most.
    expect(collected.length).toBeGreaterThanOrEqual(10)
    expect(collected.length).toBeLessThanOrEqual(20)
  })
})

test('what is asked about the application is found at all', () => {
  expect(ofTheApplication.length).toBeGreaterThan(8)
  expect(ofTheApplication.length + 3).toBeGreaterThanOrEqual(queries.length)
})

test('host.json samples requests and nothing that the application logs, whatever its function is called', () => {
  const { logging } = JSON.parse(read('host.json'))
  const { samplingSettings } = logging.applicationInsights
  expect(samplingSettings).toEqual({ isEnabled: true, maxTelemetryItemsPerSecond: 1, excludedTypes: 'Trace;Exception' })
  // Category Function.<name>.User is ours, Function.<name> the host's two lines for each request.
  expect(logging.logLevel).toEqual({ default: 'Information', Function: 'Warning', 'Function.*.User': 'Information' })
})
