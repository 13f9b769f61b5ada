import { KeyObject, verify, type webcrypto } from 'node:crypto'
import {
  decodeJwt,
  decodeProtectedHeader,
  type FlattenedJWSInput,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose'
import { AppError } from '../failure.ts'
import type { TokenCheck } from './failures.ts'

/** Header, payload and signature of a compact JWS (RFC 7515 7.1); of an unsigned one the last is empty. */
const compactForm = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/

/** RFC 7518 3.3, in bits. */
const shortestKey = 2048

/** Finds the public key that a token names. @throws AppError, or an error of jose's when none fits */
export type FindKey = (header: JWTHeaderParameters, token: FlattenedJWSInput) => Promise<webcrypto.CryptoKey>

export const rejected = (check: TokenCheck, cause?: unknown): AppError =>
  new AppError({ code: 'token_rejected', check }, { cause })

/**
 * The claims of a token whose signature is right (RFC 7515 5.2); none of them is checked yet. RS256 is the one algorithm,
 * and nothing in a token chooses another. jose reads the token and the keys; Node checks the signature at once, for which
 * jose has a WebCrypto job, at several times the cost of the check.
 * @throws AppError token_rejected, and what finding the key throws
 */
export async function readSigned(token: string, findKey: FindKey): Promise<JWTPayload> {
  const header = decoded(() => decodeProtectedHeader(token))
  const [, head, payload, signature] = compactForm.exec(token) ?? []
  if (head === undefined || payload === undefined || signature === undefined) throw rejected('format')
  // An extension that must be understood is not (RFC 7515 4.1.11).
  if (header.alg !== 'RS256' || header.crit !== undefined) throw rejected('algorithm')
  const found = await findKey({ ...header, alg: header.alg }, { protected: head, payload, signature }).catch(
    (cause: unknown) => {
      throw cause instanceof AppError ? cause : rejected('signature', cause)
    },
  )
  const signed = Buffer.from(`${head}.${payload}`)
  if (!verify('sha256', signed, publicKeyOf(found), Buffer.from(signature, 'base64url'))) throw rejected('signature')
  return decoded(() => decodeJwt(token))
}

function decoded<T>(decode: () => T): T {
  try {
    return decode()
  } catch (cause) {
    throw rejected('format', cause)
  }
}

const publicKeys = new WeakMap<webcrypto.CryptoKey, KeyObject>()

/** The key in Node's own form, made once for each. @throws AppError token_rejected when the key is too weak */
function publicKeyOf(key: webcrypto.CryptoKey): KeyObject {
  let known = publicKeys.get(key)
  if (known === undefined) {
    known = KeyObject.from(key)
    const { asymmetricKeyType, asymmetricKeyDetails } = known
    const bits = asymmetricKeyType === 'rsa' ? (asymmetricKeyDetails?.modulusLength ?? 0) : 0
    if (bits < shortestKey) throw rejected('signature')
    publicKeys.set(key, known)
  }
  return known
}
