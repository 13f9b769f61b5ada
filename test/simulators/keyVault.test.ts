import { ManagedIdentityCredential } from '@azure/identity'
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type ServerCertificate,
} from './certificateAuthority.ts'
import { type SimulatedIdentity, startIdentityEndpoint } from './identityEndpoint.ts'
import { type SimulatedKeyVault, startKeyVault } from './keyVault.ts'

let authority: CertificateAuthority
let certificate: ServerCertificate
let identity: SimulatedIdentity
let vault: SimulatedKeyVault
let client: SecretClient

beforeAll(async () => {
  authority = await createCertificateAuthority()
  certificate = await authority.issue()
  identity = await startIdentityEndpoint({
    issuer: 'https://login.microsoftonline.com/tenant/v2.0',
    tenantId: 'tenant',
  })
  for (const [name, value] of Object.entries(identity.environment)) vi.stubEnv(name, value)
})

beforeEach(async () => {
  vault = await startKeyVault({ certificate, resolveToken: identity.resolveToken })
  client = connect()
})

afterEach(() => vault.close())

afterAll(async () => {
  vi.unstubAllEnvs()
  await identity.close()
})

function connect(options: SecretClientOptions = {}): SecretClient {
  return new SecretClient(vault.url, new ManagedIdentityCredential({ clientId: identity.clientId }), {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca: authority.pem },
    retryOptions: { maxRetries: 0 },
    ...options,
  })
}

const conflict = (code: string) => ({
  statusCode: 409,
  code: 'Conflict',
  details: { error: { innerError: { code } } },
})

describe('the client of the SDK', () => {
  it('answers the challenge once, then reads the latest and any earlier version', async () => {
    const first = vault.set('credential', 'one')
    vault.set('credential', 'two')
    expect((await client.getSecret('credential')).value).toBe('two')
    expect(await client.getSecret('credential', { version: first })).toMatchObject({
      name: 'credential',
      value: 'one',
      properties: { version: first, enabled: true, vaultUrl: vault.url },
    })
    expect(vault.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([false, true, true])
  })

  it('sets a new version with all that belongs to it, and sends the value only after the challenge', async () => {
    const expiresOn = new Date('2027-05-06T07:08:09Z')
    const options = { contentType: 'application/json', expiresOn }
    const { properties } = await client.setSecret('configuration', '{"a":1}', options)
    expect(await client.getSecret('configuration')).toMatchObject({
      value: '{"a":1}',
      properties: { ...options, version: properties.version },
    })
    expect(vault.versions('configuration')).toMatchObject([
      {
        value: '{"a":1}',
        version: properties.version,
        contentType: 'application/json',
        exp: expiresOn.getTime() / 1000,
      },
    ])
    expect(vault.requests[0]?.body).toBe('')
  })

  it('lists the versions page by page, without their values and not by age', async () => {
    const made = [1, 2, 3, 4, 5].map((day) =>
      vault.set('key', `value ${day}`, { createdOn: new Date(`2026-01-0${day}T00:00:00Z`) }),
    )
    const listed: { version: string | undefined; createdOn: Date | undefined }[] = []
    for await (const { version, createdOn } of client.listPropertiesOfSecretVersions('key')) {
      listed.push({ version, createdOn })
    }
    expect(listed.map(({ version }) => version)).toEqual(made.toSorted())
    expect(listed.find(({ version }) => version === made[2])?.createdOn).toEqual(new Date('2026-01-03T00:00:00Z'))
    expect(vault.requests.filter(({ query }) => query.includes('skiptoken'))).toHaveLength(1)
  })

  it('is told what is missing', async () => {
    vault.set('credential', 'one')
    const missing = { statusCode: 404, code: 'SecretNotFound' }
    await expect(client.getSecret('nothing')).rejects.toMatchObject(missing)
    await expect(client.getSecret('credential', { version: '0'.repeat(32) })).rejects.toMatchObject(missing)
    await expect(client.beginRecoverDeletedSecret('nothing')).rejects.toMatchObject(missing)
  })

  it('is told that a version is disabled; the latest one is the latest nevertheless', async () => {
    const first = vault.set('credential', 'one')
    vault.disable('credential', vault.set('credential', 'two'))
    await expect(client.getSecret('credential')).rejects.toMatchObject({
      statusCode: 403,
      details: { error: { innerError: { code: 'SecretDisabled' } } },
    })
    expect((await client.getSecret('credential', { version: first })).value).toBe('one')
  })

  it('recovers a deleted secret before it can be set, and is put off for a while afterwards', async () => {
    vault.set('credential', 'one')
    vault.softDelete('credential')
    await expect(client.getSecret('credential')).rejects.toMatchObject({ statusCode: 404 })
    await expect(client.setSecret('credential', 'two')).rejects.toMatchObject(conflict('ObjectIsDeletedButRecoverable'))
    const poller = await client.beginRecoverDeletedSecret('credential', { intervalInMs: 1 })
    expect((await poller.pollUntilDone()).name).toBe('credential')
    await expect(client.setSecret('credential', 'two')).rejects.toMatchObject(conflict('ObjectIsBeingRecovered'))
    await client.setSecret('credential', 'two')
    expect(vault.versions('credential').map(({ value }) => value)).toEqual(['one', 'two'])
  })

  it('is refused by role, for reading, writing and recovering apart', async () => {
    const forbidden = {
      statusCode: 403,
      code: 'Forbidden',
      details: { error: { innerError: { code: 'ForbiddenByRbac' } } },
    }
    vault.set('a', 'one')
    vault.forbid('read')
    await expect(client.getSecret('a')).rejects.toMatchObject(forbidden)
    await client.setSecret('a', 'two')
    vault.permit()
    vault.forbid('write')
    await expect(client.setSecret('a', 'two')).rejects.toMatchObject(forbidden)
    await client.getSecret('a')
    vault.forbid('recover')
    vault.softDelete('a')
    await expect(client.beginRecoverDeletedSecret('a')).rejects.toMatchObject(forbidden)
  })

  it('is throttled, and tries again by itself when it may', async () => {
    vault.set('credential', 'one')
    vault.throttle(0)
    await expect(client.getSecret('credential')).rejects.toMatchObject({ statusCode: 429, code: 'Throttled' })
    vault.throttle(0)
    expect((await connect({ retryOptions: { maxRetries: 1 } }).getSecret('credential')).value).toBe('one')
  })

  it('refuses the vault when the challenge may not name another host', async () => {
    const strict = connect({ disableChallengeResourceVerification: false })
    await expect(strict.getSecret('credential')).rejects.toThrow(/does not match the requested domain/)
  })
})

describe('the vault', () => {
  it('names its resource and its tenant in the challenge, and takes no token of another resource or of the past', async () => {
    const resource = 'https://vault.azure.net'
    const other = await startKeyVault({
      certificate,
      resolveToken: (token) =>
        token === 'unknown'
          ? undefined
          : { resource: token.slice(1), principalId: 'p', expiresOn: Number(token[0]) * 1e13 },
    })
    const read = (token: string, asked: unknown[] = []) =>
      new SecretClient(
        other.url,
        {
          async getToken(scopes, options) {
            asked.push(scopes, options?.tenantId)
            return { token, expiresOnTimestamp: Date.now() + 3_600_000 }
          },
        },
        { disableChallengeResourceVerification: true, tlsOptions: { ca: authority.pem } },
      ).getSecret('x')
    const asked: unknown[] = []
    await expect(read(`1${resource}`, asked)).rejects.toMatchObject({ statusCode: 404 })
    expect(asked).toEqual([[`${resource}/.default`], '00000000-0000-4000-8000-00000000c0de'])
    for (const token of ['1https://vault.usgovcloudapi.net', `0${resource}`, 'unknown']) {
      await expect(read(token)).rejects.toMatchObject({ statusCode: 401, code: 'Unauthorized' })
    }
    await other.close()
  })

  it('knows the versions of its API, and the operations that are simulated', async () => {
    const old = connect({ serviceVersion: '7.4' })
    await expect(old.getSecret('x')).rejects.toMatchObject({ statusCode: 400, code: 'BadParameter' })
    await expect(connect({ serviceVersion: '2025-07-01' }).getSecret('x')).rejects.toMatchObject({ statusCode: 404 })
    await expect(client.purgeDeletedSecret('x')).rejects.toMatchObject({ statusCode: 404, code: 'NotFound' })
  })
})
