import { randomBytes } from 'node:crypto'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { decodeJwt, type JWK } from 'jose'
import { LRUCache } from 'lru-cache'
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { recordSecret } from '../../noSecrets/record.ts'

export interface CodeRequest {
  clientId: string
  oid: string
  redirectUri: string
  /** OpenID scopes, space separated. */
  scope: string
  nonce: string | undefined
  /** S256 challenge; undefined when the client sent none. */
  challenge: string | undefined
}

export type CoreAnswer =
  | {
      granted: true
      oid: string
      refreshToken: string | undefined
      scopes: string[]
      /** Claims of the provider's own ID token; undefined when none was asked for. */
      idToken: { nonce?: unknown } | undefined
    }
  | { granted: false; reason: string }

/** The part of the authorization server that a certified implementation does: codes, their one use, PKCE, and tokens. */
export interface TokenCore {
  issueCode(request: CodeRequest): Promise<string>
  /** @param parameters of the token request, without the client's credential, which is checked before */
  exchange(clientId: string, parameters: Record<string, string>): Promise<CoreAnswer>
}

/** Forgets what is oldest, so that the simulator can run under load for hours; nothing else is ever taken back. */
class MemoryAdapter implements Adapter {
  readonly #entries = new LRUCache<string, AdapterPayload>({ max: 20_000 })

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#entries.set(id, payload)
  }
  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#entries.get(id)
  }
  async consume(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.consumed = Math.floor(Date.now() / 1000)
  }
  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}

const codeLifetime = 600

/** @param signingKey private key in JWK form; the tokens that it signs never leave this module */
export function createTokenCore(issuer: string, signingKey: JWK): TokenCore {
  // Entra ID's clients have several credentials of several kinds, so they are checked outside; this one is internal.
  const internalSecret = randomBytes(32).toString('base64url')
  const clients: Adapter = Object.assign(new MemoryAdapter(), {
    find: async (id: string): Promise<AdapterPayload> => ({
      client_id: id,
      client_secret: internalSecret,
      redirect_uris: ['https://checked-outside.example/'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'HS256',
    }),
  })

  const day = 24 * 3600
  const provider = new Provider(issuer, {
    adapter: (name: string) => (name === 'Client' ? clients : new MemoryAdapter()),
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clientAuthMethods: ['client_secret_post'],
    enabledJWA: { idTokenSigningAlgValues: ['HS256', 'RS256'] },
    features: { devInteractions: { enabled: false }, userinfo: { enabled: false } },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    findAccount: (_context, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    // A code that comes a second time is refused as used, however often it comes.
    revokeGrantPolicy: () => false,
    routes: { token: '/token' },
    ttl: { AuthorizationCode: codeLifetime, AccessToken: 3600, IdToken: 3600, RefreshToken: 90 * day, Grant: 90 * day },
  })

  const failures = new WeakMap<IncomingMessage, Error>()
  const answers = new WeakMap<IncomingMessage, (answer: CoreAnswer) => void>()
  provider.on('grant.error', (context, error) => failures.set(context.req, error))
  provider.on('server_error', (context, error) => failures.set(context.req, error))
  provider.use(async (context, next) => {
    await next()
    const status = context.status
    const body: Record<string, unknown> = typeof context.body === 'object' ? { ...context.body } : {}
    const text = (name: string): string | undefined => (typeof body[name] === 'string' ? body[name] : undefined)
    const idToken = text('id_token')
    const oid = context.oidc?.entities.Account?.accountId
    answers.get(context.req)?.(
      status === 200 && oid !== undefined
        ? {
            granted: true,
            oid,
            refreshToken: text('refresh_token'),
            scopes: (text('scope') ?? '').split(' ').filter(Boolean),
            idToken: idToken === undefined ? undefined : decodeJwt(idToken),
          }
        : { granted: false, reason: reasonOf(failures.get(context.req)) },
    )
  })
  const handle = provider.callback()

  return {
    async issueCode({ clientId, oid, redirectUri, scope, nonce, challenge }) {
      const client = await provider.Client.find(clientId)
      if (client === undefined) throw new TypeError('the token core knows every client')
      const grant = new provider.Grant({ clientId, accountId: oid })
      grant.addOIDCScope(scope)
      const grantId = await grant.save()
      const code = new provider.AuthorizationCode({
        client,
        accountId: oid,
        redirectUri,
        scope,
        nonce,
        codeChallenge: challenge,
        codeChallengeMethod: challenge === undefined ? undefined : 'S256',
        grantId,
        gty: 'authorization_code',
        authTime: Math.floor(Date.now() / 1000),
        // As long as Entra ID's codes, so that limits on address lengths show.
        jti: `1.A${randomBytes(540).toString('base64url')}`,
      })
      const issued = await code.save()
      recordSecret(issued)
      return issued
    },

    async exchange(clientId, parameters) {
      const body = new URLSearchParams({ ...parameters, client_id: clientId, client_secret: internalSecret }).toString()
      const request = new IncomingMessage(new Socket())
      request.method = 'POST'
      request.url = '/token'
      request.headers = {
        host: new URL(issuer).host,
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(Buffer.byteLength(body)),
      }
      request.push(body)
      request.push(null)
      const answer = new Promise<CoreAnswer>((resolve) => answers.set(request, resolve))
      await handle(request, new ServerResponse(request))
      return answer
    },
  }
}

/** The provider tells clients little; what it really found is in the detail or in the cause. */
function reasonOf(error: Error | undefined): string {
  if (error === undefined) return 'no reason'
  const told = error instanceof errors.OIDCProviderError ? [error.error_detail, error.error_description] : []
  const cause = error.cause instanceof Error ? error.cause.message : undefined
  return [...told, cause, error.message].filter((text) => text !== undefined).join('; ')
}
