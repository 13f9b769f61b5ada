import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import type { FakeCall, FakeState } from './fakeAz.ts'

const scripts = fileURLToPath(new URL('../../infra/scripts/', import.meta.url))
const fakeAz = fileURLToPath(new URL('fakeAz.ts', import.meta.url))

/** The scripts are for bash, and deploy.sh looks at /health with curl. */
export const canRunScripts =
  process.platform !== 'win32' && ['bash', 'curl'].every((each) => spawnSync(each, ['--version']).status === 0)

export const clouds = {
  commercial: {
    name: 'AzureCloud',
    'endpoints.activeDirectory': 'https://login.microsoftonline.com',
    'endpoints.microsoftGraphResourceId': 'https://graph.microsoft.com/',
  },
  usgov: {
    name: 'AzureUSGovernment',
    'endpoints.activeDirectory': 'https://login.microsoftonline.us',
    'endpoints.microsoftGraphResourceId': 'https://graph.microsoft.us/',
  },
}

export interface ScriptRun {
  code: number
  out: string
  err: string
}

export interface Workplace extends Disposable {
  run(script: string, args: string[], environment?: Record<string, string>): Promise<ScriptRun>
  /** Runs a line of a pipeline, in a folder with the project's infra/ and a package. */
  step(line: string, environment?: Record<string, string>): Promise<ScriptRun>
  state(): FakeState
  change(part: Partial<FakeState>): void
  calls(): FakeCall[]
  forgetCalls(): void
  path(name: string): string
}

/** A folder with an `az` that is a fake, first on the PATH of the scripts that run in it. */
export function workplace(start: Partial<FakeState> = {}): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'))
  const state: FakeState = {
    cloud: clouds.commercial,
    outputs: {},
    applications: {},
    servicePrincipals: {},
    federated: {},
    grants: [],
    owners: {},
    appRoles: [],
    versions: { az: '2.76.0', bicep: '0.38.33' },
    regions: ['westeurope', 'usgovvirginia'],
    tokens: [],
    blobs: {},
    subscription: '11111111-1111-1111-1111-111111111111',
    ...start,
  }
  const path = (name: string) => join(folder, name)
  const journal = path('calls.jsonl')
  writeFileSync(path('state.json'), JSON.stringify(state))
  const runBash = (args: string[], environment: Record<string, string> = {}): Promise<ScriptRun> => {
    const env = {
      PATH: `${folder}:${process.env.PATH ?? ''}`,
      HOME: folder,
      TMPDIR: folder,
      DEPLOY_WAIT_SECONDS: '0',
      REGISTRATION_WAIT_SECONDS: '0',
      ...environment,
    }
    return new Promise((resolve) => {
      const child = execFile('bash', args, { env, cwd: folder }, (_, out, err) => {
        resolve({ code: child.exitCode ?? -1, out, err })
      })
    })
  }
  symlinkSync(join(scripts, '..'), path('infra'))
  // Compiled first, because a script calls it dozens of times.
  buildSync({ entryPoints: [fakeAz], outfile: path('az.mjs'), bundle: true, platform: 'node', format: 'esm' })
  writeFileSync(path('az'), `#!/bin/sh\nexec '${process.execPath}' '${path('az.mjs')}' '${folder}' "$@"\n`, {
    mode: 0o755,
  })
  return {
    path,
    run: (script, args, environment) => runBash([join(scripts, script), ...args], environment),
    step: (line, environment) => runBash(['-c', line], environment),
    state: () => JSON.parse(readFileSync(path('state.json'), 'utf8')),
    change: (part) => {
      const now: FakeState = JSON.parse(readFileSync(path('state.json'), 'utf8'))
      writeFileSync(path('state.json'), JSON.stringify({ ...now, ...part }))
    },
    calls: () =>
      existsSync(journal)
        ? readFileSync(journal, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
    forgetCalls: () => rmSync(journal, { force: true }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
