import { generateKeyPair, generateKeyPairSync, sign } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'

export interface TestCertificate {
  keyPem: string
  certificatePem: string
}

const keyPair = async (): Promise<{ publicKey: string; privateKey: string }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

export const expiry = new Date('2030-01-01T00:00:00Z')

/** A certificate with its key; signed by the issuer, or by itself. */
export async function createCertificate(name: string, issuer?: TestCertificate): Promise<TestCertificate> {
  const { publicKey, privateKey } = await keyPair()
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  certificate.serialNumber = '01'
  certificate.validity.notBefore = new Date('2025-01-01T00:00:00Z')
  certificate.validity.notAfter = expiry
  const subject = [{ name: 'commonName', value: name }]
  certificate.setSubject(subject)
  certificate.setIssuer(issuer ? forge.pki.certificateFromPem(issuer.certificatePem).subject.attributes : subject)
  certificate.sign(forge.pki.privateKeyFromPem(issuer?.keyPem ?? privateKey), forge.md.sha256.create())
  return { keyPem: privateKey, certificatePem: forge.pki.certificateToPem(certificate) }
}

/** One element of ASN.1 in DER (X.690). */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const pemOf = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

/** One with an elliptic key, which the library cannot make (RFC 5280 4.1). */
export function createEllipticCertificate(name: string): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const integer = (value: number) => der(0x02, Buffer.from([value]))
  const time = (text: string) => der(0x17, Buffer.from(text))
  const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const subject = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(name)))))
  const toBeSigned = der(
    0x30,
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    subject,
    der(0x30, time('250101000000Z'), time('300101000000Z')),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey))
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: pemOf('CERTIFICATE', der(0x30, toBeSigned, ecdsaWithSha256, signature)),
  }
}

/** The same in PKCS#12 and base64, as Key Vault stores certificates. */
export function pkcs12Of(
  { keyPem }: TestCertificate,
  certificates: readonly TestCertificate[],
  algorithm: '3des' | 'aes256',
  password = '',
): string {
  const container = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(keyPem),
    certificates.map(({ certificatePem }) => forge.pki.certificateFromPem(certificatePem)),
    password,
    { algorithm },
  )
  return forge.util.encode64(forge.asn1.toDer(container).getBytes())
}
