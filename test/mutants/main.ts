/**
 * `npm run mutants`: applies the mutants one by one to copies of the tree, runs the test of each, and prints the
 * survivors. Arguments pick those whose fault, file or test has one of these texts. Exit code 1: something survived, or could not be
 * tried.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { faultsOf, mutated, textOf } from './apply.ts'
import { type Mutant, mutants } from './table.ts'

/** Copies that are worked on at once. */
const abreast = 2

/** A run that takes longer has hung, in milliseconds. */
const longestRun = 240_000

const reportSchema = v.object({
  testResults: v.array(v.object({ assertionResults: v.array(v.object({ fullName: v.string(), status: v.string() })) })),
})

const root = resolve(import.meta.dirname, '../..')

function copyTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'mutants-'))
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of stdout.split('\0')) {
    // A tracked file may have been removed, and node_modules may be a link.
    if (file === '' || file === 'node_modules' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    cpSync(join(root, file), join(tree, file))
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  // The compiler that the tests of the templates fetch.
  const bicep = join(root, '.tools/bicep')
  if (existsSync(bicep)) {
    mkdirSync(join(tree, '.tools'))
    symlinkSync(bicep, join(tree, '.tools/bicep'))
  }
  return tree
}

function runNode(tree: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: tree, timeout: longestRun, stdio: 'ignore' })
  return new Promise((done) => child.on('close', () => done()))
}

/** Tests of whole processes, which run what was built, and of browsers take long: they are not run for the others' sake. */
const isSlow = (file: string): boolean => /^test\/(integration|e2e|configPage|infra\/queries)\b/.test(file)

/**
 * The status of each test by its full name; empty when the run came to nothing.
 * @param only part of the names of those to run
 */
async function runTests(tree: string, files: readonly string[], only?: string): Promise<ReadonlyMap<string, string>> {
  if (files.some(isSlow)) await runNode(tree, 'infra/scripts/build.ts')
  // Vitest puts " > " between the name of a group and that of a test, the report a space.
  const pattern = only?.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', ' (?:> )?')
  const filter = pattern === undefined ? [] : ['-t', pattern]
  const report = join(tree, 'mutant-report.json')
  rmSync(report, { force: true })
  await runNode(
    tree,
    'node_modules/vitest/vitest.mjs',
    'run',
    ...files,
    ...filter,
    '--reporter=json',
    `--outputFile=${report}`,
  )
  try {
    const { testResults } = v.parse(reportSchema, JSON.parse(readFileSync(report, 'utf8')))
    return new Map(
      testResults.flatMap(({ assertionResults }) => assertionResults.map(({ fullName, status }) => [fullName, status])),
    )
  } catch {
    return new Map()
  }
}

/** The statuses of the tests that a mutant names. */
const named = ({ test: [, name] }: Mutant, results: ReadonlyMap<string, string>): string[] =>
  [...results].filter(([fullName]) => fullName.includes(name)).map(([, status]) => status)

/** What keeps the mutants from being tried: a red test must be the mutant's doing. */
async function problemsOf(tree: string, chosen: readonly Mutant[]): Promise<string[]> {
  const unfit = chosen.flatMap((mutant) => faultsOf(mutant, textOf(join(tree, mutant.file))))
  if (unfit.length > 0) return unfit
  const files = new Set(chosen.map(({ test: [file] }) => file))
  const healthy = await runTests(
    tree,
    [...files].filter((file) => !isSlow(file)),
  )
  const alone = new Map<string, ReadonlyMap<string, string>>()
  for (const [file, name] of chosen.map(({ test }) => test)) {
    const key = `${file} ${name}`
    if (isSlow(file) && !alone.has(key)) alone.set(key, await runTests(tree, [file], name))
  }
  return chosen.flatMap((mutant) => {
    const before = named(mutant, alone.get(mutant.test.join(' ')) ?? healthy)
    if (before.length === 0) return [`${mutant.test[0]} has no test named: ${mutant.test[1]}`]
    return before.every((status) => status === 'passed') ? [] : [`Red without any mutant: ${mutant.test[1]}`]
  })
}

async function survives(tree: string, mutant: Mutant): Promise<boolean> {
  const path = join(tree, mutant.file)
  const text = textOf(path)
  writeFileSync(path, mutated(mutant, text))
  const results = await runTests(tree, [mutant.test[0]], mutant.test[1])
  if (text === undefined) rmSync(path)
  else writeFileSync(path, text)
  return !named(mutant, results).includes('failed')
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['']
const chosen = mutants.filter(({ fault, file, test }) =>
  wanted.some((part) => [fault, file, test[0]].some((text) => text.includes(part))),
)
const trees = Array.from({ length: Math.min(abreast, chosen.length) }, copyTree)
try {
  const [first] = trees
  const problems = first === undefined ? [`No mutant has: ${wanted.join(', ')}`] : await problemsOf(first, chosen)
  const queue = problems.length > 0 ? [].values() : chosen.values()
  await Promise.all(
    trees.map(async (tree) => {
      for (const mutant of queue) {
        const survived = await survives(tree, mutant)
        process.stdout.write(`${survived ? 'SURVIVED' : 'killed  '} ${mutant.fault} (${mutant.file})\n`)
        if (survived) problems.push(`Survived: ${mutant.fault} (${mutant.file}); "${mutant.test[1]}" did not go red`)
      }
    }),
  )
  const verdict = problems.length === 0 ? [`${chosen.length} mutants, survivors: none`] : problems
  process.stdout.write(`\n${verdict.join('\n')}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true })
}
