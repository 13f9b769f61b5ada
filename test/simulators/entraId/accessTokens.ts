import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AppRegistration, DirectoryUser } from '../directory.ts'

/** What an access token stands for. */
export interface ResolvedToken {
  /** Undefined for an app-only token. */
  user: DirectoryUser | undefined
  app: AppRegistration
  /** Delegated permissions, without the resource in front. */
  scopes: string[]
  /** Application permissions. */
  roles: string[]
  /** Of an app-only token: the tenant that issued it; absent: the application's own. */
  tenantId?: string
  /** Root of the resource that it is for, without a trailing slash. */
  audience: string
  expired: boolean
}

export type ResolveToken = (accessToken: string) => ResolvedToken | undefined

/** How long an access token lives, in seconds; Entra ID varies it between 60 and 90 minutes. */
const lifetime = 4499

export interface AccessTokens {
  issue(token: Omit<ResolvedToken, 'expired'>): { token: string; expiresIn: number }
  resolve: ResolveToken
}

export function createAccessTokens(): AccessTokens {
  const issued = new LRUCache<string, { token: Omit<ResolvedToken, 'expired'>; expires: number }>({ max: 50_000 })
  const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    issue(token) {
      const expires = Date.now() + lifetime * 1000
      // Looks like Graph's tokens, whose signature nobody but Graph can check: the header's nonce is hashed before.
      const text = [
        segment({ typ: 'JWT', nonce: randomBytes(32).toString('base64url'), alg: 'RS256', kid: 'graph' }),
        segment({
          aud: token.audience,
          exp: Math.floor(expires / 1000),
          appid: token.app.clientId,
          ...(token.user !== undefined && { oid: token.user.oid, scp: token.scopes.join(' ') }),
          ...(token.user === undefined && token.roles.length > 0 && { roles: token.roles }),
          xms_filler: randomBytes(700).toString('base64url'),
        }),
        randomBytes(256).toString('base64url'),
      ].join('.')
      issued.set(text, { token, expires })
      return { token: text, expiresIn: lifetime }
    },
    resolve(text) {
      const found = issued.get(text)
      return found === undefined ? undefined : { ...found.token, expired: found.expires <= Date.now() }
    },
  }
}
