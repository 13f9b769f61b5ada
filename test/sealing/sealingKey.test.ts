import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Attempt, openAttempt, sealAttempt } from '../../shared/sealing/attempt.ts'
import { decryptCompact } from '../../shared/sealing/jwe.ts'
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
    it(`may be ${form}`, () => {
      const key = deriveSealingKey(new Secret(text), name)
      const plain = deriveSealingKey(new Secret(bytes.toString('base64')), name)
      expect(key.mac('id')).toBe(plain.mac('id'))
      expect(openAttempt(sealAttempt(attempt, key), [plain])).toEqual(attempt)
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

  it('gives cookie and state keys of their own', () => {
    const secret = Buffer.alloc(32, 1)
    const derived = (use: string): KeyObject => createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', use, 32)))
    const keys = { stored: createSecretKey(secret), cookie: derived('sign-in cookie'), state: derived('sign-in state') }
    const sealed = sealAttempt(attempt, current)
    const opens = Object.entries(keys).filter(([, key]) => decryptCompact(sealed, key) !== undefined)
    expect(opens.map(([use]) => use)).toEqual(['cookie'])
    const macOf = (key: KeyObject): string => createHmac('sha256', key).update('id').digest('base64url')
    const recognises = Object.entries(keys).filter(([, key]) => macOf(key) === current.mac('id'))
    expect(recognises.map(([use]) => use)).toEqual(['state'])
  })

  it('gives keys that cannot be read out', () => {
    const held = Reflect.ownKeys(current).map((name) => Reflect.get(current, name))
    expect(new Set(held.map((each) => typeof each))).toEqual(new Set(['function']))
    for (const use of held)
      expect(Reflect.ownKeys(use).filter((name) => name !== 'length' && name !== 'name')).toEqual([])
  })
})
