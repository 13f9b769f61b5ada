import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfiguration, loadLowerLayers, readSavedConfiguration } from '../../shared/configuration/inForce.ts'
import { readSettings } from '../../shared/configuration/settings.ts'
import { AppError, type Failure } from '../../shared/failure.ts'
import { failureIn } from '../failing.ts'
import { clientId, least, redirectUri, tenantId } from './sampleConfiguration.ts'
import { memoryVault } from './storedSecrets.ts'

const name = 'micetro-entra-config'
const vaulted = {
  KEY_VAULT_URL: 'https://vault.test/',
  ENTRA_TENANT_ID: 'setting.test',
  ENTRA_CLIENT_ID: clientId,
  ENTRA_REDIRECT_URI: redirectUri,
}

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'configuration-'))
  file = join(folder, 'ext_auth_conf.json')
})
afterEach(() => rm(folder, { recursive: true }))

const load = (vault = memoryVault(), env: Record<string, string> = vaulted) =>
  loadConfiguration(readSettings(env), vault, file)

describe('The configuration in force', () => {
  it('is what was saved, over the file, over the settings', async () => {
    const vault = memoryVault()
    vault.put(name, JSON.stringify({ scope: ['Saved.Read'] }), 'v7')
    await writeFile(file, JSON.stringify({ microsoft: { tenant_id: 'file.test', scope: ['File.Read'] } }))
    const { configuration, sources, version } = await load(vault)
    expect(configuration).toMatchObject({ tenantId: 'file.test', clientId, scopes: ['Saved.Read', 'User.Read'] })
    expect(sources).toMatchObject({ scope: 'saved', tenant_id: 'file', client_id: 'setting', cloud: 'default' })
    expect(version).toBe('v7')
  })

  it('needs nothing saved', async () => {
    const { version, sources } = await load()
    expect(version).toBeUndefined()
    expect(sources.tenant_id).toBe('setting')
  })

  it('does not look for a saved one without a vault', async () => {
    const vault = memoryVault()
    const { KEY_VAULT_URL: _, ...local } = vaulted
    await load(vault, local)
    expect(vault.reads).toEqual([])
  })

  it('takes the credential of the file apart from it', async () => {
    await writeFile(file, JSON.stringify({ microsoft: { ...least, client_credential: 'hush' } }))
    const inForce = await load()
    expect(inForce.fileCredential?.reveal()).toBe('hush')
    expect(JSON.stringify(inForce)).not.toContain('hush')
  })

  for (const [what, text] of [
    ['emptied', ''],
    ['blank', ' \n'],
  ] as const) {
    it(`does without a file that is ${what}`, async () => {
      await writeFile(file, text)
      expect((await load()).configuration.tenantId).toBe('setting.test')
    })
  }

  it('is not loaded past a file that cannot be read', async () => {
    // A folder in its place.
    const failure = await failureIn(() => loadLowerLayers(readSettings(vaulted), folder))
    expect(failure).toEqual({ code: 'config_invalid', problems: ['ext_auth_conf.json cannot be read (EISDIR)'] })
  })

  it('is not loaded past a file with a fault', async () => {
    await writeFile(file, '{"microsoft": {"tenant": 1}}')
    expect(await failureIn(() => load())).toEqual({
      code: 'config_invalid',
      problems: ['microsoft.tenant: unknown key'],
    })
  })

  it('is not loaded past a vault that does not answer: an older layer must not come to the surface', async () => {
    const vault = memoryVault()
    vault.fault = new AppError({ code: 'vault_unreachable', reason: 'ENOTFOUND' })
    expect(await failureIn(() => load(vault))).toEqual({ code: 'vault_unreachable', reason: 'ENOTFOUND' })
  })
})

describe('A saved configuration in the vault', () => {
  it('is read as the uppermost layer', () => {
    expect(readSavedConfiguration(JSON.stringify({ tenant_id: tenantId }), name)).toEqual({
      source: 'saved',
      values: { tenant_id: tenantId },
    })
  })

  const invalid = (problem: string): Failure => ({ code: 'secret_invalid', secret: name, problem })
  const cases: [name: string, text: string, failure: Failure][] = [
    ['must be JSON', 'hush', invalid('it is not JSON')],
    ['must have known keys', '{"tenant":"hush"}', invalid('tenant: unknown key')],
    ['must not hold the credential', '{"client_credential":"hush"}', invalid('client_credential: unknown key')],
    [
      'tells every fault',
      '{"enabled":1,"match_by_name":"hush"}',
      invalid('enabled: enabled must be true or false; match_by_name: match_by_name must be true or false'),
    ],
  ]
  for (const [rule, text, failure] of cases) {
    it(rule, async () => expect(await failureIn(() => readSavedConfiguration(text, name))).toEqual(failure))
  }
})
