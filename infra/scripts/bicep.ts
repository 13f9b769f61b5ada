import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const infra = join(root, 'infra')
const tools = join(root, '.tools')

/** The compiler that the check is written for; what a deployment uses may be newer. */
const version = '0.49.2'

const platforms: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'osx-x64',
  'darwin-arm64': 'osx-arm64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
}

/**
 * The compiler is a .NET program, and slim images have no ICU. The variables that parameter files read are left out: the
 * check is about the files.
 */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(AZURE|MICETRO|ENTRA|CENTRAL|GRANT|REGISTRATION|VAULT)_/.test(name),
    ),
  ),
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1',
}

export interface Run {
  ok: boolean
  /** Both streams: the compiler reports its diagnostics on standard error. */
  text: string
}

/** Examples for the variables without which the parameter files do not compile. */
const exampleVariables = {
  MICETRO_API_URLS: 'https://micetro.example.com/mmws/api',
  MICETRO_API_USER: 'entra-sign-in',
  MICETRO_WEB_URL: 'https://micetro.example.com/',
  ENTRA_CLIENT_ID: '00000000-0000-0000-0000-000000000000',
}

/** The variables that a parameter file may do without, set. */
const optionalVariables = {
  AZURE_PRINCIPAL_ID: 'publisher-id',
  REGISTRATION_OWNERS: 'owner-id, pipeline-id,',
  VAULT_WRITER_ROLE_ID: 'vault-writer-role-id',
}

/** Runs a program to its end; one that cannot be started is a failed run. */
export function run(
  program: string,
  args: readonly string[],
  cwd = root,
  variables: Readonly<Record<string, string>> = {},
): Run {
  const done = spawnSync(program, args, { cwd, env: { ...environment, ...variables }, encoding: 'utf8' })
  return { ok: done.status === 0, text: `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}` }
}

/**
 * The real compiler: the one on PATH, else the pinned package of the .NET registry.
 * @returns the program, or why there is none
 */
export function findBicep(): { program: string } | { missing: string } {
  if (run('bicep', ['--version']).ok) return { program: 'bicep' }
  const platform = platforms[`${process.platform}-${process.arch}`]
  if (platform === undefined) return { missing: `no Bicep package for ${process.platform}-${process.arch}` }
  const name = `Azure.Bicep.CommandLine.${platform}`
  const folder = join(tools, 'bicep', name.toLowerCase(), version, 'tools')
  const program = join(folder, process.platform === 'win32' ? 'bicep.exe' : 'bicep')
  if (!existsSync(program)) {
    // A folder of its own: several test files may ask at once, and only the package cache is made for that.
    const project = join(tools, 'bicep', `restore-${process.pid}`, 'restore.csproj')
    mkdirSync(dirname(project), { recursive: true })
    writeFileSync(
      project,
      `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net8.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="${name}" Version="[${version}]" />
  </ItemGroup>
</Project>
`,
    )
    const restored = run('dotnet', ['restore', project, '--packages', join(tools, 'bicep')])
    rmSync(dirname(project), { recursive: true, force: true })
    if (!restored.ok || !existsSync(program)) {
      return { missing: `Bicep is not on PATH, and dotnet could not restore it: ${restored.text.trim()}` }
    }
  }
  chmodSync(program, 0o755)
  return { program }
}

/** Every file that decides what the compiler puts out. */
function sources(): string[] {
  return globSync(['**/*.bicep', '**/*.bicepparam', 'bicepconfig.json', 'queries/*', 'types/**/*.json'], { cwd: infra })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

export interface Compiled {
  /**
   * Holds the compiled templates, the parameters as JSON and the compiler's own evaluation, twice: `main.snapshot.json` with
   * nothing but the variables that must be set, `main.other.snapshot.json` with all of them and in another subscription.
   */
  folder: string
  /** What compiler, linter and formatter found; empty when all is well. */
  findings: string[]
}

/**
 * Compiles, lints and formats a copy of `infra/` in which the configuration file alone differs: it takes the Graph types
 * from this repository instead of the public registry. Done once for each state of the sources and of this file.
 */
export function compile(program: string): Compiled {
  const files = sources()
  const hash = createHash('sha256')
    .update(version)
    .update(readFileSync(fileURLToPath(import.meta.url)))
  for (const path of files) hash.update(path).update(readFileSync(join(infra, path)))
  const folder = join(tools, 'infra', hash.digest('hex').slice(0, 16))
  const record = join(folder, 'findings.json')
  if (existsSync(record)) return { folder, findings: readFindings(readFileSync(record, 'utf8')) }

  // Test files run side by side: the first compiles, the others wait for it.
  const lock = `${folder}.lock`
  mkdirSync(dirname(lock), { recursive: true })
  try {
    mkdirSync(lock)
  } catch {
    const patience = Date.now() + 240_000
    while (!existsSync(record) && Date.now() < patience)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    if (existsSync(record)) return { folder, findings: readFindings(readFileSync(record, 'utf8')) }
  }
  try {
    rmSync(folder, { recursive: true, force: true })
    for (const path of files) cpSync(join(infra, path), join(folder, path))
    const findings = compileIn(folder, program)
    writeFileSync(record, JSON.stringify(findings))
    return { folder, findings }
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function readFindings(text: string): string[] {
  const value: unknown = JSON.parse(text)
  return Array.isArray(value) ? value.map(String) : ['the record of the last compilation cannot be read']
}

function compileIn(work: string, program: string): string[] {
  const findings: string[] = []
  const bicep = (what: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const location = what.includes('usgov') ? 'usgovvirginia' : 'westeurope'
    const { ok, text } = run(program, args, work, { ...exampleVariables, AZURE_LOCATION: location, ...more })
    const lines = text.split('\n').filter((line) => /\b(Warning|Error)\b/.test(line) || (!ok && line.trim() !== ''))
    findings.push(...lines.map((line) => `${what}: ${line.replaceAll(`${work}/`, 'infra/').trim()}`))
    return ok
  }

  // The command is marked experimental and says so each time; only its failure counts.
  const types = run(program, ['publish-extension', 'types/index.json', '--target', './microsoftgraph.tgz'], work)
  if (!types.ok) return [`Graph types: ${types.text.trim()}`]
  const configuration = join(work, 'bicepconfig.json')
  const text = readFileSync(configuration, 'utf8')
  const offline = text.replace(/"br:[^"]*microsoftgraph[^"]*"/, '"./microsoftgraph.tgz"')
  if (offline === text) findings.push('bicepconfig.json: names no Graph extension of the public registry')
  writeFileSync(configuration, offline)

  // One run for all files: starting the compiler costs more than its work. Building reports what linting would.
  const all = globSync('**/*.bicep', { cwd: work })
  const before = new Map(all.map((file) => [file, readFileSync(join(work, file), 'utf8')]))
  bicep('build', ['build', '--pattern', '**/*.bicep'])
  bicep('format', ['format', '--pattern', '**/*.bicep'])
  for (const [file, content] of before) {
    if (readFileSync(join(work, file), 'utf8') !== content) findings.push(`${file}: run "bicep format" on it`)
  }
  for (const file of globSync('*.bicepparam', { cwd: work })) {
    const written = (ending: string) => file.replace(/bicepparam$/, ending)
    if (!bicep(file, ['build-params', file, '--outfile', written('parameters.json')])) continue
    const tenant = '22222222-2222-2222-2222-222222222222'
    const toGroup = readFileSync(join(work, file), 'utf8').startsWith("using 'main.group.bicep'")
    const place = ['--tenant-id', tenant, '--location', 'westeurope']
    if (toGroup) place.push('--resource-group', 'existing-group')
    const snapshot = (subscription: string, more?: Readonly<Record<string, string>>) =>
      bicep(file, ['snapshot', file, '--mode', 'overwrite', '--subscription-id', subscription, ...place], more)
    if (!snapshot('33333333-3333-3333-3333-333333333333', optionalVariables)) continue
    renameSync(join(work, written('snapshot.json')), join(work, written('other.snapshot.json')))
    snapshot('11111111-1111-1111-1111-111111111111')
  }
  return [...new Set(findings)]
}

/** Path for messages. */
export function shown(path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}
