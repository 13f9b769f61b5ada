/**
 * `npm run infra:check`: compiles, lints and formats every Bicep file with the real compiler, lints the scripts, and runs
 * the tests of the compiled template. Needs no access to Azure and none to the public container registry.
 * The rule use-recent-api-versions is off in bicepconfig.json, which takes no comments: it would turn the check red by the
 * passing of time alone, and US Government gets new versions later.
 */

import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile, findBicep, run, shown } from './bicep.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const problems: string[] = []

const bicep = findBicep()
if ('missing' in bicep) {
  problems.push(bicep.missing)
} else {
  const { folder, findings } = compile(bicep.program)
  problems.push(...findings)
  console.log(`${run(bicep.program, ['--version']).text.trim()}: compiled into ${shown(folder)}`)
}

const scripts = globSync('infra/scripts/*.sh', { cwd: root }).sort()
if (run('shellcheck', ['--version']).ok) {
  const { ok, text } = run('shellcheck', ['--severity=style', ...scripts])
  if (!ok) problems.push(text.trim())
  console.log(`shellcheck: ${scripts.length} scripts`)
} else if (process.env.CI === 'true') {
  problems.push('shellcheck is not installed')
} else {
  console.log('shellcheck is not installed: the scripts were not linted')
}

for (const problem of problems) console.error(problem)

const vitest = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs')
const tests = spawnSync(process.execPath, [vitest, 'run', 'test/infra'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, INFRA_CHECK: 'required' },
})
process.exitCode = problems.length === 0 && tests.status === 0 ? 0 : 1
