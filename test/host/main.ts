import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { format, parseArgs } from 'node:util'
import { endWithParent } from './endWithParent.ts'
import { loadFunctionApp } from './functionApp.ts'
import { KeyStore, keyStoreStates } from './keyStore.ts'
import { createHostServer } from './server.ts'

/**
 * The host alone: `node test/host/main.ts [--root folder]`, on PORT (7071; 0: any), loopback only. Its one key, for
 * every function and as the master key, is HOST_FUNCTION_KEY, else a random one that it prints. HOST_KEY_STORE says how
 * the storage behind the keys is: `up`, `down` (a request that needs it waits HOST_KEY_STORE_TIMEOUT milliseconds) or
 * `none`. Log levels are chosen as for the real host: AzureFunctionsJobHost__logging__logLevel__default.
 */
const levels = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']
const wanted = (process.env.AzureFunctionsJobHost__logging__logLevel__default ?? 'information').toLowerCase()
const threshold = Math.max(0, levels.indexOf(wanted))

const print = console.log.bind(console)
const log = (level: string, category: string, message: string): void => {
  if (levels.indexOf(level) < threshold) return
  print(`[${new Date().toISOString()}] ${level} ${category}: ${message}`)
}

const { values } = parseArgs({ options: { root: { type: 'string' } } })
if (values.root !== undefined) process.chdir(values.root)
for (const [method, level] of [
  ['log', 'information'],
  ['info', 'information'],
  ['debug', 'information'],
  ['warn', 'warning'],
  ['error', 'error'],
] as const)
  console[method] = (...parts: unknown[]) => log(level, 'Host.Function.Console', format(...parts))
const app = await loadFunctionApp(process.cwd(), log)

let key = process.env.HOST_FUNCTION_KEY ?? ''
if (key === '') {
  key = randomBytes(32).toString('base64url')
  print(`function key: ${key}`)
}
const state = keyStoreStates.find((each) => each === (process.env.HOST_KEY_STORE ?? 'up'))
if (state === undefined) throw new TypeError(`HOST_KEY_STORE must be one of ${keyStoreStates.join(', ')}`)
const keys = new KeyStore({ key, state, timeout: Number(process.env.HOST_KEY_STORE_TIMEOUT ?? 25_000), log })
const homepage = process.env.AzureWebJobsDisableHomepage?.toLowerCase() !== 'true'
const server = createHostServer({ app, keys, log, homepage })
server.listen(Number(process.env.PORT ?? 7071), '127.0.0.1', () => {
  for (const { name, methods, route } of app.http) print(`  ${name}: [${methods.join(',')}] /${route}`)
  for (const { name, schedule } of app.timers)
    print(`  ${name}: timer ${schedule}, fired by POST /admin/functions/${name}`)
  print(`listening on http://localhost:${(server.address() as AddressInfo).port}`)
})
server.on('error', (error: NodeJS.ErrnoException) => {
  process.stderr.write(
    `${error.code === 'EADDRINUSE' ? 'The port is in use: set PORT to another one.' : error.message}\n`,
  )
  process.exitCode = 1
})

const stop = (): void => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
endWithParent(stop)
