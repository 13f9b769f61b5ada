import { describe, expect, it } from 'vitest'
import {
  type Attempt,
  attemptLifetime,
  cookieName,
  cookiePrefix,
  createState,
  isOurState,
  isStaleState,
  openAttempt,
  purposeOf,
  sealAttempt,
} from '../../shared/sealing/attempt.ts'
import { deriveSealingKey, type SealingKey } from '../../shared/sealing/sealingKey.ts'
import { Secret } from '../../shared/secret.ts'

const name = 'micetro-sign-in-key'
const keyOf = (byte: number): SealingKey =>
  deriveSealingKey(new Secret(Buffer.alloc(32, byte).toString('base64')), name)
const [current, previous, foreign] = [keyOf(1), keyOf(2), keyOf(3)]
const now = Date.UTC(2026, 0, 1)
const httpsUri = 'https://signin.test/mmws/auth_cb/microsoft'

const attempt: Attempt = {
  state: createState(current, now),
  nonce: 'the-nonce',
  verifier: 'the-verifier',
  redirectUri: httpsUri,
  clientId: 'the-client',
  issuer: 'https://login.test/{tenantid}/v2.0',
  purpose: 'sign-in',
  restarts: 0,
}

describe('A sealed attempt', () => {
  it('opens whole', () => expect(openAttempt(sealAttempt(attempt, current), [current])).toEqual(attempt))

  it('shows nothing of what it holds', () => {
    const sealed = sealAttempt(attempt, current)
    const readable = sealed
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join()
    for (const value of [attempt.nonce, attempt.verifier, attempt.state]) {
      expect(sealed).not.toContain(value)
      expect(readable).not.toContain(value)
    }
  })

  it('is another text each time', () => {
    expect(sealAttempt(attempt, current)).not.toBe(sealAttempt(attempt, current))
  })

  it('has a text that a cookie can hold', () => {
    const sealed = sealAttempt({ ...attempt, redirectUri: `https://${'x'.repeat(250)}.test/` }, current)
    expect(sealed).toMatch(/^[\w.-]+$/)
    expect(sealed.length).toBeLessThan(3000)
  })

  it('opens with the previous key after a change of keys', () => {
    expect(openAttempt(sealAttempt(attempt, previous), [current, previous])).toEqual(attempt)
  })

  it('opens with no foreign key', () => {
    expect(openAttempt(sealAttempt(attempt, foreign), [current, previous])).toBeUndefined()
  })

  it('opens without any part of it tampered with', () => {
    const parts = sealAttempt(attempt, current).split('.')
    for (const [index, part] of parts.entries()) {
      // The second part is empty: the key is not in the token.
      const flipped = part === '' ? 'AA' : (part[0] === 'A' ? 'B' : 'A') + part.slice(1)
      const tampered = parts.with(index, flipped).join('.')
      expect(openAttempt(tampered, [current]), `part ${index}`).toBeUndefined()
    }
  })

  const garbage: [name: string, sealed: string][] = [
    ['nothing', ''],
    ['a text', 'garbage'],
    ['dots', '....'],
    ['an unprotected JWT', 'eyJhbGciOiJub25lIn0.e30.'],
    ['far too much', 'x'.repeat(100_000)],
  ]
  for (const [what, sealed] of garbage) {
    it(`is not ${what}`, () => expect(openAttempt(sealed, [current])).toBeUndefined())
  }

  it('is not whole without every field', () => {
    const { verifier: _, ...partial } = attempt
    const sealed = sealAttempt(partial as Attempt, current)
    expect(openAttempt(sealed, [current])).toBeUndefined()
  })
})

describe('A state', () => {
  const state = createState(current, now)
  const flipped = (state[20] === 'a' ? 'b' : 'a') + state.slice(21)
  const cases: [name: string, state: string, keys: SealingKey[], ours: boolean][] = [
    ['of ours is known without its cookie', state, [current], true],
    ['is known with the previous key', createState(previous, now), [current, previous], true],
    ['of a foreign key is not known', createState(foreign, now), [current, previous], false],
    ['is known however old it is', createState(current, 0), [current], true],
    ['is not known after a change of its id', state.slice(0, 20) + flipped, [current], false],
    ['is not known after a change of its time', `00000000${state.slice(8)}`, [current], false],
    ['is not known with another MAC', `${state.slice(0, 41)}${'A'.repeat(43)}`, [current], false],
    ['is not known without its MAC', state.slice(0, 40), [current], false],
    ['is not known with an empty MAC', `${state.slice(0, 40)}.`, [current], false],
    ['is not known with something behind it', `${state}x`, [current], false],
    ['is not known with a line break behind it', `${state}\n`, [current], false],
    ['is not known in capitals', state.toUpperCase(), [current], false],
    ['of Central is not known', '8f14e45fceea167a5a36dedd4bea2543', [current], false],
    ['that is empty is not known', '', [current], false],
    ['is not known without keys', state, [], false],
  ]
  for (const [what, text, keys, ours] of cases) it(what, () => expect(isOurState(text, keys)).toBe(ours))

  it('is another each time', () => {
    expect(new Set(Array.from({ length: 100 }, () => createState(current, now))).size).toBe(100)
  })

  const ages: [seconds: number, stale: boolean][] = [
    [0, false],
    [attemptLifetime, false],
    [attemptLifetime + 1, true],
    [86_400, true],
  ]
  for (const [seconds, stale] of ages) {
    it(`is ${stale ? 'stale' : 'good'} after ${seconds} seconds`, () =>
      expect(isStaleState(state, now + seconds * 1000)).toBe(stale))
  }

  it.each(['sign-in', 'dry-run'] as const)('says that it was made for a %s, and nobody can change that', (purpose) => {
    for (let count = 0; count < 20; count += 1) {
      const state = createState(current, now, purpose)
      expect(purposeOf(state)).toBe(purpose)
      const last = Number.parseInt(state.charAt(39), 16) ^ 1
      expect(isOurState(state.slice(0, 39) + last.toString(16) + state.slice(40), [current])).toBe(false)
    }
  })

  it('lives ten minutes', () => expect(attemptLifetime).toBe(600))
})

describe('The cookie of an attempt', () => {
  it('is bound to host and https by its name', () => {
    expect(cookieName(attempt.state, httpsUri)).toBe(`__Host-micetro-sign-in-${attempt.state.slice(0, 40)}`)
  })

  it('has no such name on plain http, where a browser would refuse it', () => {
    expect(cookieName(attempt.state, 'http://localhost:7071/cb')).toBe(`micetro-sign-in-${attempt.state.slice(0, 40)}`)
  })

  it('has the same beginning for all attempts', () => {
    for (const uri of [httpsUri, 'http://localhost/cb'])
      expect(cookieName(attempt.state, uri).startsWith(cookiePrefix(uri))).toBe(true)
  })

  it('is one for each attempt: tabs do not disturb each other', () => {
    expect(cookieName(createState(current, now), httpsUri)).not.toBe(cookieName(createState(current, now), httpsUri))
  })

  it('sorts by age', () => {
    const names = [0, 2000, 500_000, 10_000_000].map((later) => cookieName(createState(current, now + later), httpsUri))
    expect([...names].reverse().sort()).toEqual(names)
  })
})
