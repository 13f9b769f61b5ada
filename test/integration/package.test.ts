import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort, startHost } from '../hostProcess.ts'
import { filesOf, writePackage, zipFolder } from '../package.ts'
import { startWorld } from '../simulators/world.ts'
import { signIn } from './stage.ts'

let folder = ''

beforeAll(async () => {
  await writePackage('.tools/package-under-test')
  // Away from the project, so that no node_modules lies beside or above it.
  folder = mkdtempSync(join(tmpdir(), 'package-'))
  cpSync('.tools/package-under-test', folder, { recursive: true })
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync('.tools/package-under-test', { recursive: true, force: true })
})

test('the package holds the bundle, its manifest, host.json and the licence, and nothing else', () => {
  const files = filesOf(folder)
  const functions = files.filter((file) => file.startsWith('dist/functions/'))
  expect(functions).toEqual(
    ['callback', 'central', 'configPage', 'configuration', 'health', 'login', 'saveAndTest', 'testSignIn'].map(
      (name) => `dist/functions/${name}.js`,
    ),
  )
  const rest = files.filter((file) => !file.startsWith('dist/'))
  expect(rest).toEqual(['LICENSE', 'host.json', 'package.json'])
  expect(files.filter((file) => /node_modules|\.ts$|\.map$|settings|simulator/i.test(file))).toEqual([])
})

test('the zip holds the same files', () => {
  expect(Object.keys(unzipSync(zipFolder(folder))).sort()).toEqual(filesOf(folder))
})

test('the package alone, without node_modules beside it, signs a user in', async () => {
  const port = await freePort()
  const world = await startWorld({ port })
  const host = await startHost({ port, env: world.settings(port), root: folder })
  try {
    const done = await signIn({ host }, 'alice')
    expect([done.status, done.location]).toEqual([303, world.micetro.webUrl])
  } finally {
    await host.close()
    await world.close()
  }
})
