import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { azCommands, azGlobalOptions } from './azCommands.ts'
import { azdCommands } from './azdCommands.ts'

/** Neither installs an extension, looks for a newer release, nor tells anybody that it was asked. */
const env = {
  ...process.env,
  AZURE_CORE_COLLECT_TELEMETRY: 'false',
  AZURE_EXTENSION_USE_DYNAMIC_INSTALL: 'no',
  AZURE_DEV_COLLECT_TELEMETRY: 'no',
  AZD_SKIP_UPDATE_CHECK: 'true',
}
const shell = process.platform === 'win32'

/** Options in the help of a command; none where the program does not know it. */
function optionsOf(program: string, command: string): Promise<readonly string[]> {
  return new Promise((done) => {
    execFile(program, [...command.split(' '), '--help'], { env, shell }, (error, out) => {
      done(error === null ? (out.match(/(?<![\w-])--[a-z][\w-]*/g) ?? []) : [])
    })
  })
}

/** Whether the program is there, and of the least version that is asked for; an older az knows less. */
function isThere(program: string, version: RegExp, asked: string): boolean {
  if (process.env.INFRA_CHECK !== 'required') return false
  const [, major, minor] = version.exec(spawnSync(program, ['version'], { env, shell, encoding: 'utf8' }).stdout) ?? []
  const [, leastMajor, leastMinor] = /(\d+)\.(\d+)/.exec(asked) ?? []
  return Number(major) * 1000 + Number(minor) >= Number(leastMajor) * 1000 + Number(leastMinor)
}

const asked = (path: string, pattern: RegExp): string => pattern.exec(readFileSync(path, 'utf8'))?.[0] ?? ''
const leastAz = asked('infra/scripts/azureCli.sh', /^least_az=.*/m)
const leastAzd = asked('azure.yaml', /azd: .*/)

describe.runIf(isThere('az', /"azure-cli": "(\d+)\.(\d+)/, leastAz))('the help of az', () => {
  test.concurrent.each(Object.entries(azCommands))('has az %s with its options', async (command, options) => {
    expect(await optionsOf('az', command)).toEqual(expect.arrayContaining([...azGlobalOptions, ...options]))
  })
})

describe.runIf(isThere('azd', /(\d+)\.(\d+)/, leastAzd))('the help of azd', () => {
  test.each(Object.entries(azdCommands))('has azd %s with its options', async (command, options) => {
    expect(await optionsOf('azd', command)).toEqual(expect.arrayContaining(['--help', ...options]))
  })
})
