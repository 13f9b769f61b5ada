import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'

/** `npm run func`: the functions under Azure Functions Core Tools, where that program is installed. */
// On Windows the program is a command file, which only a shell starts.
const shell = process.platform === 'win32'
if (spawnSync('func', ['--version'], { shell, stdio: 'ignore' }).status !== 0) {
  console.error(
    'Azure Functions Core Tools are not installed: run "npm install -g azure-functions-core-tools@4", or use "npm run host".',
  )
  process.exitCode = 1
} else {
  if (!existsSync('local.settings.json')) {
    copyFileSync('local.settings.sample.json', 'local.settings.json')
    console.log('local.settings.json was made from the sample: fill in your own values.')
  }
  const child = spawn('func', ['start'], { shell, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}
