/**
 * The identity endpoint of App Service and Functions: gives the tokens of one user-assigned identity to whoever has the
 * header's secret, plain HTTP on loopback. Written in "How to use managed identities for App Service and Azure
 * Functions", section "Connect to Azure services in app code", REST endpoint reference
 * (https://learn.microsoft.com/azure/app-service/overview-managed-identity), and, for the token as a federated
 * credential, in "Configure an application to trust a managed identity"
 * (https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity).
 * Left out: system-assigned identities, `principal_id` and `mi_res_id` in place of `client_id`.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { type JWK, SignJWT } from 'jose'
import { createSigningKey } from './entraId/signingKeys.ts'
import type { TokenFacts } from './keyVault.ts'
import { type SimulatedServer, sendJson, startServer } from './server.ts'

export interface IdentityEndpointOptions {
  /** `iss` of the tokens: `https://{login host}/{tenant id}/v2.0`, as the federated credential names it. */
  issuer: string
  tenantId: string
}

export interface SimulatedIdentity extends SimulatedServer {
  /** Environment variables that make the credential of the SDK find this endpoint. */
  environment: { IDENTITY_ENDPOINT: string; IDENTITY_HEADER: string }
  /** Of the user-assigned identity; a request for another one is refused. */
  clientId: string
  /** Object id of the identity: the `sub` of its tokens, and the subject of a federated credential. */
  principalId: string
  issuer: string
  /** What a token of this endpoint stands for. */
  resolveToken(token: string): TokenFacts | undefined
  /** Keys that verify its tokens. */
  jwks(): { keys: JWK[] }
}

const apiVersion = '2019-08-01'

/** Seconds; the platform keeps its tokens for up to 24 hours. */
const lifetime = 24 * 60 * 60

/** Every resource gets a signed token: a vault looks it up here, Entra ID verifies it as a federated credential. */
export async function startIdentityEndpoint({ issuer, tenantId }: IdentityEndpointOptions): Promise<SimulatedIdentity> {
  const [clientId, principalId] = [randomUUID(), randomUUID()]
  const { kid, privateKey, jwk } = await createSigningKey()
  const secret = randomBytes(24).toString('hex')
  const issued = new Map<string, TokenFacts>()

  const issue = async (resource: string): Promise<{ token: string; expiresOn: number }> => {
    const now = Math.floor(Date.now() / 1000)
    const expiresOn = now + lifetime
    // idtyp: only app-only tokens may be used as a federated credential (AADSTS700229).
    const token = await new SignJWT({ oid: principalId, azp: clientId, tid: tenantId, idtyp: 'app', ver: '2.0' })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
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

  const server = await startServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://identity.invalid')
    const header = request.headers['x-identity-header']
    const resource = searchParams.get('resource') ?? ''
    const refusals: readonly [applies: boolean, status: number, message: string][] = [
      [pathname !== '/msi/token' || request.method !== 'GET', 404, 'Not found'],
      [header === undefined, 400, 'The header X-IDENTITY-HEADER is missing'],
      [header !== secret, 401, 'The header X-IDENTITY-HEADER is wrong'],
      [searchParams.get('api-version') !== apiVersion, 400, 'Unsupported api-version'],
      [resource === '', 400, 'The resource is missing'],
      [searchParams.get('client_id') !== clientId, 400, 'No User Assigned or Delegated Managed Identity found'],
    ]
    const refusal = refusals.find(([applies]) => applies)
    if (refusal !== undefined) {
      const [, statusCode, message] = refusal
      return sendJson(response, statusCode, { statusCode, message, correlationId: randomUUID() })
    }
    const { token, expiresOn } = await issue(resource)
    sendJson(response, 200, {
      access_token: token,
      client_id: clientId,
      expires_on: String(expiresOn),
      // Exactly as asked for: the credential files the token under what it reads here.
      resource,
      token_type: 'Bearer',
    })
  })

  return {
    ...server,
    environment: { IDENTITY_ENDPOINT: `${server.url}/msi/token`, IDENTITY_HEADER: secret },
    clientId,
    principalId,
    issuer,
    resolveToken: (token) => issued.get(token),
    jwks: () => ({ keys: [jwk] }),
  }
}
