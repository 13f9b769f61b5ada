import { beforeAll, describe, expect, it } from 'vitest'
import type { ClientCredential } from '../../shared/entra/credential.ts'
import { deriveEndpoints } from '../../shared/entra/endpoints.ts'
import { readTokenAnswer, redeemCode } from '../../shared/entra/redeemCode.ts'
import { AppError, type Failure } from '../../shared/failure.ts'
import { type Answer, NoAnswerError } from '../../shared/outgoing/http.ts'
import { Secret } from '../../shared/secret.ts'
import { configurationOf } from '../configuration/sampleConfiguration.ts'
import { failureIn } from '../failing.ts'
import { answer, pageOfProxy, scripted } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'
import { claimsOf, createTokenSigner, nonce } from './signedToken.ts'

const traceId = '55555555-5555-4555-8555-555555555555'
const tokens = { token_type: 'Bearer', expires_in: 3600, scope: 'User.Read', id_token: 'id', access_token: 'access' }
const busy = (status: number, retryAfter?: string): Answer =>
  answer(status, { error: 'temporarily_unavailable' }, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
const malformed = (status: number): Failure => ({
  code: 'entra_malformed',
  problem: `the token endpoint answered ${status} without both tokens`,
})

describe('An answer of the token endpoint', () => {
  const read = (reply: Answer) => readTokenAnswer(reply, 0)

  it('gives both tokens', () =>
    expect(read(answer(200, tokens))).toEqual({ tokens: { idToken: 'id', accessToken: 'access' } }))

  const refusals: [name: string, status: number, body: object, refusal: object][] = [
    [
      'is a refusal with its number and trace',
      400,
      { error: 'invalid_grant', error_codes: [54005, 70000], trace_id: traceId, error_description: 'AADSTS54005: …' },
      { failure: { code: 'entra_refused', error: 'invalid_grant', aadsts: 54005, traceId }, claims: undefined },
    ],
    [
      'is a refusal of the client',
      401,
      { error: 'invalid_client', error_codes: [7000222] },
      { failure: { code: 'entra_refused', error: 'invalid_client', aadsts: 7000222 }, claims: undefined },
    ],
    [
      'carries the claims challenge on',
      400,
      { error: 'interaction_required', claims: '{"access_token":{}}' },
      { failure: { code: 'entra_refused', error: 'interaction_required' }, claims: '{"access_token":{}}' },
    ],
    [
      'repeats nothing that is not an error code or a trace',
      400,
      { error: 'Bearer hush', trace_id: 'hush' },
      { failure: { code: 'entra_refused', error: 'unknown_error' }, claims: undefined },
    ],
  ]
  for (const [name, status, body, refusal] of refusals) {
    it(name, () => expect(read(answer(status, body))).toEqual({ refusal }))
  }

  const failures: [name: string, reply: Answer, failure: Failure][] = [
    ['may be throttled', busy(429), { code: 'entra_busy', status: 429 }],
    ['may be throttled for a time', busy(429, '60'), { code: 'entra_busy', status: 429, retryAfterSeconds: 60 }],
    ['may be out of order', busy(503, '2'), { code: 'entra_busy', status: 503, retryAfterSeconds: 2 }],
    ['may be a page of a proxy that fails', pageOfProxy(502), { code: 'entra_busy', status: 502 }],
    ['may be a page of a proxy that refuses', pageOfProxy(403), malformed(403)],
    ['may be a page of a proxy that calls itself a success', pageOfProxy(200), malformed(200)],
    ['may redirect, which is never followed', answer(302), malformed(302)],
    ['must have the ID token', answer(200, { ...tokens, id_token: undefined }), malformed(200)],
    ['must have the access token', answer(200, { ...tokens, access_token: undefined }), malformed(200)],
    ['must be a success to be one', answer(201, tokens), malformed(201)],
  ]
  for (const [name, reply, failure] of failures) {
    it(name, async () => expect(await failureIn(() => read(reply))).toEqual(failure))
  }
})

describe('Redeeming a code', () => {
  const configuration = configurationOf()
  const endpoints = deriveEndpoints(configuration)
  const grant = { code: 'the-code', verifier: 'the-verifier', nonce, redirectUri: configuration.redirectUri }
  const secret: ClientCredential = { kind: 'secret', secret: new Secret('the secret & more'), expiresOn: undefined }
  let good: Answer

  beforeAll(async () => {
    const signer = await createTokenSigner()
    good = answer(200, { ...tokens, id_token: await signer.sign(claimsOf()) })
  })

  async function redeem(
    replies: (Answer | string | NoAnswerError)[],
    credential = secret,
    signal = new AbortController().signal,
  ) {
    const { send, calls } = scripted(...replies)
    const clock = fakeClock()
    const correlationId = '66666666-6666-4666-8666-666666666666'
    const context = { send, clock, signal, correlationId }
    const outcome = await redeemCode(grant, configuration, endpoints, credential, context).catch((error: unknown) =>
      error instanceof AppError ? error.failure : { code: `not a failure: ${String(error)}` },
    )
    return { outcome, calls, waits: clock.waits }
  }

  it('is one POST to the token endpoint with code, verifier and credential', async () => {
    const { outcome, calls } = await redeem([good])
    expect(outcome).toMatchObject({ tokens: { accessToken: 'access' } })
    expect(calls.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([`POST ${endpoints.token}`])
    expect(Object.fromEntries(new URLSearchParams(calls[0]?.body))).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      code_verifier: 'the-verifier',
      redirect_uri: configuration.redirectUri,
      client_id: configuration.clientId,
      client_secret: 'the secret & more',
    })
  })

  it('asks for User.Read and the scopes of OpenID Connect', async () => {
    const { calls } = await redeem([good])
    const scope = new URLSearchParams(calls[0]?.body).get('scope')?.split(' ')
    expect(scope).toEqual(expect.arrayContaining(['User.Read', 'openid', 'profile', 'offline_access']))
  })

  it('puts nothing secret into the address', async () => {
    const { calls } = await redeem([good])
    expect(calls[0]?.url).not.toMatch(/the-code|the-verifier|the(%20|\+)secret/)
  })

  it('proves itself with a token of the managed identity where there is no secret', async () => {
    const { calls } = await redeem([good], { kind: 'managed-identity', assertion: async () => 'token-of-the-identity' })
    expect(Object.fromEntries(new URLSearchParams(calls[0]?.body))).toMatchObject({
      client_assertion: 'token-of-the-identity',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
  })

  it('hands on what is wrong with the managed identity', async () => {
    const failure: Failure = { code: 'identity_unavailable', reason: 'no token' }
    const { outcome, calls } = await redeem([], {
      kind: 'managed-identity',
      assertion: () => Promise.reject(new AppError(failure)),
    })
    expect(outcome).toEqual(failure)
    expect(calls).toEqual([])
  })

  const refusal = answer(400, { error: 'invalid_grant', error_codes: [54005] })
  const outcomes: [
    name: string,
    replies: () => (Answer | string)[],
    outcome: object,
    calls: number,
    waits: number[],
  ][] = [
    [
      'repeats a throttled call once: it was not processed',
      () => [busy(429, '1'), good],
      { tokens: { accessToken: 'access' } },
      2,
      [1000],
    ],
    [
      'does not repeat it twice',
      () => [busy(429, '1'), busy(429, '1')],
      { code: 'entra_busy', status: 429 },
      2,
      [1000],
    ],
    [
      'does not let the user wait for long',
      () => [busy(429, '60')],
      { code: 'entra_busy', status: 429, retryAfterSeconds: 60 },
      1,
      [],
    ],
    [
      'repeats nothing after a fault: the code may be used up',
      () => [busy(503)],
      { code: 'entra_busy', status: 503 },
      1,
      [],
    ],
    [
      'repeats nothing when no answer came: the code may be used up',
      () => ['ECONNRESET'],
      { code: 'entra_unreachable', host: 'login.microsoftonline.com', reason: 'ECONNRESET' },
      1,
      [],
    ],
    ['gives a refusal as an answer', () => [refusal], { refusal: { failure: { aadsts: 54005 } } }, 1, []],
    ['tells a page of a proxy', () => [pageOfProxy(200)], { code: 'entra_malformed' }, 1, []],
  ]
  for (const [name, replies, expected, count, waited] of outcomes) {
    it(name, async () => {
      const { outcome, calls, waits } = await redeem(replies())
      expect(outcome).toMatchObject(expected)
      expect(calls).toHaveLength(count)
      expect(waits).toEqual(waited)
    })
  }

  it('lets one fault refuse no later user', async () => {
    expect((await redeem([busy(503)])).outcome).toMatchObject({ code: 'entra_busy' })
    expect((await redeem([good])).outcome).toMatchObject({ tokens: { accessToken: 'access' } })
  })

  it('says that the time was spent when the budget ends the call', async () => {
    const { outcome } = await redeem([new NoAnswerError('cancelled', true)])
    expect(outcome).toMatchObject({ code: 'budget_spent' })
  })

  it('says that the time was spent when the budget ends the wait', async () => {
    const { outcome } = await redeem([busy(429, '1')], secret, AbortSignal.abort())
    expect(outcome).toMatchObject({ code: 'budget_spent' })
  })
})
