import { createSecretKey, webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Attempt, openAttempt, sealAttempt } from '../../shared/sealing/attempt.ts'
import { deriveSealingKey } from '../../shared/sealing/sealingKey.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'

const name = 'micetro-sign-in-key'
const current = deriveSealingKey(new Secret(Buffer.alloc(32, 1).toString('base64')), name)

const attempt: Attempt = {
  state: 'the-state',
  nonce: 'the-nonce',
  verifier: 'the-verifier',
  redirectUri: 'https://signin.test/mmws/auth_cb/microsoft',
  clientId: 'the-client',
  issuer: 'https://login.test/{tenantid}/v2.0',
  purpose: 'sign-in',
  restarts: 0,
}

describe('The sign-in key', () => {
  const bytes = Buffer.alloc(32, 251)
  const taken: [name: string, text: string][] = [
    ['base64', bytes.toString('base64')],
    ['base64url without padding', bytes.toString('base64url')],
    ['base64 with a line break at its end', `${bytes.toString('base64')}\n`],
  ]
  for (const [form, text] of taken) {
    it(`may be ${form}`, async () => {
      const key = deriveSealingKey(new Secret(text), name)
      const plain = deriveSealingKey(new Secret(bytes.toString('base64')), name)
      expect(key.mac.equals(plain.mac)).toBe(true)
      expect(await openAttempt(await sealAttempt(attempt, key), [plain])).toEqual(attempt)
    })
  }

  const refused: [name: string, text: string][] = [
    ['empty', ''],
    ['too short', Buffer.alloc(31).toString('base64')],
    ['too long', Buffer.alloc(33).toString('base64')],
    ['a password', 'correct horse battery staple, and so on'],
    ['in hexadecimal', Buffer.alloc(32, 1).toString('hex')],
  ]
  for (const [form, text] of refused) {
    it(`must not be ${form}`, async () => {
      expect(await failureIn(() => deriveSealingKey(new Secret(text), name))).toEqual({
        code: 'secret_invalid',
        secret: name,
        problem: 'it must be base64 of exactly 32 bytes',
      })
    })
  }

  it('gives cookie and state keys of their own', async () => {
    const stored = createSecretKey(Buffer.alloc(32, 1))
    expect(current.mac.equals(stored)).toBe(false)
    const sealed = await sealAttempt(attempt, current)
    for (const other of [current.mac, stored]) {
      const encryption = other.toCryptoKey('AES-GCM', false, ['encrypt', 'decrypt'])
      expect(await openAttempt(sealed, [{ ...current, encryption }])).toBeUndefined()
    }
  })

  it('gives a cookie key that cannot be read out', async () => {
    await expect(webcrypto.subtle.exportKey('raw', current.encryption)).rejects.toThrow()
  })
})
