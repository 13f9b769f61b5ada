import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { StoredSecret } from '../../shared/configuration/secretStore.ts'
import { type ClientCredential, readCredential } from '../../shared/entra/credential.ts'
import type { Failure } from '../../shared/failure.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'
import { createCertificate, createEllipticCertificate, expiry, pkcs12Of, type TestCertificate } from './certificates.ts'
import { demandingPkcs12 } from './demandingPkcs12.ts'

const name = 'micetro-entra-client-credential'
let authority: TestCertificate
let leaf: TestCertificate
let stranger: TestCertificate
let elliptic: TestCertificate

beforeAll(async () => {
  authority = await createCertificate('Test authority')
  ;[leaf, stranger] = await Promise.all([createCertificate('app', authority), createCertificate('stranger')])
  elliptic = createEllipticCertificate('elliptic')
})

function stored(text: string, changes: Partial<StoredSecret> = {}): StoredSecret {
  return { value: new Secret(text), version: 'v1', contentType: undefined, expiresOn: undefined, ...changes }
}

const invalid = (problem: string): Failure => ({ code: 'secret_invalid', secret: name, problem })

describe('A client secret', () => {
  it('is taken as it is, with the expiry that the vault knows', async () => {
    const expiresOn = new Date('2027-01-01')
    const credential = await readCredential('secret', name, stored('the~secret', { expiresOn }))
    expect(credential).toMatchObject({ kind: 'secret', expiresOn })
    expect(credential.kind === 'secret' && credential.secret.reveal()).toBe('the~secret')
  })

  it('loses the line break that a file brought along', async () => {
    const credential = await readCredential('secret', name, stored(' the~secret\r\n'))
    expect(credential.kind === 'secret' && credential.secret.reveal()).toBe('the~secret')
  })

  const problems: [name: string, text: () => string, changes: Partial<StoredSecret>, problem: string][] = [
    ['must not be empty', () => ' \n', {}, 'it is empty'],
    [
      'must not be a certificate in PEM: the private key would be sent',
      () => leaf.keyPem + leaf.certificatePem,
      {},
      'it holds a certificate, but the credential kind is secret',
    ],
    [
      'must not be a certificate in PKCS#12: the private key would be sent',
      () => pkcs12Of(leaf, [leaf], '3des'),
      { contentType: 'application/x-pkcs12' },
      'it holds a certificate, but the credential kind is secret',
    ],
  ]
  for (const [rule, text, changes, problem] of problems) {
    it(rule, async () => {
      const failure = await failureIn(() => readCredential('secret', name, stored(text(), changes)))
      expect(failure).toEqual(invalid(problem))
    })
  }
})

describe('A certificate', () => {
  const forms: [name: string, text: () => string, chain: () => TestCertificate[]][] = [
    ['in PEM, key first', () => leaf.keyPem + leaf.certificatePem, () => [leaf]],
    ['in PEM, certificate first', () => leaf.certificatePem + leaf.keyPem, () => [leaf]],
    [
      'in PEM with its chain after it',
      () => leaf.keyPem + leaf.certificatePem + authority.certificatePem,
      () => [leaf, authority],
    ],
    [
      'in PEM with its chain before it',
      () => authority.certificatePem + leaf.certificatePem + leaf.keyPem,
      () => [leaf, authority],
    ],
    [
      'in PEM with line breaks of Windows',
      () => (leaf.keyPem + leaf.certificatePem).replaceAll('\n', '\r\n'),
      () => [leaf],
    ],
    ['in PKCS#12 with 3DES', () => pkcs12Of(leaf, [leaf], '3des'), () => [leaf]],
    ['in PKCS#12 with AES', () => pkcs12Of(leaf, [leaf], 'aes256'), () => [leaf]],
    ['in PKCS#12 with its chain', () => pkcs12Of(leaf, [leaf, authority], 'aes256'), () => [leaf, authority]],
    ['in PKCS#12 with its chain before it', () => pkcs12Of(leaf, [authority, leaf], '3des'), () => [leaf, authority]],
  ]
  for (const [form, text, chain] of forms) {
    it(`is read ${form}; the leaf leads`, async () => {
      const credential = await readCredential('certificate', name, stored(text()))
      const certificates = chain().map(({ certificatePem }) => new X509Certificate(certificatePem))
      expect(credential).toMatchObject({
        kind: 'certificate',
        thumbprintSha256: createHash('sha256')
          .update(certificates[0]?.raw ?? '')
          .digest('hex'),
        expiresOn: expiry,
      })
      expect(sentChain(credential)).toEqual(certificates.map((certificate) => certificate.fingerprint256))
    })
  }

  const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const encrypted = () =>
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    })
  /** Nobody needs primes for a key that is refused. */
  const longKey = () => {
    const number = (bytes: number) => Buffer.alloc(bytes, 0xab).toString('base64url')
    const parts = { n: number(1025), e: 'AQAB', d: number(1024), p: number(512), q: number(512) }
    const exponents = { dp: number(512), dq: number(512), qi: number(512) }
    const key = createPrivateKey({ format: 'jwk', key: { kty: 'RSA', ...parts, ...exponents } })
    return key.export({ type: 'pkcs8', format: 'pem' })
  }
  const noKey = 'it has no unencrypted RSA private key'
  const noForm = 'it is neither PEM nor PKCS#12 in base64 without a password'
  const problems: [name: string, text: () => string, problem: string][] = [
    ['needs its key', () => leaf.certificatePem, noKey],
    ['needs its certificate', () => leaf.keyPem, 'it has no certificate'],
    [
      'needs its own key',
      () => stranger.keyPem + leaf.certificatePem,
      'its private key belongs to none of its certificates',
    ],
    [
      'needs its own key in PKCS#12',
      () => pkcs12Of(stranger, [leaf], '3des'),
      'its private key belongs to none of its certificates',
    ],
    ['must not have an encrypted key', () => `${encrypted()}${leaf.certificatePem}`, noKey],
    [
      'must not have an elliptic key in its old form',
      () => `${ec().export({ type: 'sec1', format: 'pem' })}${leaf.certificatePem}`,
      noKey,
    ],
    ['must not have an elliptic key', () => elliptic.keyPem + elliptic.certificatePem, 'Entra ID takes RSA keys only'],
    ['must not be a client secret', () => 'the~secret', noForm],
    ['must not have a password', () => pkcs12Of(leaf, [leaf], '3des', 'password'), noForm],
    [
      'must be readable',
      () => `${leaf.keyPem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      'its key or certificate cannot be read',
    ],
    ['must not be empty', () => '', 'it is empty'],
    [
      'needs a certificate beside a key under a seal',
      () => demandingPkcs12(leaf, 2048, 'key under the seal'),
      'it has no certificate',
    ],
    ['must not be endless', () => 'x'.repeat(100_001), 'it is longer than 100000 characters'],
    [
      'must not be without an end that is looked for again and again',
      () => '-----BEGIN PRIVATE KEY-----\n'.repeat(3500),
      noKey,
    ],
    ['must not be nested without end', () => Buffer.from('3080'.repeat(30_000), 'hex').toString('base64'), noForm],
    [
      'must not have a key of many times the usual length',
      () => longKey() + leaf.certificatePem,
      'its key is longer than 8192 bits',
    ],
    ...(['checksum', 'key', 'seal', 'key under the seal'] as const).map((at): [string, () => string, string] => [
      `must not ask for millions of rounds of key derivation: ${at}`,
      () => demandingPkcs12(leaf, 3_000_000, at),
      'its PKCS#12 asks for too many rounds of key derivation: export it again with 2,048',
    ]),
    [
      'must not ask for a number of rounds that looks negative',
      () => demandingPkcs12(leaf, 0xffffffff, 'key'),
      'its PKCS#12 asks for too many rounds of key derivation: export it again with 2,048',
    ],
  ]
  for (const [rule, text, problem] of problems) {
    it(rule, async () => {
      const failure = await failureIn(() => readCredential('certificate', name, stored(text())))
      expect(failure).toEqual(invalid(problem))
    })
  }
})

/** Fingerprints of the chain that goes to Entra ID. */
function sentChain(credential: ClientCredential): string[] {
  const pem = credential.kind === 'certificate' ? credential.x5c : ''
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (each) => new X509Certificate(each).fingerprint256,
  )
}
