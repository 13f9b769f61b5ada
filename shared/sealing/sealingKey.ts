import { createSecretKey, hkdfSync, type KeyObject, type webcrypto } from 'node:crypto'
import { AppError } from '../failure.ts'
import type { Secret } from '../secret.ts'

/**
 * Keys that seal attempts, derived from one secret so that cookie and state never share one. They are imported once:
 * plain bytes would be imported anew for every use.
 */
export interface SealingKey {
  encryption: webcrypto.CryptoKey
  mac: KeyObject
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
  return {
    encryption: derive('sign-in cookie').toCryptoKey('AES-GCM', false, ['encrypt', 'decrypt']),
    mac: derive('sign-in state'),
  }
}
