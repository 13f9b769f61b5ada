import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { recordOutput, recordSecret } from '../noSecrets/record.ts'

/** The light host in a process of its own, as `npm run host` starts it. */
export interface HostProcess {
  url: string
  pid: number
  functionKey: string
  /** All that it has printed. */
  output(): string
  /** Ends it as an operator would, with SIGTERM. @returns its exit code */
  close(): Promise<number | null>
}

export interface HostOptions {
  port: number
  env: Record<string, string>
  /** Folder of package.json and host.json; default: the project. */
  root?: string
  /** Called with every line that it prints. */
  onLine?: (line: string) => void
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}

/** In a test run everything is logged, so that a secret in any line is found. */
const talkative = process.env.NO_SECRETS_FOLDER !== undefined && {
  AzureFunctionsJobHost__logging__logLevel__default: 'Trace',
}

const functionKey = 'function-key-of-the-local-host'

/** Starts the host and resolves when it listens. The environment is the given one only, so that no setting leaks in. */
export async function startHost({ port, env, root = '.', onLine }: HostOptions): Promise<HostProcess> {
  const key = env.HOST_FUNCTION_KEY ?? functionKey
  recordSecret(key)
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { host: string } }
  const flags = scripts.host.split(' ').filter((part) => part.startsWith('--'))
  const child = spawn(process.execPath, [...flags, resolve('test/host/main.ts'), '--root', resolve(root)], {
    env: { PATH: process.env.PATH ?? '', HOST_FUNCTION_KEY: functionKey, ...talkative, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let line = ''
  const take = (chunk: Buffer): void => {
    const text = chunk.toString()
    printed += text
    recordOutput(child.pid ?? 0, text)
    line += text
    const lines = line.split('\n')
    line = lines.pop() ?? ''
    for (const each of lines) onLine?.(each)
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  await listening(child, () => printed)
  return {
    url: `http://localhost:${port}`,
    pid: child.pid ?? 0,
    functionKey: key,
    output: () => printed,
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        await exit
      }
      return child.exitCode
    },
  }
}

function listening(child: ChildProcess, printed: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      if (printed().includes('listening on ')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the host ended with ${code}: ${printed()}`)))
  })
}
