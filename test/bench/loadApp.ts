import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadFunctionApp } from '../host/functionApp.ts'

/** In a fresh process: loads a function app as the worker does, with `all` every file of its `dist`; prints the cost. */
const [root = '.', extent] = process.argv.slice(2)
const cpu = process.cpuUsage()
const begun = performance.now()
await loadFunctionApp(root, () => undefined)
if (extent === 'all')
  for (const file of globSync('dist/chunks/*.js', { cwd: root })) await import(pathToFileURL(join(root, file)).href)
const wall = performance.now() - begun
const { user, system } = process.cpuUsage(cpu)
process.stdout.write(JSON.stringify({ cpu: (user + system) / 1000, wall }), () => process.exit(0))
