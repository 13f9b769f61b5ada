import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { faultsOf, mutated } from './apply.ts'
import { type Mutant, mutants } from './table.ts'

/**
 * Applies the mutants one by one to a copy of the tree, runs the test of each, and prints the survivors. An argument
 * picks those whose fault or file has that text. Exit code 1: something survived, or could not be tried.
 */

/** A run that takes longer has hung, in milliseconds. */
const longestRun = 240_000

const reportSchema = v.object({
  testResults: v.array(v.object({ assertionResults: v.array(v.object({ fullName: v.string(), status: v.string() })) })),
})

const root = resolve(import.meta.dirname, '../..')

function copyTree(to: string): void {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of stdout.split('\0').filter((each) => each !== '' && each !== 'node_modules')) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    cpSync(join(root, file), join(to, file))
  }
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'))
}

/** Tests of whole processes run what was built. */
const needsBuild = (file: string): boolean => /^test\/(integration|e2e)\//.test(file)

/** The status of each test by its full name; empty when the run came to nothing. */
function runTests(tree: string, files: readonly string[]): Map<string, string> {
  if (files.some(needsBuild)) spawnSync(process.execPath, ['infra/scripts/build.ts'], { cwd: tree })
  const output = join(tree, 'mutant-report.json')
  rmSync(output, { force: true })
  spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...files, '--reporter=json', `--outputFile=${output}`],
    { cwd: tree, timeout: longestRun, stdio: 'ignore' },
  )
  try {
    const { testResults } = v.parse(reportSchema, JSON.parse(readFileSync(output, 'utf8')))
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

function tryAll(tree: string, chosen: readonly Mutant[]): string[] {
  const problems = chosen.flatMap((mutant) => faultsOf(mutant, readFileSync(join(tree, mutant.file), 'utf8')))
  if (problems.length > 0) return problems
  const healthy = runTests(tree, [...new Set(chosen.map(({ test: [file] }) => file))])
  for (const mutant of chosen) {
    const before = named(mutant, healthy)
    if (before.length === 0) problems.push(`${mutant.test[0]} has no test named: ${mutant.test[1]}`)
    if (before.some((status) => status !== 'passed')) problems.push(`Red without any mutant: ${mutant.test[1]}`)
  }
  if (problems.length > 0) return problems

  for (const mutant of chosen) {
    const path = join(tree, mutant.file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, mutated(mutant, text))
    const killed = named(mutant, runTests(tree, [mutant.test[0]])).includes('failed')
    writeFileSync(path, text)
    process.stdout.write(`${killed ? 'killed  ' : 'SURVIVED'} ${mutant.fault} (${mutant.file})\n`)
    if (!killed) problems.push(`Survived: ${mutant.fault} (${mutant.file}); "${mutant.test[1]}" did not go red`)
  }
  return problems
}

const wanted = process.argv[2] ?? ''
const chosen = mutants.filter(({ fault, file }) => fault.includes(wanted) || file.includes(wanted))
const tree = mkdtempSync(join(tmpdir(), 'mutants-'))
try {
  copyTree(tree)
  const problems = chosen.length === 0 ? [`No mutant has: ${wanted}`] : tryAll(tree, chosen)
  process.stdout.write(
    problems.length === 0 ? `\n${chosen.length} mutants, survivors: none\n` : `\n${problems.join('\n')}\n`,
  )
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  rmSync(tree, { recursive: true, force: true })
}
