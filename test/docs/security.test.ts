import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Mutant, mutants, securityMutants } from '../mutants/table.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const page = read('docs/security.md')

/** The cells of each row in the tables that name faults: what it is about, what holds, file, test, fault. */
const rows = page
  .split(/^\|.*\| Fault that it finds \|\n\|.*\n/m)
  .slice(1)
  .flatMap((part) => (part.split('\n\n')[0] ?? '').split('\n'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, about = '', text = '', ...cells]) => ({ about, text, shown: cells.slice(0, 3) }))

const cellsOf = ({ file, test: [testFile, name], fault }: Mutant): string[] => [
  `\`${file}\``,
  `\`${testFile}\`: ${name}`,
  fault,
]

/** The parts, as long as possible, in which a source has a text: the name of a row is put together from its cells. */
function partsOf(text: string, source: string): string[] {
  const parts: string[] = []
  for (let rest = text; rest !== ''; ) {
    let length = rest.length
    while (length > 1 && !source.includes(rest.slice(0, length))) length -= 1
    parts.push(rest.slice(0, length))
    rest = rest.slice(length)
  }
  return parts
}

test('every row names a mutant with its file and its test, or says why there is none', () => {
  const known = new Set(mutants.map((mutant) => cellsOf(mutant).join(' | ')))
  const silent = rows.filter(({ text, shown }) =>
    shown.every((cell) => cell === '') ? !/\bbecause\b/.test(text) : !known.has(shown.join(' | ')),
  )
  expect(rows.length).toBeGreaterThan(150)
  expect(silent).toEqual([])
})

test('every mutant of the security tables has a row', () => {
  const named = new Set(rows.map(({ shown }) => shown[2]))
  expect(securityMutants.map(({ fault }) => fault).filter((fault) => !named.has(fault))).toEqual([])
})

test('no two mutants have one name: a row could mean either', () => {
  const faults = mutants.map(({ fault }) => fault)
  expect(faults.filter((fault, index) => faults.indexOf(fault) !== index)).toEqual([])
})

test('every file is there, and every test by its name', () => {
  const named = new Set(rows.map(({ shown }) => shown[2]))
  const shown = mutants.filter(({ fault }) => named.has(fault))
  expect(shown.length).toBeGreaterThan(140)
  const missing = shown.flatMap(({ file, test: [testFile, name] }) => {
    if (!existsSync(file)) return [file]
    const parts = partsOf(name, read(testFile).replaceAll("\\'", "'"))
    return parts.length <= 4 && parts.every((part) => part.length > 3) ? [] : [`${testFile}: ${parts.join(' / ')}`]
  })
  expect(missing).toEqual([])
})

test('no section of RFC 9700 that asks for something is left out', () => {
  const upTo = (part: number, last: number) => Array.from({ length: last }, (_, index) => `${part}.${index + 1}`)
  const about = rows.map((row) => /^(\d\.\d+)[. ]/.exec(row.about)?.[1]).filter((section) => section !== undefined)
  expect([...new Set(about)]).toEqual([...upTo(2, 6), ...upTo(4, 17)])
})
