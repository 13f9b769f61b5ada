import { beforeAll, describe, expect, it } from 'vitest'
import type { IdentityToken } from '../../shared/configuration/azureIdentity.ts'
import type { SavedConfiguration } from '../../shared/configuration/entraConfiguration.ts'
import type { InForce } from '../../shared/configuration/inForce.ts'
import { CredentialSource } from '../../shared/entra/credentialSource.ts'
import { AppError } from '../../shared/failure.ts'
import { Secret } from '../../shared/secret.ts'
import { configurationOf } from '../configuration/sampleConfiguration.ts'
import { memoryVault } from '../configuration/storedSecrets.ts'
import { failureIn } from '../failing.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'
import { createCertificate, type TestCertificate } from './certificates.ts'

const name = 'micetro-entra-client-credential'
const minute = 60_000
const hour = 60 * minute

function inForceWith(values: SavedConfiguration = {}, changes: Partial<InForce> = {}): InForce {
  return {
    configuration: configurationOf(values),
    shown: {},
    sources: {},
    version: 'v1',
    fileCredential: undefined,
    ...changes,
  }
}

function source(getToken: IdentityToken['getToken'] = () => Promise.reject(new TypeError('not asked'))) {
  const vault = memoryVault()
  const clock = fakeClock()
  const credentials = new CredentialSource(vault, name, async () => ({ getToken }), clock)
  return { vault, clock, credentials }
}

/** The text of a client secret. */
async function secretOf(given: ReturnType<CredentialSource['renew']>): Promise<string | undefined> {
  const versioned = await given
  return versioned?.credential.kind === 'secret' ? versioned.credential.secret.reveal() : undefined
}

describe('The client credential', () => {
  it('is the newest in the vault', async () => {
    const { vault, credentials } = source()
    vault.put(name, 'old', '1')
    vault.put(name, 'new', '2')
    expect(await secretOf(credentials.get(inForceWith()))).toBe('new')
  })

  it('is the version that the configuration names: both were tested together', async () => {
    const { vault, credentials } = source()
    vault.put(name, 'tested', '1')
    vault.put(name, 'untested', '2')
    expect(await secretOf(credentials.get(inForceWith({ credential_version: '1' })))).toBe('tested')
  })

  it('is the newest when the named version is gone', async () => {
    const { vault, credentials } = source()
    vault.put(name, 'newest', '2')
    expect(await secretOf(credentials.get(inForceWith({ credential_version: '1' })))).toBe('newest')
  })

  it('is that of the file while the vault has none', async () => {
    const { vault, credentials } = source()
    const inForce = inForceWith({}, { fileCredential: new Secret('from the file') })
    expect(await secretOf(credentials.get(inForce))).toBe('from the file')
    vault.put(name, 'from the vault', '1')
    expect(await secretOf(credentials.renew(inForce, await credentials.get(inForce)))).toBe('from the vault')
  })

  it('that is nowhere is named', async () => {
    const { credentials } = source()
    expect(await failureIn(() => credentials.get(inForceWith()))).toEqual({ code: 'secret_missing', secret: name })
  })

  it('is read once in five minutes', async () => {
    const { vault, clock, credentials } = source()
    vault.put(name, 'secret', '1')
    await credentials.get(inForceWith())
    clock.pass(5 * minute - 1)
    await credentials.get(inForceWith())
    expect(vault.reads).toHaveLength(1)
    clock.pass(1)
    await credentials.get(inForceWith())
    expect(vault.reads).toHaveLength(2)
  })

  it('still serves while the vault does not answer', async () => {
    const { vault, clock, credentials } = source()
    vault.put(name, 'secret', '1')
    await credentials.get(inForceWith())
    vault.fault = new AppError({ code: 'vault_unreachable', reason: 'ENOTFOUND' })
    clock.pass(11 * hour)
    expect(await secretOf(credentials.get(inForceWith()))).toBe('secret')
    clock.pass(2 * hour)
    expect(await failureIn(() => credentials.get(inForceWith()))).toMatchObject({ code: 'vault_unreachable' })
  })

  const changes: [name: string, before: InForce, after: InForce][] = [
    ['a new version of the configuration', inForceWith(), inForceWith({}, { version: 'v2' })],
    ['another version of the credential', inForceWith(), inForceWith({ credential_version: '1' })],
    ['another client id', inForceWith(), inForceWith({ client_id: '77777777-7777-4777-8777-777777777777' })],
  ]
  for (const [change, before, after] of changes) {
    it(`is read anew after ${change}`, async () => {
      const { vault, credentials } = source()
      vault.put(name, 'secret', '1')
      await credentials.get(before)
      await credentials.get(after)
      expect(vault.reads).toHaveLength(2)
    })
  }
})

describe('A credential that Entra ID refused', () => {
  it('gives way to a newer one, past the version that the configuration names', async () => {
    const { vault, credentials } = source()
    const inForce = inForceWith({ credential_version: '1' })
    vault.put(name, 'expired', '1')
    const refused = await credentials.get(inForce)
    vault.put(name, 'rotated', '2')
    expect(await secretOf(credentials.renew(inForce, refused))).toBe('rotated')
    expect(await secretOf(credentials.get(inForce))).toBe('rotated')
  })

  it('has no successor when the vault has the same one', async () => {
    const { vault, credentials } = source()
    vault.put(name, 'wrong', '1')
    const refused = await credentials.get(inForceWith())
    expect(await credentials.renew(inForceWith(), refused)).toBeUndefined()
  })

  it('has no successor where there is no secret at all', async () => {
    const { vault, credentials } = source(async () => ({ token: 'assertion', expiresOnTimestamp: 0 }))
    const inForce = inForceWith({ credential_kind: 'managed-identity' })
    expect(await credentials.renew(inForce, await credentials.get(inForce))).toBeUndefined()
    expect(vault.reads).toEqual([])
  })

  it('is looked for once in five seconds, however many ask, and not offered again meanwhile', async () => {
    const { vault, clock, credentials } = source()
    vault.put(name, 'expired', '1')
    const refused = await credentials.get(inForceWith())
    const refusal = { failure: { code: 'entra_refused', error: 'invalid_client' }, claims: undefined } as const
    const reads = vault.reads.length
    await Promise.all(Array.from({ length: 300 }, () => credentials.renew(inForceWith(), refused)))
    expect(vault.reads).toHaveLength(reads + 1)
    const uri = 'https://signin.test/callback'
    credentials.refuse(inForceWith(), uri, refused, refusal)
    clock.pass(4999)
    expect(credentials.refusalOf(inForceWith(), uri, refused)).toBe(refusal)
    expect(credentials.refusalOf(inForceWith(), 'https://central.test/callback', refused)).toBeUndefined()
    expect(credentials.refusalOf(inForceWith({}, { version: 'v2' }), uri, refused)).toBeUndefined()
    vault.put(name, 'rotated', '2')
    clock.pass(1)
    expect(credentials.refusalOf(inForceWith(), uri, refused)).toBeUndefined()
    expect(await secretOf(credentials.renew(inForceWith(), refused))).toBe('rotated')
    expect(credentials.refusalOf(inForceWith(), uri, await credentials.get(inForceWith()))).toBeUndefined()
  })

  describe('that is a certificate', () => {
    let first: TestCertificate
    let second: TestCertificate
    beforeAll(async () => {
      ;[first, second] = await Promise.all([createCertificate('first'), createCertificate('second')])
    })

    it('gives way to another certificate', async () => {
      const { vault, credentials } = source()
      const inForce = inForceWith({ credential_kind: 'certificate' })
      vault.put(name, first.keyPem + first.certificatePem, '1')
      const refused = await credentials.get(inForce)
      vault.put(name, second.keyPem + second.certificatePem, '2')
      const renewed = await credentials.renew(inForce, refused)
      expect(renewed?.version).toBe('2')
    })
  })
})

describe('A managed identity as the credential', () => {
  const identity = { credential_kind: 'managed-identity' } as const

  const clouds: [values: SavedConfiguration, audience: string][] = [
    [{ ...identity, cloud: 'commercial' }, 'api://AzureADTokenExchange/.default'],
    [{ ...identity, cloud: 'usgov' }, 'api://AzureADTokenExchangeUSGov/.default'],
    [{ ...identity, cloud: 'usgov-dod' }, 'api://AzureADTokenExchangeUSGov/.default'],
    [{ ...identity, cloud: 'china' }, 'api://AzureADTokenExchangeChina/.default'],
  ]
  for (const [values, audience] of clouds) {
    it(`asks for a token of ${values.cloud}, once a minute`, async () => {
      const asked: unknown[] = []
      const { clock, credentials } = source(async (scopes) => {
        asked.push(scopes)
        return { token: `assertion ${asked.length}`, expiresOnTimestamp: 0 }
      })
      const { credential } = await credentials.get(inForceWith(values))
      const assertion = credential.kind === 'managed-identity' ? credential.assertion : () => Promise.resolve('')
      expect([await assertion(), await assertion()]).toEqual(['assertion 1', 'assertion 1'])
      clock.pass(minute)
      expect(await assertion()).toBe('assertion 2')
      expect(asked).toEqual([audience, audience])
    })
  }

  const faults: [name: string, getToken: IdentityToken['getToken'], reason: string][] = [
    ['gives none', async () => null, 'no token'],
    ['fails', () => Promise.reject(new RangeError('with a token inside: hush')), 'RangeError'],
  ]
  for (const [fault, getToken, reason] of faults) {
    it(`that ${fault} is told by its reason alone`, async () => {
      const { credentials } = source(getToken)
      const { credential } = await credentials.get(inForceWith(identity))
      const failure = await failureIn(() => credential.kind === 'managed-identity' && credential.assertion())
      expect(failure).toEqual({ code: 'identity_unavailable', reason })
    })
  }
})
