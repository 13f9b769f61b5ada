import { createHmac, randomUUID } from 'node:crypto'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

export const tenant = '11111111-1111-4111-8111-111111111111'
export const otherTenant = '22222222-2222-4222-8222-222222222222'
export const clientId = '33333333-3333-4333-8333-333333333333'
export const nonce = 'the-nonce-of-the-attempt'

/** The tests' present, in seconds. */
export const now = Date.UTC(2026, 0, 1) / 1000

/** An authority with one RS256 key. */
export interface TokenSigner {
  kid: string
  jwk: JWK
  /** PEM of the public key, which everybody knows. */
  publicPem: string
  sign(claims: JWTPayload, header?: { kid?: string }): Promise<string>
}

export async function createTokenSigner(kid: string = randomUUID()): Promise<TokenSigner> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  return {
    kid,
    jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' },
    publicPem: await exportSPKI(publicKey),
    sign: (claims, header) =>
      new SignJWT(claims).setProtectedHeader({ typ: 'JWT', kid, ...header, alg: 'RS256' }).sign(privateKey),
  }
}

/** What Entra ID says in an ID token of version 2.0 to this application. */
export function claimsOf(changes: JWTPayload = {}): JWTPayload {
  return {
    iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
    aud: clientId,
    exp: now + 3600,
    iat: now,
    nbf: now,
    nonce,
    ver: '2.0',
    tid: tenant,
    sub: 'pairwise-subject',
    oid: '44444444-4444-4444-8444-444444444444',
    preferred_username: 'alice@contoso.com',
    name: 'Alice Adams',
    ...changes,
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token without signature (RFC 7519 6). */
export function unsigned(claims: JWTPayload, kid: string): string {
  return `${encode({ alg: 'none', kid })}.${encode(claims)}.`
}

/** The attack in which the public key serves as the secret of a symmetric signature. */
export function signedWithPublicKey(claims: JWTPayload, { kid, publicPem }: TokenSigner): string {
  const input = `${encode({ alg: 'HS256', kid })}.${encode(claims)}`
  return `${input}.${createHmac('sha256', publicPem).update(input).digest('base64url')}`
}
