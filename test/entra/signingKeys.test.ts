import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SigningKeys } from '../../shared/entra/signingKeys.ts'
import { type Answer, NoAnswerError, type Send } from '../../shared/outgoing/http.ts'
import { failureIn } from '../failing.ts'
import { answer, pageOfProxy } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'
import { createTokenSigner, type TokenSigner } from './signedToken.ts'

const url = 'https://login.test/tenant/discovery/v2.0/keys'
let old: TokenSigner
let rolled: TokenSigner

beforeAll(async () => {
  old = await createTokenSigner('old')
  rolled = await createTokenSigner('rolled')
})

// The library that keeps the keys looks at the system's clock; only that is replaced, timers stay real.
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) }))
afterEach(() => vi.useRealTimers())

/** An authority whose answer can be changed. */
function authority() {
  const clock = fakeClock()
  const state: { answer: Answer | string; asked: string[] } = { answer: answer(200, { keys: [old.jwk] }), asked: [] }
  const send: Send = async (call) => {
    state.asked.push(call.url)
    if (typeof state.answer === 'string') throw new NoAnswerError(state.answer)
    return state.answer
  }
  const keys = new SigningKeys(send, clock, () => 0.5)
  const find = (kid: string, at = url) => keys.at(at)({ alg: 'RS256', kid }, { payload: '', signature: '' })
  return { state, clock, keys, find }
}

const isKey = expect.objectContaining({ type: 'public' })

describe('The signing keys', () => {
  it('begin to load before a key is asked for, beside the token call', () => {
    const { state, keys } = authority()
    keys.at(url)
    expect(state.asked).toEqual([url])
  })

  it('that could not be loaded are not loaded ahead again for five seconds, but for a token at once', async () => {
    const { state, clock, keys, find } = authority()
    state.answer = 'ECONNREFUSED'
    await expect(find('old')).rejects.toThrow()
    const asked = state.asked.length
    for (let junk = 0; junk < 300; junk += 1) keys.at(url)
    expect(state.asked).toHaveLength(asked)
    clock.pass(5000)
    keys.at(url)
    expect(state.asked).toHaveLength(asked + 1)
    state.answer = answer(200, { keys: [old.jwk] })
    expect(await find('old')).toEqual(isKey)
  })

  it('that were loaded ahead are imported already when a token comes', async () => {
    const { keys, find } = authority()
    const imported = vi.spyOn(crypto.subtle, 'importKey')
    await keys.ahead(url)
    expect(imported).toHaveBeenCalledOnce()
    expect(await find('old')).toEqual(isKey)
    expect(imported).toHaveBeenCalledOnce()
    imported.mockRestore()
  })

  it('that are no signing keys of RS256 do not make those that are be fetched again ahead', async () => {
    const { state, keys, find } = authority()
    const others = [{ use: 'enc' }, { alg: 'PS256' }, { kty: 'EC' }].map((other, index) => ({
      ...rolled.jwk,
      ...other,
      kid: `other-${index}`,
    }))
    const { kid: _, ...nameless } = rolled.jwk
    state.answer = answer(200, { keys: [...others, nameless, old.jwk] })
    for (let each = 0; each < 3; each += 1) await keys.ahead(url)
    expect(await find('old')).toEqual(isKey)
    expect(state.asked).toHaveLength(1)
  })

  it('that have grown old and cannot be had are not asked for ahead again for five seconds, either', async () => {
    const { state, clock, keys } = authority()
    await keys.ahead(url)
    vi.setSystemTime(Date.now() + 25 * 60 * 60 * 1000)
    clock.pass(25 * 60 * 60 * 1000)
    state.answer = answer(404, {})
    await keys.ahead(url)
    const asked = state.asked.length
    await keys.ahead(url)
    expect(state.asked).toHaveLength(asked)
  })

  it('are fetched once for many tokens', async () => {
    const { state, find } = authority()
    await Promise.all([find('old'), find('old')])
    await find('old')
    expect(state.asked).toHaveLength(1)
  })

  it('are kept apart by address', async () => {
    const { state, find } = authority()
    await find('old')
    await find('old', 'https://login.test/other/keys')
    expect(state.asked).toEqual([url, 'https://login.test/other/keys'])
  })

  it('are fetched again for an unknown key id, however young they are: the authority has rolled its keys over', async () => {
    const { state, find } = authority()
    await find('old')
    state.answer = answer(200, { keys: [old.jwk, rolled.jwk] })
    expect(await find('rolled')).toEqual(isKey)
    expect(state.asked).toHaveLength(2)
  })

  it('are fetched once, not without end, for a key id that nobody has', async () => {
    const { state, find } = authority()
    await find('old')
    await expect(find('forged')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
    expect(state.asked).toHaveLength(2)
  })

  it('stay known while an unknown key id finds the authority out of order', async () => {
    const { state, find } = authority()
    await find('old')
    state.answer = answer(503)
    expect(await failureIn(() => find('forged'))).toEqual({ code: 'entra_busy', status: 503 })
    expect(await find('old')).toEqual(isKey)
  })

  it('are fetched again after a day, so that a withdrawn key goes', async () => {
    const { state, find } = authority()
    await find('old')
    state.answer = answer(200, { keys: [rolled.jwk] })
    vi.setSystemTime(Date.now() + 24 * 60 * 60 * 1000 + 1)
    await expect(find('old')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
    expect(await find('rolled')).toEqual(isKey)
  })

  const open = 'https://login.test/{tenantid}/v2.0'
  const issuers: [name: string, issuer: string | undefined, claims: object, accepted: boolean][] = [
    ['serve every tenant when their issuer leaves it open', open, { iss: 'https://login.test/a/v2.0', tid: 'a' }, true],
    ['serve their own issuer', 'https://login.test/a/v2.0', { iss: 'https://login.test/a/v2.0', tid: 'a' }, true],
    ['serve any where they name no issuer', undefined, { iss: 'https://login.test/a/v2.0', tid: 'a' }, true],
    [
      'do not serve another tenant than their own',
      'https://login.test/b/v2.0',
      { iss: 'https://login.test/a/v2.0', tid: 'a' },
      false,
    ],
    ['do not serve another host', open, { iss: 'https://evil.test/a/v2.0', tid: 'a' }, false],
    ['do not serve a token that names no issuer', open, {}, false],
  ]
  for (const [name, issuer, claims, accepted] of issuers) {
    it(name, async () => {
      const { state, keys } = authority()
      state.answer = answer(200, { keys: [{ ...old.jwk, ...(issuer !== undefined && { issuer }) }] })
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
      const failure = await failureIn(() => keys.at(url)({ alg: 'RS256', kid: 'old' }, { payload, signature: '' }))
      expect(failure).toEqual(accepted ? undefined : { code: 'token_rejected', check: 'issuer' })
    })
  }

  const failing: [name: string, answer: Answer | string, failure: object][] = [
    ['busy', answer(429), { code: 'entra_busy', status: 429 }],
    ['out of order', answer(503), { code: 'entra_busy', status: 503 }],
    ['out of reach', 'ECONNREFUSED', { code: 'entra_unreachable', host: 'login.test', reason: 'ECONNREFUSED' }],
    ['not there', answer(404), { code: 'entra_malformed', problem: 'the signing keys cannot be read' }],
    [
      'without keys',
      answer(200, { error: 'x' }),
      { code: 'entra_malformed', problem: 'the signing keys cannot be read' },
    ],
    ['the page of a proxy', pageOfProxy(200), { code: 'entra_malformed', problem: 'the signing keys cannot be read' }],
  ]
  for (const [name, reply, failure] of failing) {
    it(`that are ${name} give the failure ${Object.values(failure)[0]}, never an accepted token`, async () => {
      const { state, find } = authority()
      state.answer = reply
      expect(await failureIn(() => find('old'))).toEqual(failure)
    })

    it(`that are ${name} are asked for again by the next sign-in`, async () => {
      const { state, find } = authority()
      state.answer = reply
      await failureIn(() => find('old'))
      state.answer = answer(200, { keys: [old.jwk] })
      expect(await find('old')).toEqual(isKey)
    })
  }

  it('that fail to load while nobody asks for a key disturb nobody', async () => {
    const { state, keys } = authority()
    state.answer = 'ECONNREFUSED'
    keys.at(url)
    // A rejection that nobody takes would end the process here.
    await new Promise((resolve) => setImmediate(resolve))
    expect(new Set(state.asked)).toEqual(new Set([url]))
  })
})
