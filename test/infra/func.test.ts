import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Runs `npm run func`'s script in a folder of its own, with this `func` as the only program that it finds. */
function run(func: string | undefined): { status: number | null; err: string; settings: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'func-'))
  try {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    if (func !== undefined) writeFileSync(join(bin, 'func'), `#!/bin/sh\n${func}\n`, { mode: 0o755 })
    cpSync('local.settings.sample.json', join(folder, 'local.settings.sample.json'))
    const options = { cwd: folder, env: { PATH: bin }, encoding: 'utf8' } as const
    const { status, stderr } = spawnSync(process.execPath, [resolve('infra/scripts/func.ts')], options)
    return { status, err: stderr, settings: existsSync(join(folder, 'local.settings.json')) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.skipIf(process.platform === 'win32')('npm run func', () => {
  test('without Core Tools says how to get them, and leaves no settings behind', () => {
    const { status, err, settings } = run(undefined)
    expect([status, settings]).toEqual([1, false])
    expect(err).toContain('npm install -g azure-functions-core-tools@4')
  })

  test('with Core Tools makes the settings from the sample and ends as they do', () => {
    const { status, settings } = run('test "$1" = --version || exit 7')
    expect([status, settings]).toEqual([7, true])
  })
})
