import { createLocalJWKSet, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Endpoints, readMetadata } from '../../shared/entra/endpoints.ts'
import type { TokenCheck } from '../../shared/entra/failures.ts'
import { type Expected, verifyIdToken } from '../../shared/entra/idToken.ts'
import { AppError, type Failure } from '../../shared/failure.ts'
import { configurationOf } from '../configuration/sampleConfiguration.ts'
import { failureIn } from '../failing.ts'
import {
  claimsOf,
  clientId,
  createTokenSigner,
  nonce,
  now,
  otherTenant,
  signedWithPublicKey,
  type TokenSigner,
  tenant,
  unsigned,
} from './signedToken.ts'

const login = 'https://login.microsoftonline.com'

const singleTenant: Endpoints = {
  authority: `${login}/${tenant}`,
  authorize: `${login}/${tenant}/oauth2/v2.0/authorize`,
  token: `${login}/${tenant}/oauth2/v2.0/token`,
  keys: `${login}/${tenant}/discovery/v2.0/keys`,
  issuer: `${login}/${tenant}/v2.0`,
  tenantId: tenant,
}
const multiTenant: Endpoints = { ...singleTenant, issuer: `${login}/{tenantid}/v2.0`, tenantId: undefined }

const expected: Expected = { endpoints: singleTenant, clientId, allowedTenants: [], nonce, now: now * 1000 }

let signer: TokenSigner
let stranger: TokenSigner

beforeAll(async () => {
  signer = await createTokenSigner('known')
  stranger = await createTokenSigner('known')
})

const verify = (token: string, changes: Partial<Expected> = {}) =>
  verifyIdToken(token, createLocalJWKSet({ keys: [signer.jwk] }), { ...expected, ...changes })

const rejected = (check: TokenCheck): Failure => ({ code: 'token_rejected', check })

/** Without the named claims. */
function without(...names: string[]): JWTPayload {
  return Object.fromEntries(Object.entries(claimsOf()).filter(([name]) => !names.includes(name)))
}

describe('An ID token', () => {
  it('that says what it must is taken, and gives its claims', async () => {
    const claims = await verify(await signer.sign(claimsOf({ groups: ['a'], email: 'a@contoso.com' })))
    expect(claims).toMatchObject({
      sub: 'pairwise-subject',
      preferred_username: 'alice@contoso.com',
      tid: tenant,
      groups: ['a'],
      email: 'a@contoso.com',
    })
  })

  const refused: [name: string, check: TokenCheck, claims: JWTPayload, changes?: Partial<Expected>][] = [
    ['of another authority', 'issuer', claimsOf({ iss: `https://login.example/${tenant}/v2.0` })],
    ['of another cloud', 'issuer', claimsOf({ iss: `https://login.microsoftonline.us/${tenant}/v2.0` })],
    ['of version 1.0, by its issuer', 'issuer', claimsOf({ iss: `https://sts.windows.net/${tenant}/`, ver: '1.0' })],
    ['whose issuer has one character more', 'issuer', claimsOf({ iss: `${singleTenant.issuer}/` })],
    ['without an issuer', 'issuer', without('iss')],
    ['for another application', 'audience', claimsOf({ aud: otherTenant })],
    ['for us and another application', 'audience', claimsOf({ aud: [clientId, otherTenant] })],
    ['for us alone, but in a list', 'audience', claimsOf({ aud: [clientId] })],
    ['without an audience', 'audience', without('aud')],
    ['that another application asked for', 'audience', claimsOf({ azp: otherTenant })],
    ['of another tenant that calls itself the issuer', 'tenant', claimsOf({ tid: otherTenant })],
    ['without a tenant', 'tenant', without('tid')],
    ['whose tenant is no GUID', 'tenant', claimsOf({ tid: 'contoso.com' })],
    ['that has expired', 'expired', claimsOf({ exp: now - 300 })],
    ['that is not valid yet', 'not_yet_valid', claimsOf({ nbf: now + 301 })],
    ['of another attempt', 'nonce', claimsOf({ nonce: 'another' })],
    ['whose nonce only begins right', 'nonce', claimsOf({ nonce: `${nonce}x` })],
    ['without a nonce', 'nonce', without('nonce')],
    ['of another version', 'version', claimsOf({ ver: '1.0' })],
    ['without a subject', 'claims', without('sub')],
    ['with an empty subject', 'claims', claimsOf({ sub: '' })],
    ['without a sign-in name', 'claims', without('preferred_username')],
    ['with an empty sign-in name', 'claims', claimsOf({ preferred_username: '' })],
    ['whose groups are no list', 'claims', claimsOf({ groups: 'admins' })],
  ]
  for (const [name, check, claims, changes] of refused) {
    it(`${name} is refused (${check})`, async () => {
      const token = await signer.sign(claims)
      expect(await failureIn(() => verify(token, changes))).toEqual(rejected(check))
    })
  }

  for (const name of ['exp', 'iat']) {
    it(`without ${name} is refused`, async () => {
      const token = await signer.sign(without(name))
      expect(await failureIn(() => verify(token))).toMatchObject({ code: 'token_rejected' })
    })
  }

  const times: [name: string, claims: JWTPayload][] = [
    ['expired less than five minutes ago', claimsOf({ exp: now - 299 })],
    ['becomes valid within five minutes', claimsOf({ nbf: now + 300 })],
    ['was issued a little in the future', claimsOf({ iat: now + 200, nbf: now + 200 })],
  ]
  for (const [name, claims] of times) {
    it(`that ${name} is taken: clocks differ`, async () => {
      await expect(verify(await signer.sign(claims))).resolves.toMatchObject({ tid: tenant })
    })
  }

  it('that names us as the party that asked for it is taken', async () => {
    await expect(verify(await signer.sign(claimsOf({ azp: clientId })))).resolves.toMatchObject({ tid: tenant })
  })

  it('may write its tenant in capitals', async () => {
    const upper = tenant.replaceAll('1', 'A')
    const lower = upper.toLowerCase()
    const endpoints = { ...singleTenant, issuer: `${login}/${lower}/v2.0`, tenantId: lower }
    const token = await signer.sign(claimsOf({ iss: endpoints.issuer, tid: upper }))
    await expect(verify(token, { endpoints })).resolves.toMatchObject({ tid: lower })
  })
})

describe('The signature of an ID token', () => {
  const forged: [name: string, check: TokenCheck, token: () => string | Promise<string>][] = [
    ['none at all', 'algorithm', () => unsigned(claimsOf(), signer.kid)],
    ['HS256 with the public key as the secret', 'algorithm', () => signedWithPublicKey(claimsOf(), signer)],
    [
      'RS512, though of the same family',
      'algorithm',
      async () => {
        const { privateKey } = await generateKeyPair('RS512')
        return new SignJWT(claimsOf()).setProtectedHeader({ alg: 'RS512', kid: signer.kid }).sign(privateKey)
      },
    ],
    [
      'ES256 with a key of somebody else',
      'algorithm',
      async () => {
        const { privateKey } = await generateKeyPair('ES256')
        return new SignJWT(claimsOf()).setProtectedHeader({ alg: 'ES256', kid: signer.kid }).sign(privateKey)
      },
    ],
    ['a key of somebody else under a known id', 'signature', () => stranger.sign(claimsOf())],
    ['a key with an unknown id', 'signature', () => signer.sign(claimsOf(), { kid: 'unknown' })],
    [
      'a signature over other claims',
      'signature',
      async () => {
        const [header, , signature] = (await signer.sign(claimsOf())).split('.')
        const claims = Buffer.from(JSON.stringify(claimsOf({ sub: 'somebody-else' }))).toString('base64url')
        return [header, claims, signature].join('.')
      },
    ],
    ['no token at all', 'format', () => 'not a token'],
    ['an empty text', 'format', () => ''],
    ['three parts that are no JSON', 'format', () => 'a.b.c'],
    ['five parts, as of an encrypted token', 'format', () => 'a.b.c.d.e'],
  ]
  for (const [name, check, token] of forged) {
    it(`must not be ${name} (${check})`, async () => {
      const text = await token()
      expect(await failureIn(() => verify(text))).toEqual(rejected(check))
    })
  }

  it('cannot be checked when the keys cannot be had: that is no fault of the token', async () => {
    const token = await signer.sign(claimsOf())
    const keys = (): never => {
      throw new AppError({ code: 'entra_busy', status: 503 })
    }
    expect(await failureIn(() => verifyIdToken(token, keys, expected))).toEqual({ code: 'entra_busy', status: 503 })
  })
})

describe('With common and organizations', () => {
  const issuer = `${login}/${otherTenant}/v2.0`
  const cases: [name: string, claims: JWTPayload, allowed: string[], failure: Failure | undefined][] = [
    ['an allowed tenant signs in', claimsOf(), [tenant], undefined],
    ['another allowed tenant signs in', claimsOf({ iss: issuer, tid: otherTenant }), [tenant, otherTenant], undefined],
    [
      'a tenant that is not allowed is refused by name',
      claimsOf({ iss: issuer, tid: otherTenant }),
      [tenant],
      { code: 'tenant_not_allowed', tenant: otherTenant },
    ],
    ['no tenant is allowed by an empty list', claimsOf(), [], { code: 'tenant_not_allowed', tenant }],
    ['the issuer must be of the tenant that the token names', claimsOf({ iss: issuer }), [tenant], rejected('issuer')],
    ['the placeholder itself is no issuer', claimsOf({ iss: multiTenant.issuer }), [tenant], rejected('issuer')],
    ['a token without a tenant is refused', without('tid'), [tenant], rejected('tenant')],
  ]
  for (const [name, claims, allowedTenants, failure] of cases) {
    it(name, async () => {
      const token = await signer.sign(claims)
      expect(await failureIn(() => verify(token, { endpoints: multiTenant, allowedTenants }))).toEqual(failure)
    })
  }

  it('the allow-list does not open a single tenant to others', async () => {
    const token = await signer.sign(claimsOf({ tid: otherTenant }))
    const failure = await failureIn(() => verify(token, { allowedTenants: [otherTenant] }))
    expect(failure).toEqual(rejected('tenant'))
  })
})

describe('With a tenant that is named by its domain', () => {
  const domain = () =>
    readMetadata(
      200,
      {
        issuer: singleTenant.issuer,
        authorization_endpoint: singleTenant.authorize,
        token_endpoint: singleTenant.token,
        jwks_uri: singleTenant.keys,
      },
      configurationOf({ tenant_id: 'contoso.com' }),
    )

  it('its users sign in', async () => {
    const token = await signer.sign(claimsOf())
    await expect(verify(token, { endpoints: domain() })).resolves.toMatchObject({ tid: tenant })
  })

  const others: [name: string, claims: JWTPayload, failure: Failure][] = [
    ['by its issuer', claimsOf({ iss: `${login}/${otherTenant}/v2.0`, tid: otherTenant }), rejected('issuer')],
    ['by its id', claimsOf({ tid: otherTenant }), rejected('tenant')],
  ]
  for (const [name, claims, failure] of others) {
    it(`a user of another tenant is refused ${name}`, async () => {
      const token = await signer.sign(claims)
      expect(await failureIn(() => verify(token, { endpoints: domain() }))).toEqual(failure)
    })
  }
})
