import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWK,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose'
import { LRUCache } from 'lru-cache'
import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { AppError } from '../failure.ts'
import { NoAnswerError, type Send } from '../outgoing/http.ts'
import { sendWithRetry } from '../outgoing/retry.ts'

/** After keys could not be loaded they are not loaded ahead again for this long, in milliseconds. */
const pauseAfterFailure = 5000

interface KeySet {
  find: ReturnType<typeof createRemoteJWKSet>
  /** Where the library notes what it loaded; its own method would copy the whole set for each token. */
  loaded: JWKSCacheInput
}

/** The public keys of authorities: fetched once, again for an unknown key id, and kept for a day at the most. */
export class SigningKeys {
  readonly #send: Send
  readonly #clock: Clock
  readonly #random: () => number
  readonly #sets = new LRUCache<string, KeySet>({ max: 8 })
  readonly #failedAt = new LRUCache<string, number>({ max: 8 })

  /** @param random 0 to 1, for jitter */
  constructor(send: Send, clock: Clock, random: () => number) {
    this.#send = send
    this.#clock = clock
    this.#random = random
  }

  /**
   * The keys behind an address. Loading begins at once, beside the token call; its failure shows when a key is asked for.
   */
  at(url: string): JWTVerifyGetKey {
    const { find, loaded } = this.#setOf(url)
    const early = this.#load(url)
    return async (header, token) => {
      await early
      try {
        const key = await find(header, token)
        requireIssuer(loaded.jwks?.keys ?? [], header.kid, token.payload)
        return key
      } catch (cause) {
        const aboutToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]
        if (cause instanceof AppError || aboutToken.some((kind) => cause instanceof kind)) throw cause
        throw new AppError({ code: 'entra_malformed', problem: 'the signing keys cannot be read' }, { cause })
      }
    }
  }

  #setOf(url: string): KeySet {
    let set = this.#sets.get(url)
    if (set === undefined) {
      const loaded: JWKSCacheInput = {}
      const find = createRemoteJWKSet(new URL(url), {
        cacheMaxAge: 24 * 60 * 60 * 1000,
        // Tokens come from the token endpoint only, so an unknown key id means a rotation and never a flood.
        cooldownDuration: 0,
        [jwksCache]: loaded,
        [customFetch]: (address) => this.#fetch(address),
      })
      set = { find, loaded }
      this.#sets.set(url, set)
    }
    return set
  }

  /** Before there is a token, so for codes that are none, too; whoever has a token asks for its key in any case. */
  async #load(url: string): Promise<void> {
    const { find } = this.#setOf(url)
    const failedAt = this.#failedAt.get(url) ?? Number.NEGATIVE_INFINITY
    if (find.fresh || this.#clock.now() - failedAt < pauseAfterFailure) return
    await find.reload().catch(() => {
      this.#failedAt.set(url, this.#clock.now())
    })
  }

  /**
   * Loads the keys for somebody who is still to come, and imports them; silent when that fails, for whoever needs one asks
   * again.
   */
  async ahead(url: string): Promise<void> {
    await this.#load(url)
    const { find, loaded } = this.#setOf(url)
    // A key that cannot be found is fetched again, so only those that can be.
    const fitting = (loaded.jwks?.keys ?? []).flatMap(({ kid, kty, use = 'sig', alg = 'RS256' }) =>
      kid !== undefined && kty === 'RSA' && use === 'sig' && alg === 'RS256' ? [{ kid, alg }] : [],
    )
    if (find.fresh) await Promise.allSettled(fitting.map((header) => find(header)))
  }

  async #fetch(url: string): Promise<Response> {
    const signal = new AbortController().signal
    try {
      const call = { method: 'GET', url, timeout: 3000, signal } as const
      const repeat = { attempts: 2, clock: this.#clock, random: this.#random }
      const { status, body } = await sendWithRetry(this.#send, call, repeat)
      if (status === 429 || status >= 500) throw new AppError({ code: 'entra_busy', status })
      return Response.json(body ?? null, { status })
    } catch (cause) {
      if (!(cause instanceof NoAnswerError)) throw cause
      throw new AppError({ code: 'entra_unreachable', host: new URL(url).host, reason: cause.reason }, { cause })
    }
  }
}

const signerSchema = v.object({ issuer: v.string() })
const claimsSchema = v.object({ iss: v.string(), tid: v.string() })

/**
 * The key sets of common and organizations hold keys of issuers that may not sign for every tenant, and name the issuer of
 * each (Microsoft's page "Claims validation", "Validate the signing key issuer"). The token is not verified yet: what it
 * says can only refuse it.
 * @throws AppError token_rejected
 */
function requireIssuer(keys: readonly JWK[], kid: string | undefined, payload: string | Uint8Array): void {
  for (const key of keys) {
    if (kid !== undefined && key.kid !== kid) continue
    const signer = v.safeParse(signerSchema, key)
    if (!signer.success) continue
    const claims = v.safeParse(claimsSchema, readPayload(payload))
    const expected = claims.success && signer.output.issuer.replace('{tenantid}', claims.output.tid.toLowerCase())
    if (!claims.success || claims.output.iss !== expected)
      throw new AppError({ code: 'token_rejected', check: 'issuer' })
  }
}

function readPayload(payload: string | Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(String(payload), 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
