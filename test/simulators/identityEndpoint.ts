import { generateKeyPair, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose'
import type { TokenFacts } from './keyVault.ts'
import { type SimulatedServer, sendJson, startServer } from './server.ts'

export interface IdentityEndpointOptions {
  port?: number
  /** `iss` of the tokens: `https://{login host}/{tenant id}/v2.0`, as the federated credential names it. */
  issuer: string
  tenantId?: string
  /** Of the user-assigned identity; a request for another one is refused. */
  clientId?: string
  /** Object id of the identity: the `sub` of its tokens, and the subject of a federated credential. */
  principalId?: string
  /** Default 24 hours, as the platform's tokens live. */
  lifetimeSeconds?: number
}

export interface SimulatedIdentity extends SimulatedServer {
  /** Environment variables that make the credential of the SDK find this endpoint. */
  environment: { IDENTITY_ENDPOINT: string; IDENTITY_HEADER: string }
  clientId: string
  principalId: string
  issuer: string
  /** What a token of this endpoint stands for, until it is revoked. */
  resolveToken(token: string): TokenFacts | undefined
  /** Tokens that were given out no longer count; callers have to ask for new ones. */
  revoke(): void
  /** Keys that verify its tokens. */
  jwks(): { keys: JWK[] }
  /** A token without asking over the wire. */
  issue(resource: string): Promise<string>
}

const apiVersion = '2019-08-01'

/**
 * Starts the identity endpoint of App Service on loopback, plain HTTP as there. Every resource gets a signed token: a
 * vault looks it up here, Entra ID verifies it as a federated credential (platform facts, 6.1 and 6.2).
 */
export async function startIdentityEndpoint(options: IdentityEndpointOptions): Promise<SimulatedIdentity> {
  const {
    issuer,
    tenantId = '00000000-0000-4000-8000-00000000c0de',
    clientId = randomUUID(),
    principalId = randomUUID(),
    lifetimeSeconds = 24 * 60 * 60,
  } = options
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const jwk = await publicJwk(publicKey)
  const secret = randomBytes(24).toString('hex')
  const issued = new Map<string, TokenFacts>()

  const issue = async (resource: string): Promise<{ token: string; expiresOn: number }> => {
    const now = Math.floor(Date.now() / 1000)
    const expiresOn = now + lifetimeSeconds
    // idtyp: only app-only tokens may be used as a federated credential (AADSTS700229).
    const token = await new SignJWT({ oid: principalId, azp: clientId, tid: tenantId, idtyp: 'app', ver: '2.0' })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: jwk.kid ?? '' })
      .setIssuer(issuer)
      .setSubject(principalId)
      .setAudience(resource)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(expiresOn)
      .setJti(randomUUID())
      .sign(privateKey)
    issued.set(token, { resource, principalId, expiresOn: expiresOn * 1000 })
    return { token, expiresOn }
  }

  const server = await startServer(
    async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://identity.invalid')
      const refuse = (status: number, message: string): void =>
        sendJson(response, status, { statusCode: status, message, correlationId: randomUUID() })
      if (pathname !== '/msi/token' || request.method !== 'GET') return refuse(404, 'Not found')
      const header = request.headers['x-identity-header']
      if (header === undefined) return refuse(400, 'The header X-IDENTITY-HEADER is missing')
      if (header !== secret) return refuse(401, 'The header X-IDENTITY-HEADER is wrong')
      if (searchParams.get('api-version') !== apiVersion) return refuse(400, 'Unsupported api-version')
      const resource = searchParams.get('resource')
      if (resource === null || resource === '') return refuse(400, 'The resource is missing')
      const wanted = searchParams.get('client_id')
      if (wanted !== null && wanted !== clientId)
        return refuse(400, 'No User Assigned or Delegated Managed Identity found')
      const { token, expiresOn } = await issue(resource)
      sendJson(response, 200, {
        access_token: token,
        client_id: clientId,
        expires_on: String(expiresOn),
        // Exactly as asked for: the credential files the token under what it reads here.
        resource,
        token_type: 'Bearer',
      })
    },
    options.port === undefined ? {} : { port: options.port },
  )

  return {
    ...server,
    environment: { IDENTITY_ENDPOINT: `${server.url}/msi/token`, IDENTITY_HEADER: secret },
    clientId,
    principalId,
    issuer,
    resolveToken: (token) => issued.get(token),
    revoke: () => issued.clear(),
    jwks: () => ({ keys: [jwk] }),
    issue: async (resource) => (await issue(resource)).token,
  }
}

async function publicJwk(publicKey: KeyObject): Promise<JWK> {
  const jwk = await exportJWK(publicKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'RS256' }
}
