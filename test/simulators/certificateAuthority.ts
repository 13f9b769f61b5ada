/**
 * The private authority whose certificates the simulated peers show, so that every server-side call of the application
 * is TLS that is really verified (RFC 5280, sections 4.1 and 4.2; NODE_EXTRA_CA_CERTS of Node's "Command-line API").
 */
import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'

/** What a TLS listener needs, both in PEM. */
export interface ServerCertificate {
  key: string
  cert: string
}

/** A certificate authority that lives as long as the process: nothing of it is written to disk or trusted elsewhere. */
export interface CertificateAuthority {
  /** The root certificate, PEM. */
  pem: string
  /** A certificate for the loopback names (localhost, 127.0.0.1, ::1), valid for one day. */
  issue(names?: readonly string[]): Promise<ServerCertificate>
}

interface Keys {
  publicKey: string
  privateKey: string
}

type Certificate = ReturnType<typeof forge.pki.createCertificate>

const day = 24 * 60 * 60 * 1000

/** By Node, whose keys come much faster than the library's own. */
const generateKeys = (): Promise<Keys> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

function certificateFor(name: string, { publicKey }: Keys): Certificate {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  // The first digit keeps the number positive.
  certificate.serialNumber = `1${randomBytes(15).toString('hex')}`
  certificate.validity.notBefore = new Date(Date.now() - day)
  certificate.validity.notAfter = new Date(Date.now() + day)
  certificate.setSubject([{ name: 'commonName', value: name }])
  return certificate
}

function sign(certificate: Certificate, { privateKey }: Keys): string {
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate)
}

export async function createCertificateAuthority(name = 'Simulated authority'): Promise<CertificateAuthority> {
  const keys = await generateKeys()
  const root = certificateFor(name, keys)
  root.setIssuer(root.subject.attributes)
  root.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 1 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ])
  const pem = sign(root, keys)

  return {
    pem,
    async issue(names = ['localhost', '127.0.0.1', '::1']) {
      const own = await generateKeys()
      const certificate = certificateFor(names[0] ?? 'localhost', own)
      certificate.setIssuer(root.subject.attributes)
      certificate.setExtensions([
        { name: 'basicConstraints', critical: true, cA: false },
        { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: names.map((value) => (/^[\d.]+$|:/.test(value) ? { type: 7, ip: value } : { type: 2, value })),
        },
        { name: 'authorityKeyIdentifier', keyIdentifier: root.generateSubjectKeyIdentifier().getBytes() },
      ])
      return { key: own.privateKey, cert: sign(certificate, keys) }
    },
  }
}
