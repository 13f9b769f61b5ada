import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** As Central names it when `PythonExecutablePath` says nothing else. */
const python = process.platform === 'win32' ? 'python' : 'python3'

const script = fileURLToPath(new URL('../../infra/central/mm_auth_cb.py', import.meta.url))

/** How long Central waits for its script, in milliseconds; the script gives up long before. */
const patience = 60_000

/** What must be so for Central to run the script; undefined when all is well. */
export function pythonProblem(): string | undefined {
  const { error, status } = spawnSync(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))'])
  if (error !== undefined) return `${python} was not found. Install Python 3.8 or newer.`
  return status === 0 ? undefined : `${python} does not run, or is older than Python 3.8.`
}

/** One run of the callback script. */
export interface ScriptRun {
  /** The document that Central wrote to standard input. */
  input: Readonly<Record<string, unknown>>
  exitCode: number | null
  stdout: string
  stderr: string
}

/** The key-value pairs of `mm_auth_cb.json`. */
export interface ScriptSettings {
  url: string
  key: string
}

/** Central's folder `extensions`, on disk once it is needed: the script of this project and its settings. */
export class Extensions {
  #folder: Promise<string> | undefined

  /** Runs the script as Central does. @throws Error when there is no Python */
  async run(input: ScriptRun['input'], settings: ScriptSettings): Promise<ScriptRun> {
    this.#folder ??= layOut()
    const folder = await this.#folder
    await writeFile(join(folder, 'mm_auth_cb.json'), JSON.stringify(settings), { mode: 0o600 })
    const child = spawn(python, [join(folder, 'mm_auth_cb.py')], {
      env: { PATH: process.env.PATH, SYSTEMROOT: process.env.SYSTEMROOT },
      timeout: patience,
    })
    const closed = once(child, 'close') as Promise<[number | null]>
    // A script that ends early closes its input; what it printed says why.
    child.stdin.on('error', () => undefined).end(JSON.stringify(input))
    try {
      const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), closed])
      return { input, exitCode, stdout, stderr }
    } catch (cause) {
      throw new Error(`Central cannot run its callback script: ${pythonProblem() ?? 'it does not start.'}`, { cause })
    }
  }

  async remove(): Promise<void> {
    const folder = await this.#folder
    this.#folder = undefined
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function layOut(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'extensions-'))
  await copyFile(script, join(folder, 'mm_auth_cb.py'))
  return folder
}
