import { ManagedIdentityCredential } from '@azure/identity'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type SimulatedIdentity, startIdentityEndpoint } from './identityEndpoint.ts'

const issuer = 'https://login.microsoftonline.com/6f1ee9a7-7a9d-4c7a-8f3f-1d3a1f5f0001/v2.0'

let identity: SimulatedIdentity

// One for all tests: the SDK keeps the endpoint that it found first, and its tokens, for as long as the process lives.
beforeAll(async () => {
  identity = await startIdentityEndpoint({ issuer, tenantId: '6f1ee9a7-7a9d-4c7a-8f3f-1d3a1f5f0001' })
  for (const [name, value] of Object.entries(identity.environment)) vi.stubEnv(name, value)
})

beforeEach(() => {
  identity.requests.length = 0
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await identity.close()
})

const credential = () => new ManagedIdentityCredential({ clientId: identity.clientId })

describe('the credential of the SDK', () => {
  it('gets a token for the vault, which its issuer recognises', async () => {
    const { token, expiresOnTimestamp } = await credential().getToken('https://vault.azure.net/.default')
    const facts = identity.resolveToken(token)
    expect(facts).toMatchObject({ resource: 'https://vault.azure.net', principalId: identity.principalId })
    // The SDK counts in whole seconds from its own clock, which may tick between the question and the answer.
    expect(Math.abs(expiresOnTimestamp - (facts?.expiresOn ?? 0))).toBeLessThanOrEqual(1000)
    expect(identity.resolveToken(`${token}x`)).toBeUndefined()
  })

  it.each(['api://AzureADTokenExchange', 'api://AzureADTokenExchangeUSGov', 'api://AzureADTokenExchangeChina'])(
    'gets a token that can be a federated credential for %s',
    async (audience) => {
      const { token } = await credential().getToken(`${audience}/.default`)
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(identity.jwks()), {
        issuer,
        audience,
        subject: identity.principalId,
        algorithms: ['RS256'],
      })
      expect(protectedHeader.kid).toBe(identity.jwks().keys[0]?.kid)
      expect(payload).toMatchObject({ oid: identity.principalId, azp: identity.clientId, idtyp: 'app' })
    },
  )

  it('asks once for each resource, because the answer echoes the resource', async () => {
    const own = credential()
    for (const scope of ['https://a.example/.default', 'https://b.example/.default', 'https://a.example/.default']) {
      await own.getToken(scope)
    }
    expect(identity.requests.map(({ query }) => new URLSearchParams(query).get('resource'))).toEqual([
      'https://a.example',
      'https://b.example',
    ])
  })

  it('is unavailable for an identity that is not assigned', async () => {
    const other = new ManagedIdentityCredential({ clientId: '6f1ee9a7-7a9d-4c7a-8f3f-1d3a1f5fffff' })
    await expect(other.getToken('https://vault.azure.net/.default')).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
    })
  })
})

describe('the endpoint', () => {
  const good = '?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net'
  const ask = (query: string, headers: Record<string, string>) =>
    fetch(identity.environment.IDENTITY_ENDPOINT + query, { headers })

  it.each([
    ['no header', good, undefined, 400],
    ['a wrong header', good, 'wrong', 401],
    ['another version', good.replace('2019', '2017'), 'right', 400],
    ['no resource', '?api-version=2019-08-01', 'right', 400],
    ['another identity', `${good}&client_id=other`, 'right', 400],
    ['no identity', good, 'right', 400],
    ['everything right', `${good}&client_id=own`, 'right', 200],
  ])('answers to %s', async (_, query, header, status) => {
    const value = header === 'right' ? identity.environment.IDENTITY_HEADER : header
    const answer = await ask(
      query.replace('own', identity.clientId),
      value === undefined ? {} : { 'x-identity-header': value },
    )
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject(
      status === 200
        ? {
            expires_on: expect.stringMatching(/^\d+$/),
            resource: 'https://vault.azure.net',
            client_id: identity.clientId,
          }
        : { statusCode: status, message: expect.any(String) },
    )
  })
})
