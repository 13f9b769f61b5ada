import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesOf, writePackage, zipFolder } from '../../infra/scripts/package.ts'
import { buildId } from '../../shared/buildId.atBuild.ts'
import { freePort, startHost } from '../host/hostProcess.ts'
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

test('the package holds the bundle, its manifest, the name of the build, host.json and the licence, and nothing else', () => {
  const files = filesOf(folder)
  const functions = files.filter((file) => file.startsWith('dist/functions/'))
  expect(functions).toEqual(
    [
      'callback',
      'central',
      'configGroups',
      'configPage',
      'configuration',
      'health',
      'login',
      'reconcile',
      'reconcileNow',
      'saveAndTest',
      'testSignIn',
    ].map((name) => `dist/functions/${name}.js`),
  )
  const rest = files.filter((file) => !file.startsWith('dist/'))
  expect(rest).toEqual(['LICENSE', 'THIRD-PARTY-NOTICES', `build-${buildId}`, 'host.json', 'package.json'])
  expect(files.filter((file) => /node_modules|\.ts$|\.map$|settings|simulator/i.test(file))).toEqual([])
})

test('every package in the bundle has its notice', () => {
  const notices = readFileSync(join(folder, 'THIRD-PARTY-NOTICES'), 'utf8')
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> }
  for (const name of Object.keys(dependencies)) expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'))
  expect(notices.match(/Permission is hereby granted|Apache License|Redistribution and use/g)?.length).toBeGreaterThan(
    10,
  )
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

test("an ext_auth_conf.json at the app's root configures it, credential included, until something is saved", async () => {
  const port = await freePort()
  const world = await startWorld({ port })
  world.vault.softDelete('micetro-entra-client-credential')
  const { ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_REDIRECT_URI, ...settings } = world.settings(port)
  const microsoft = {
    tenant_id: ENTRA_TENANT_ID,
    client_id: ENTRA_CLIENT_ID,
    client_credential: world.secrets.clientSecret,
    redirect_uri: ENTRA_REDIRECT_URI,
  }
  writeFileSync(join(folder, 'ext_auth_conf.json'), JSON.stringify({ microsoft }))
  const host = await startHost({ port, env: settings, root: folder })
  const headers = { 'x-functions-key': host.functionKey }
  try {
    expect((await signIn({ host }, 'alice')).status).toBe(303)
    const shown = await fetch(`${host.url}/config/microsoft`, { headers })
    expect(await shown.json()).toMatchObject({ sources: { client_id: 'file', cloud: 'setting', enabled: 'default' } })

    const body = JSON.stringify({ configuration: { enabled: true }, save: true })
    const saved = await fetch(`${host.url}/config/microsoft/save-and-test`, { method: 'POST', headers, body })
    expect(await saved.json()).toMatchObject({ saved: true, outcome: 'passed' })
    expect(world.vault.versions('micetro-entra-client-credential').at(-1)?.value).toBe(world.secrets.clientSecret)
  } finally {
    rmSync(join(folder, 'ext_auth_conf.json'))
    await host.close()
    await world.close()
  }
})
