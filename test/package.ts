import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { buildFunctions } from './build.ts'

/** What is deployed beside the bundle; the manifest says to the worker where the functions are, and nothing else. */
export function writePackage(folder: string): void {
  const { name, version, type, main, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    unknown
  >
  writeFileSync(
    `${folder}/package.json`,
    `${JSON.stringify({ name, version, private: true, type, main, engines }, null, 2)}\n`,
  )
  cpSync('host.json', `${folder}/host.json`)
  cpSync('LICENSE', `${folder}/LICENSE`)
}

/** `npm run package`: the deployable folder `package/`, its size, and how long its functions take to load cold. */
if (import.meta.main) {
  const folder = 'package'
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await buildFunctions(`${folder}/dist`)
  writePackage(folder)
  const files = globSync(`${folder}/**/*`).filter((file) => statSync(file).isFile())
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
  console.log(`${folder}/: ${files.length} files, ${(bytes / 1024).toFixed(0)} KiB`)
  const cold = spawnSync(process.execPath, ['test/host/coldLoad.ts', folder], { encoding: 'utf8' })
  process.stdout.write(cold.stdout)
  if (cold.status !== 0) {
    process.stderr.write(cold.stderr)
    process.exitCode = 1
  }
}
