import { describe, expect, it } from 'vitest'
import { clouds, type KnownCloud } from '../../shared/configuration/clouds.ts'
import {
  deriveEndpoints,
  fetchEndpoints,
  isDerivable,
  isIssuer,
  metadataUrl,
  readMetadata,
  readOAuthError,
} from '../../shared/entra/endpoints.ts'
import type { Failure } from '../../shared/failure.ts'
import { configurationOf, tenantId } from '../configuration/sampleConfiguration.ts'
import { failureIn } from '../failing.ts'
import { answer, scripted } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const { signal } = new AbortController()
const repeat = { clock: fakeClock(), random: () => 0.5 }
const login = clouds.commercial.login
const allowed_tenants = [tenantId]

const metadata = {
  issuer: `${login}/${tenantId}/v2.0`,
  authorization_endpoint: `${login}/${tenantId}/oauth2/v2.0/authorize`,
  token_endpoint: `${login}/${tenantId}/oauth2/v2.0/token`,
  jwks_uri: `${login}/${tenantId}/discovery/v2.0/keys`,
}

describe('The addresses of a known cloud', () => {
  for (const cloud of Object.keys(clouds) as KnownCloud[]) {
    it(`of ${cloud} lie on its sign-in host`, () => {
      const endpoints = deriveEndpoints(configurationOf({ cloud }))
      const root = `${clouds[cloud].login}/${tenantId}`
      expect(endpoints).toEqual({
        authority: root,
        authorize: `${root}/oauth2/v2.0/authorize`,
        token: `${root}/oauth2/v2.0/token`,
        keys: `${root}/discovery/v2.0/keys`,
        issuer: `${root}/v2.0`,
        tenantId,
      })
    })
  }

  for (const tenant_id of ['common', 'organizations']) {
    it(`of ${tenant_id} leave the tenant in the issuer open`, () => {
      const endpoints = deriveEndpoints(configurationOf({ tenant_id, allowed_tenants }))
      expect(endpoints).toMatchObject({ issuer: `${login}/{tenantid}/v2.0`, tenantId: undefined })
    })
  }

  it('have the tenant in lower case where tokens are compared', () => {
    const tenant_id = 'ABCDEFAB-1111-4111-8111-111111111111'
    expect(deriveEndpoints(configurationOf({ tenant_id }))).toMatchObject({
      tenantId: tenant_id.toLowerCase(),
      issuer: `${login}/${tenant_id.toLowerCase()}/v2.0`,
    })
  })

  const derivable: [name: string, values: Parameters<typeof configurationOf>[0], yes: boolean][] = [
    ['a tenant named by its id', {}, true],
    ['common', { tenant_id: 'common', allowed_tenants }, true],
    ['a tenant named by its domain, whose id only the authority knows', { tenant_id: 'contoso.com' }, false],
    ['a custom cloud', { cloud: 'custom' }, false],
  ]
  for (const [name, values, yes] of derivable) {
    it(`${yes ? 'need no question' : 'are asked for'} with ${name}`, () =>
      expect(isDerivable(configurationOf(values))).toBe(yes))
  }
})

describe('An issuer', () => {
  const open = `${login}/{tenantid}/v2.0`
  const rows: [expected: string, given: string, same: boolean][] = [
    [metadata.issuer, metadata.issuer, true],
    [metadata.issuer, `${metadata.issuer}/`, false],
    [metadata.issuer, 'https://evil.test/', false],
    [open, metadata.issuer, true],
    [open, open, false],
    [open, `${login}//v2.0`, false],
    [open, `${login}/${tenantId}/evil/v2.0`, false],
    [open, `https://evil.test/${tenantId}/v2.0`, false],
  ]
  for (const [expected, given, same] of rows) {
    it(`${given} is ${same ? '' : 'not '}${expected}`, () => expect(isIssuer(expected, given)).toBe(same))
  }
})

describe('OpenID metadata', () => {
  const read = (status: number, body: unknown, values?: Parameters<typeof configurationOf>[0]) => () =>
    readMetadata(status, body, configurationOf({ tenant_id: 'contoso.com', ...values }))

  it('gives the id of a tenant that is named by its domain', () => {
    expect(read(200, metadata)()).toEqual({
      authority: `${login}/contoso.com`,
      authorize: metadata.authorization_endpoint,
      token: metadata.token_endpoint,
      keys: metadata.jwks_uri,
      issuer: metadata.issuer,
      tenantId,
    })
  })

  it('of a custom cloud may leave the tenant open', () => {
    const open = {
      issuer: 'https://login.custom.test/{tenantid}/v2.0',
      authorization_endpoint: 'https://login.custom.test/authorize',
      token_endpoint: 'https://login.custom.test/token',
      jwks_uri: 'https://login.custom.test/keys',
    }
    const endpoints = read(200, open, { cloud: 'custom', tenant_id: 'organizations', allowed_tenants })()
    expect(endpoints).toMatchObject({ issuer: open.issuer, tenantId: undefined })
  })

  const notHttps: Failure = {
    code: 'entra_malformed',
    problem: 'the OpenID metadata names an address that is not https',
  }
  const refused: [name: string, status: number, body: unknown, failure: Failure][] = [
    [
      'tells of an unknown tenant',
      400,
      { error: 'invalid_tenant', error_codes: [90002] },
      { code: 'entra_refused', error: 'invalid_tenant', aadsts: 90002 },
    ],
    [
      'may refuse without a number',
      400,
      { error: 'invalid_tenant' },
      { code: 'entra_refused', error: 'invalid_tenant' },
    ],
    ['repeats no free text as an error', 400, { error: '<b>x</b>' }, { code: 'entra_refused', error: 'unknown_error' }],
    ['may be throttled', 429, {}, { code: 'entra_busy', status: 429 }],
    ['may be out of order', 503, undefined, { code: 'entra_busy', status: 503 }],
    ['may be missing', 404, {}, { code: 'entra_malformed', problem: 'the OpenID metadata answered 404' }],
    ['may be a page', 200, undefined, { code: 'entra_malformed', problem: 'the OpenID metadata answered 200' }],
    [
      'must have every address',
      200,
      { ...metadata, jwks_uri: undefined },
      { code: 'entra_malformed', problem: 'the OpenID metadata answered 200' },
    ],
    ['must not send the code over http', 200, { ...metadata, token_endpoint: 'http://evil.test/token' }, notHttps],
    ['must not fetch keys over http', 200, { ...metadata, jwks_uri: 'http://evil.test/keys' }, notHttps],
    [
      'must not send the browser elsewhere than https',
      200,
      { ...metadata, authorization_endpoint: 'javascript:x' },
      notHttps,
    ],
    ...Object.keys(metadata).map((key): [name: string, status: number, body: unknown, failure: Failure] => [
      `must not name another host in ${key}`,
      200,
      { ...metadata, [key]: `https://evil.test/${tenantId}/v2.0` },
      { code: 'entra_malformed', problem: 'the OpenID metadata names an address of another host' },
    ]),
    [
      'must name the tenant',
      200,
      { ...metadata, issuer: `${login}/v2.0` },
      { code: 'entra_malformed', problem: 'the issuer in the OpenID metadata names no tenant' },
    ],
  ]
  for (const [name, status, body, failure] of refused) {
    it(name, async () => expect(await failureIn(read(status, body))).toEqual(failure))
  }

  it('of a tenant that is named by its id must be of that tenant', async () => {
    const other = { ...metadata, issuer: `${login}/22222222-2222-4222-8222-222222222222/v2.0` }
    expect(await failureIn(read(200, other, { tenant_id: tenantId }))).toEqual({
      code: 'entra_malformed',
      problem: 'the issuer in the OpenID metadata names another tenant',
    })
  })

  it('is asked for at the address of the tenant', async () => {
    const { send, calls } = scripted(answer(200, metadata))
    await fetchEndpoints(configurationOf({ tenant_id: 'contoso.com' }), send, signal, repeat)
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${login}/contoso.com/v2.0/.well-known/openid-configuration`,
    ])
  })

  for (const [name, fault] of [
    ['a 429', answer(429)],
    ['a 503', answer(503)],
    ['no answer', 'ECONNRESET'],
  ] as const) {
    it(`is asked for again after ${name}`, async () => {
      const { send } = scripted(fault, answer(200, metadata))
      expect(await fetchEndpoints(configurationOf(), send, signal, repeat)).toMatchObject({
        token: metadata.token_endpoint,
      })
    })
  }

  it('that does not come names the host and the reason', async () => {
    const { send } = scripted('ENOTFOUND', 'ENOTFOUND')
    const failure = await failureIn(() => fetchEndpoints(configurationOf(), send, signal, repeat))
    expect(failure).toEqual({ code: 'entra_unreachable', host: new URL(login).host, reason: 'ENOTFOUND' })
  })

  it('has an address that a strange tenant cannot leave', () => {
    expect(new URL(metadataUrl(login, '../evil')).pathname).toBe('/..%2Fevil/v2.0/.well-known/openid-configuration')
  })
})

describe('An OAuth error in a log', () => {
  const cases: [text: string, shown: string][] = [
    ['invalid_grant', 'invalid_grant'],
    ['interaction_required', 'interaction_required'],
    ['', 'unknown_error'],
    ['Bad Thing', 'unknown_error'],
    ['<script>', 'unknown_error'],
    ['line\nbreak', 'unknown_error'],
    ['x'.repeat(65), 'unknown_error'],
  ]
  for (const [text, shown] of cases)
    it(`${JSON.stringify(text).slice(0, 24)} is ${shown}`, () => expect(readOAuthError(text)).toBe(shown))
})
