import { spawnSync } from 'node:child_process'

/** `npm run faults`: the whole table, printed; `npm test` runs a part of it. */
const { status } = spawnSync(
  'vitest',
  ['run', '--testTimeout=0', '--disableConsoleIntercept', '--silent=false', 'test/faults'],
  { stdio: 'inherit', env: { ...process.env, FAULTS: 'all' } },
)
process.exitCode = status ?? 1
