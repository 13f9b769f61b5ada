import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { CompactSign, calculateJwkThumbprint, exportJWK, type JWK } from 'jose'

/** A key that signs tokens: of a tenant of Entra ID, or of the identity endpoint. */
export interface SigningKey {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  /** As published: Entra ID's keys have no `alg`. */
  jwk: JWK
}

export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, privateKey, publicKey, jwk: { ...jwk, use: 'sig', kid } }
}

/** How the signature of a token is made, rightly or wrongly. */
export type Signature = 'right' | 'wrongSignature' | 'unknownKid' | 'algNone' | 'hs256'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The keys of all tenants: the last one signs, all of them are published. */
export class KeyRing {
  readonly #keys: SigningKey[]
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

  async rotate(): Promise<void> {
    this.#keys.push(await createSigningKey())
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
