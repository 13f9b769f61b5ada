import { resolve } from 'node:path'
import { loadFunctionApp } from './functionApp.ts'

/** Prints how long a fresh process takes to load the functions of a folder, in milliseconds. */
const root = resolve(process.argv[2] ?? '.')
const begun = performance.now()
const { http, timers } = await loadFunctionApp(root, () => undefined)
console.log(`cold load of ${http.length + timers.length} functions: ${(performance.now() - begun).toFixed(0)} ms`)
