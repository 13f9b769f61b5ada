import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

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

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 24 * 60 * 60 * 1000

export async function createCertificateAuthority(name = 'Simulated authority'): Promise<CertificateAuthority> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })

  return {
    pem: root.toString('pem'),
    async issue(names = ['localhost', '127.0.0.1', '::1']) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${names[0]}`,
        issuer: root.subject,
        notBefore: new Date(Date.now() - day),
        notAfter: new Date(Date.now() + day),
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value })),
          ),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          await x509.AuthorityKeyIdentifierExtension.create(root),
        ],
      })
      const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', own.privateKey), 'PRIVATE KEY')
      return { key, cert: certificate.toString('pem') }
    },
  }
}
