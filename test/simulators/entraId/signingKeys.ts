import { createHash, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { CompactSign, type JWK } from 'jose'
import forge from 'node-forge'

/** One of Entra ID's signing keys. */
export interface SigningKey {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  /** As published: Entra ID's keys have no `alg`. */
  jwk: JWK
}

const generate = promisify(generateKeyPair)

/** Entra ID publishes each key in a certificate too. */
function selfSigned(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString())
  certificate.serialNumber = '01'
  certificate.validity.notBefore = new Date(Date.now() - 24 * 3600 * 1000)
  certificate.validity.notAfter = new Date(Date.now() + 5 * 365 * 24 * 3600 * 1000)
  const name = [{ name: 'commonName', value: 'accounts.simulated.example' }]
  certificate.setSubject(name)
  certificate.setIssuer(name)
  const key = forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  certificate.sign(key, forge.md.sha256.create())
  return Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes(), 'binary')
}

export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 })
  const certificate = selfSigned(privateKey, publicKey)
  const kid = createHash('sha1').update(certificate).digest('base64url')
  const { n, e } = publicKey.export({ format: 'jwk' })
  return {
    kid,
    privateKey,
    publicKey,
    jwk: {
      kty: 'RSA',
      use: 'sig',
      kid,
      x5t: kid,
      ...(n !== undefined && { n }),
      ...(e !== undefined && { e }),
      x5c: [certificate.toString('base64')],
    },
  }
}

/** How the signature of a token is made, rightly or wrongly. */
export type Signature = 'right' | 'wrongSignature' | 'unknownKid' | 'algNone' | 'hs256'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The keys of all tenants: the last one signs, all of them are published. */
export class KeyRing {
  #keys: SigningKey[]
  #stray: Promise<SigningKey> | undefined

  constructor(first: SigningKey) {
    this.#keys = [first]
  }

  get current(): SigningKey {
    const key = this.#keys.at(-1)
    if (key === undefined) throw new TypeError('a key ring is never empty')
    return key
  }

  published(issuer: string): (JWK & { issuer: string })[] {
    return this.#keys.map(({ jwk }) => ({ ...jwk, issuer }))
  }

  async rotate(keepOld: boolean): Promise<void> {
    const key = await createSigningKey()
    this.#keys = keepOld ? [...this.#keys, key] : [key]
  }

  async sign(claims: Record<string, unknown>, signature: Signature): Promise<string> {
    const { kid, privateKey, publicKey } = this.current
    const header = { typ: 'JWT', alg: 'RS256', kid }
    const payload = new TextEncoder().encode(JSON.stringify(claims))
    switch (signature) {
      case 'right':
        return new CompactSign(payload).setProtectedHeader(header).sign(privateKey)
      case 'wrongSignature':
      case 'unknownKid': {
        this.#stray ??= createSigningKey()
        const stray = await this.#stray
        const named = signature === 'unknownKid' ? stray.kid : kid
        return new CompactSign(payload).setProtectedHeader({ ...header, kid: named }).sign(stray.privateKey)
      }
      case 'algNone':
        return `${part({ typ: 'JWT', alg: 'none' })}.${part(claims)}.`
      case 'hs256': {
        // The public key as shared secret: what a verifier falls for that takes the algorithm from the header.
        const secret = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))
        return new CompactSign(payload).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret)
      }
    }
  }
}
