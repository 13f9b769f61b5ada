import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(path, 'utf8')

/** The rooms of docs/architecture.md, top to bottom: a folder ends in a slash, a file that stands alone does not. */
const rooms = [...(/^```\n([^`]*)^```/m.exec(read('docs/architecture.md'))?.[1] ?? '').matchAll(/^(\S+)/gm)].map(
  ([, room = '']) => room,
)
const roomOf = (file: string): string | undefined =>
  rooms.find((room) => file === room || (room.endsWith('/') && file.startsWith(room)))

const sources = globSync('{functions,shared}/**/*.ts')

/** Relative imports of a file, of types too, static and on demand. */
const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  )

test('the list of rooms is the tree: every source stands in one, and none is empty', () => {
  expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([])
  expect(rooms.filter((room) => !sources.some((file) => roomOf(file) === room))).toEqual([])
})

test('an import goes down the list of rooms, never up', () => {
  const up = sources.flatMap((file) => {
    const from = rooms.indexOf(roomOf(file) ?? '')
    const above = importsOf(file).filter((path) => rooms.indexOf(roomOf(path) ?? '') < from)
    return above.map((path) => `${file} imports ${path}`)
  })
  expect(up).toEqual([])
})

test('no import goes in a circle, inside a room either', () => {
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '))
    if (done.has(file) || path.includes(file)) return
    for (const next of importsOf(file)) walk(next, [...path, file])
    done.add(file)
  }
  for (const file of sources) walk(file, [])
  expect(circles).toEqual([])
})

test('the tests of shared/ mirror it: each is named after the file that it tests', () => {
  const mirrored = globSync('test/**/*.test.ts').filter((file) => {
    const [, folder = ''] = file.split('/')
    return folder.endsWith('.ts') || existsSync(join('shared', folder))
  })
  expect(mirrored.length).toBeGreaterThan(20)
  expect(mirrored.filter((file) => !existsSync(file.replace('test/', 'shared/').replace('.test.ts', '.ts')))).toEqual(
    [],
  )
})
