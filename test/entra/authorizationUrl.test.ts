import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { clouds, type KnownCloud } from '../../shared/configuration/clouds.ts'
import { authorizationUrl, createNonce, createPkce } from '../../shared/entra/authorizationUrl.ts'
import { deriveEndpoints } from '../../shared/entra/endpoints.ts'
import { configurationOf } from '../configuration/sampleConfiguration.ts'

const request = { state: 'the-state', nonce: 'the-nonce', challenge: 'the-challenge' }

const addressOf = async (
  configuration = configurationOf(),
  changes: Partial<Parameters<typeof authorizationUrl>[2]> = {},
): Promise<URL> =>
  new URL(await authorizationUrl(configuration, deriveEndpoints(configuration), { ...request, ...changes }))

describe('The address at Entra ID', () => {
  it('asks for a code in a form, with PKCE, state and nonce', async () => {
    const configuration = configurationOf()
    expect(Object.fromEntries((await addressOf(configuration)).searchParams)).toMatchObject({
      client_id: configuration.clientId,
      response_type: 'code',
      response_mode: 'form_post',
      redirect_uri: configuration.redirectUri,
      state: 'the-state',
      nonce: 'the-nonce',
      code_challenge: 'the-challenge',
      code_challenge_method: 'S256',
    })
  })

  it('has no implicit grant and no verifier', async () => {
    const { searchParams } = await addressOf()
    expect(searchParams.get('response_type')).toBe('code')
    expect(searchParams.has('code_verifier')).toBe(false)
    expect(searchParams.has('client_secret')).toBe(false)
  })

  for (const cloud of Object.keys(clouds) as KnownCloud[]) {
    it(`of ${cloud} lies on its sign-in host and asks for its own Graph`, async () => {
      const address = await addressOf(configurationOf({ cloud }))
      expect(address.origin).toBe(clouds[cloud].login)
      const root = cloud === 'commercial' ? '' : `${clouds[cloud].graph}/`
      expect(address.searchParams.get('scope')?.split(' ')).toContain(`${root}User.Read`)
    })
  }

  it('carries a claims challenge, when there is one', async () => {
    const { searchParams } = await addressOf(undefined, { claims: '{"id_token":{}}' })
    expect(searchParams.get('claims')).toContain('id_token')
  })

  it('names no user: the people of one browser choose at Entra ID', async () => {
    const { searchParams } = await addressOf()
    expect(searchParams.has('login_hint')).toBe(false)
  })
})

describe('A verifier', () => {
  it('is long enough and fits its challenge (RFC 7636 4.1, 4.2)', () => {
    const { verifier, challenge } = createPkce()
    expect(verifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/)
    expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'))
  })

  it('is another each time', () => {
    const made = [createPkce(), createPkce()]
    expect(new Set(made.map(({ verifier }) => verifier)).size).toBe(2)
  })
})

describe('A nonce', () => {
  it('has 128 random bits', () => {
    const made = [createNonce(), createNonce()].map((nonce) => Buffer.from(nonce, 'base64url'))
    expect(made.map(({ length }) => length)).toEqual([16, 16])
    expect(made[0]).not.toEqual(made[1])
    // A UUID has fixed bits at these places.
    const many = Array.from({ length: 200 }, () => Buffer.from(createNonce(), 'base64url'))
    expect(new Set(many.map((bytes) => (bytes[6] ?? 0) >> 4)).size).toBeGreaterThan(8)
  })
})
