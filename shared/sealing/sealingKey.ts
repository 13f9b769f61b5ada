import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { AppError } from '../failure.ts'
import type { Secret } from '../secret.ts'
import { decryptCompact, encryptCompact } from './jwe.ts'

/**
 * What seals attempts, with keys derived from one secret so that cookie and state never share one. It has them to itself:
 * who holds it can use them and not read them.
 */
export interface SealingKey {
  /** @returns a compact JWE */
  encrypt(text: string): string
  /** @returns undefined for what this key did not encrypt */
  decrypt(token: string): string | undefined
  /** @returns HMAC-SHA-256 in base64url */
  mac(text: string): string
}

/**
 * Derives the keys from the stored secret (base64 of 32 bytes) with HKDF (RFC 5869).
 * @throws AppError secret_invalid
 */
export function deriveSealingKey(secret: Secret, name: string): SealingKey {
  const text = secret.reveal().trim()
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== 32 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    throw new AppError({ code: 'secret_invalid', secret: name, problem: 'it must be base64 of exactly 32 bytes' })
  }
  const derive = (use: string): KeyObject => createSecretKey(new Uint8Array(hkdfSync('sha256', bytes, '', use, 32)))
  const encryption = derive('sign-in cookie')
  const mac = derive('sign-in state')
  return {
    encrypt: (text) => encryptCompact(text, encryption),
    decrypt: (token) => decryptCompact(token, encryption),
    mac: (text) => createHmac('sha256', mac).update(text).digest('base64url'),
  }
}
