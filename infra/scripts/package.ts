import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Zippable, zipSync } from 'fflate'
import { buildId } from '../../shared/buildId.atBuild.ts'
import { configPageScript } from '../../shared/configPage/script.atBuild.ts'
import { buildFunctions } from './build.ts'
import { packageFolders, writeBill } from './sbom.ts'

/** Files of a folder, relative to it, in a stable order. */
export function filesOf(folder: string): string[] {
  return globSync(`${folder}/**/*`)
    .filter((file) => statSync(file).isFile())
    .map((file) => relative(folder, file).replaceAll('\\', '/'))
    .sort()
}

/** The licences of the packages in the bundle, which ask for their notice in every copy. */
function noticesOf(bundled: readonly string[]): string {
  const notices = packageFolders(bundled).map((packageFolder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${packageFolder}/package.json`, 'utf8')) as Record<
      string,
      string
    >
    const [file] = globSync(`${packageFolder}/{LICENSE,LICENCE,License,license}*`)
    const text = file === undefined ? '' : `\n${readFileSync(file, 'utf8').trim()}\n`
    return `${name} ${version} (${license})\n${text}`
  })
  return `This package contains the following software.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`
}

/**
 * Makes the deployable folder: the bundle, the manifest that tells the worker where the functions are, and host.json.
 * @returns the files that went into the bundle, from the project's root
 */
export async function writePackage(folder: string): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const bundled = await buildFunctions(`${folder}/dist`)
  writeFileSync(`${folder}/THIRD-PARTY-NOTICES`, noticesOf(bundled))
  const { name, version, type, main, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    unknown
  >
  writeFileSync(
    `${folder}/package.json`,
    `${JSON.stringify({ name, version, private: true, type, main, engines }, null, 2)}\n`,
  )
  // Its name says which build this is, so that a shell reads it from the zip without unpacking.
  writeFileSync(`${folder}/build-${buildId}`, '')
  cpSync('host.json', `${folder}/host.json`)
  cpSync('LICENSE', `${folder}/LICENSE`)
  // Laid at the root it configures the app; it holds a credential, so it never comes from the repository.
  if (existsSync('ext_auth_conf.json')) cpSync('ext_auth_conf.json', `${folder}/ext_auth_conf.json`)
  return bundled
}

/** The folder as a zip whose bytes depend on its content only. */
export function zipFolder(folder: string): Uint8Array {
  const entries: Zippable = {}
  // The format begins in 1980; any fixed time will do.
  for (const file of filesOf(folder))
    entries[file] = [readFileSync(`${folder}/${file}`), { mtime: new Date('2000-01-01') }]
  return zipSync(entries, { level: 9 })
}

/**
 * `npm run package`: `package/`, `package.zip`, their size and that of the page's script, how long the functions take to load cold, and beside them
 * `package.cdx.json`, the bill of what is in them.
 */
if (import.meta.main) {
  const folder = 'package'
  const bundled = await writePackage(folder)
  const files = filesOf(folder)
  const bytes = files.reduce((sum, file) => sum + statSync(`${folder}/${file}`).size, 0)
  const zip = zipFolder(folder)
  writeFileSync('package.zip', zip)
  const bill = writeBill(bundled, buildId)
  writeFileSync('package.cdx.json', bill.text)
  const kib = (size: number): string => `${(size / 1024).toFixed(0)} KiB`
  console.log(`${folder}/: ${files.length} files, ${kib(bytes)}; package.zip: ${kib(zip.length)}`)
  console.log(`package.cdx.json: ${bill.components} packages`)
  console.log(`script of /config: ${configPageScript.length} bytes, ${gzipSync(configPageScript).length} compressed`)
  const cold = spawnSync(process.execPath, ['test/host/coldLoad.ts', folder], { encoding: 'utf8' })
  process.stdout.write(cold.stdout)
  if (cold.status !== 0) {
    process.stderr.write(cold.stderr)
    process.exitCode = 1
  }
}
