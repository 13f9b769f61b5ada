import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failureCodes } from '../../shared/catalogue.ts'
import { settingNames } from '../../shared/configuration/settings.ts'

const read = (path: string): string => readFileSync(path, 'utf8')

/** First column of the tables in a part of a page, where it is code. */
const firstColumn = (text: string): string[] => [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)

test("the README's table of settings is what the code reads, in its order", () => {
  const table = read('README.md').split('| Setting | Meaning |')[1]?.split('\n\n')[0] ?? ''
  expect(firstColumn(table)).toEqual([...settingNames])
})

test('the sample of the local settings has every setting, in the same order', () => {
  const { Values } = JSON.parse(read('local.settings.sample.json')) as { Values: Record<string, string> }
  const own = Object.keys(Values).filter((name) => !['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage'].includes(name))
  expect(own).toEqual([...settingNames])
})

test('the environment is read in the places that are meant to, and nowhere else', () => {
  const readers = globSync('{functions,shared}/**/*.ts').filter((file) => read(file).includes('process.env'))
  expect(readers.sort()).toEqual(['functions/reconcile.ts', 'shared/configPage/page.ts', 'shared/web/currentEngine.ts'])
})

test('every code of the catalogue has a row in the table of errors', () => {
  const table = read('docs/operate.md').split('error-codes:begin -->')[1]?.split('<!-- error-codes:end')[0] ?? ''
  expect(failureCodes.length).toBeGreaterThan(30)
  expect(firstColumn(table)).toEqual(failureCodes)
})

/** The keys of an object literal that begins at a place in a source, those of inner objects and spreads left out. */
function keysAt(source: string, start: number): string[] {
  let depth = 0
  let outer = ''
  for (const mark of source.slice(start)) {
    if ('}])'.includes(mark)) depth -= 1
    if (depth === 1 && !'{[('.includes(mark)) outer += mark
    if ('{[('.includes(mark)) depth += 1
    if (depth === 0) break
  }
  return outer
    .replaceAll(/'[^']*'/g, '')
    .split(',')
    .map((part) => /^\s*(\w+)\s*(?::|$)/.exec(part)?.[1] ?? '')
    .filter((name) => name !== '')
}

test('the table of events is what the code logs, with its fields', () => {
  const logged: Record<string, Set<string>> = {}
  for (const source of globSync('{functions,shared}/**/*.ts').map(read)) {
    for (const { index, 1: event = '' } of source.matchAll(/\{\s*event: '(\w+)'/g)) {
      const fields = logged[event] ?? new Set()
      logged[event] = fields
      for (const field of keysAt(source, index)) if (field !== 'event') fields.add(field)
    }
  }
  // Spread into the line: the failure itself.
  logged.failed?.add('code')
  const table = read('docs/operate.md').split('| `event` | When | Fields |\n')[1]?.split('\n\n')[0] ?? ''
  const rows = [...table.matchAll(/^\| `(\w+)` *\|[^|]*\|([^|]*)\|$/gm)].map(
    ([, event = '', cell = '']) => [event, [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()] as const,
  )
  const documented = Object.fromEntries(rows)
  expect(documented).toEqual(
    Object.fromEntries(Object.entries(logged).map(([event, fields]) => [event, [...fields].sort()])),
  )
  expect(rows).toHaveLength(Object.keys(documented).length)
})

test('vendor host names stand in the table of clouds and nowhere else in the engine', () => {
  const hosts = /microsoftonline|graph\.microsoft|chinacloudapi|windows\.net/
  const comments = /^\s*(\*|\/\*|\/\/).*$/gm
  const files = globSync('{functions,shared}/**/*.ts').filter((file) => hosts.test(read(file).replace(comments, '')))
  expect(files).toEqual(['shared/configuration/clouds.ts'])
})

describe('every link between pages leads somewhere', () => {
  test.each(['README.md', ...globSync('{docs,.github}/*.md')])('%s', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g)].map(([, path = '']) => path)
    expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([])
  })
})

test('every picture is there in light and dark, has an alternative text, and together they are small', () => {
  const pages = ['README.md', ...globSync('docs/*.md')]
  const shown = pages.flatMap((page) =>
    [
      ...read(page).matchAll(
        /<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\n<img src="([^"]+)" alt="([^"]*)">/g,
      ),
    ].map(([, dark = '', light = '', alt = '']) => ({
      alt,
      files: [dark, light].map((path) => join(dirname(page), path)),
    })),
  )
  for (const { alt } of shown) expect(alt.length).toBeGreaterThan(40)
  expect(pages.map(read).join().match(/<img/g)).toHaveLength(shown.length)
  const files = shown.flatMap((each) => each.files)
  expect(files.sort()).toEqual(globSync('docs/pictures/*.png').sort())
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(600_000)
})
