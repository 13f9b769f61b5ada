import forge from 'node-forge'

/** A self-signed client certificate in the forms in which Key Vault stores one. */
export interface ClientCertificate {
  certificatePem: string
  /** Private key and certificate. */
  pem: string
  /** The same as PKCS#12 in base64, without a password. */
  pkcs12: string
}

/** @param days until it ends; negative: it has ended */
export async function makeCertificate(days = 365): Promise<ClientCertificate> {
  const keys = await new Promise<forge.pki.rsa.KeyPair>((resolve, reject) => {
    forge.pki.rsa.generateKeyPair({ bits: 2048 }, (error, pair) => (error ? reject(error) : resolve(pair)))
  })
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = keys.publicKey
  certificate.serialNumber = '01'
  certificate.validity.notBefore = new Date(Date.now() - 400 * 86_400_000)
  certificate.validity.notAfter = new Date(Date.now() + days * 86_400_000)
  const name = [{ name: 'commonName', value: 'Micetro sign-in' }]
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.sign(keys.privateKey, forge.md.sha256.create())
  const certificatePem = forge.pki.certificateToPem(certificate)
  const container = forge.pkcs12.toPkcs12Asn1(keys.privateKey, [certificate], '', { algorithm: '3des' })
  return {
    certificatePem,
    pem: forge.pki.privateKeyToPem(keys.privateKey) + certificatePem,
    pkcs12: forge.util.encode64(forge.asn1.toDer(container).getBytes()),
  }
}
