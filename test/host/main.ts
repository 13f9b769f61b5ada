import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { endWithParent } from './endWithParent.ts'
import { loadFunctionApp } from './functionApp.ts'
import { createHostServer } from './server.ts'

/**
 * The host alone: `node test/host/main.ts [--root folder]`, on PORT (7071; 0: any), loopback only. Log levels are chosen
 * as for the real host: AzureFunctionsJobHost__logging__logLevel__default.
 */
const levels = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']
const wanted = (process.env.AzureFunctionsJobHost__logging__logLevel__default ?? 'information').toLowerCase()
const threshold = Math.max(0, levels.indexOf(wanted))

const log = (level: string, category: string, message: string): void => {
  if (levels.indexOf(level) < threshold) return
  console.log(`[${new Date().toISOString()}] ${level} ${category}: ${message}`)
}

const { values } = parseArgs({ options: { root: { type: 'string' } } })
if (values.root !== undefined) process.chdir(values.root)
const functions = await loadFunctionApp(process.cwd(), log)

let functionKey = process.env.HOST_FUNCTION_KEY ?? ''
if (functionKey === '') {
  functionKey = randomBytes(32).toString('base64url')
  console.log(`function key: ${functionKey}`)
}
const server = createHostServer(functions, functionKey, log)
server.listen(Number(process.env.PORT ?? 7071), '127.0.0.1', () => {
  for (const { name, methods, route } of functions) console.log(`  ${name}: [${methods.join(',')}] /${route}`)
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`)
})
server.on('error', (error: NodeJS.ErrnoException) => {
  console.error(error.code === 'EADDRINUSE' ? 'The port is in use: set PORT to another one.' : error.message)
  process.exitCode = 1
})

const stop = (): void => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
endWithParent(stop)
