import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

/** The one header that is written and taken, letter by letter: nothing in a token says how it is to be opened. */
const header = Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')

/** The header is authenticated with the rest (RFC 7516 5.1, step 14). */
const additional = Buffer.from(header, 'ascii')

/** As RFC 7518 5.3 has them, in bytes. */
const ivLength = 12
const tagLength = 16

const algorithm = 'aes-256-gcm'
const options = { authTagLength: tagLength }

/**
 * Encrypts a text as a compact JWE (RFC 7516; direct encryption, AES-256-GCM). Node's own cipher does so at once, where a
 * WebCrypto job costs many times the work itself.
 */
export function encryptCompact(text: string, key: KeyObject): string {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv(algorithm, key, iv, options).setAAD(additional)
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return [header, '', ...parts].join('.')
}

/** @returns the text, or undefined when this key did not encrypt it, or not just so */
export function decryptCompact(token: string, key: KeyObject): string | undefined {
  const [given, encryptedKey, ...parts] = token.split('.')
  const [iv, ciphertext, tag, ...more] = parts.map((part) => Buffer.from(part, 'base64url'))
  if (given !== header || encryptedKey !== '' || more.length > 0) return undefined
  if (iv?.length !== ivLength || ciphertext === undefined || tag?.length !== tagLength) return undefined
  const decipher = createDecipheriv(algorithm, key, iv, options).setAAD(additional).setAuthTag(tag)
  const text = decipher.update(ciphertext)
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
