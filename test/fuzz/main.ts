import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/**
 * `npm run fuzz -- --seed N --cases M`: every test with generated cases, as long as wanted. Without a seed each takes one
 * by itself and prints it.
 */
const { values } = parseArgs({ options: { seed: { type: 'string' }, cases: { type: 'string', default: '5000' } } })
for (const text of [values.seed ?? '0', values.cases])
  if (!/^\d{1,9}$/.test(text)) throw new TypeError('--seed and --cases take whole numbers')

const files = globSync('test/**/*.test.ts').filter((file) => readFileSync(file, 'utf8').includes("from 'fast-check'"))
const { status } = spawnSync('vitest', ['run', '--testTimeout=0', '--disableConsoleIntercept', ...files], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_CASES: values.cases, ...(values.seed !== undefined && { FUZZ_SEED: values.seed }) },
})
process.exitCode = status ?? 1
