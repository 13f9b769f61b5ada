import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import { LRUCache } from 'lru-cache'
import { AppError } from '../failure.ts'
import { NoAnswerError, type Send } from '../outgoing/http.ts'

/** The public keys of authorities: fetched once, again for an unknown key id, and kept for a day at the most. */
export class SigningKeys {
  readonly #send: Send
  readonly #sets = new LRUCache<string, ReturnType<typeof createRemoteJWKSet>>({ max: 8 })

  constructor(send: Send) {
    this.#send = send
  }

  /**
   * The keys behind an address. Loading begins at once, beside the token call; its failure shows when a key is asked for.
   */
  at(url: string): JWTVerifyGetKey {
    let set = this.#sets.get(url)
    if (set === undefined) {
      set = createRemoteJWKSet(new URL(url), {
        cacheMaxAge: 24 * 60 * 60 * 1000,
        // Tokens come from the token endpoint only, so an unknown key id means a rotation and never a flood.
        cooldownDuration: 0,
        [customFetch]: (address) => this.#fetch(address),
      })
      this.#sets.set(url, set)
    }
    const keys = set
    const early = keys.fresh ? undefined : keys.reload().catch(() => undefined)
    return async (header, token) => {
      await early
      try {
        return await keys(header, token)
      } catch (cause) {
        const aboutToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]
        if (cause instanceof AppError || aboutToken.some((kind) => cause instanceof kind)) throw cause
        throw new AppError({ code: 'entra_malformed', problem: 'the signing keys cannot be read' }, { cause })
      }
    }
  }

  async #fetch(url: string): Promise<Response> {
    const signal = new AbortController().signal
    try {
      const { status, body } = await this.#send({ method: 'GET', url, timeout: 5000, signal })
      if (status === 429 || status >= 500) throw new AppError({ code: 'entra_busy', status })
      return Response.json(body ?? null, { status })
    } catch (cause) {
      if (!(cause instanceof NoAnswerError)) throw cause
      throw new AppError({ code: 'entra_unreachable', host: new URL(url).host, reason: cause.reason }, { cause })
    }
  }
}
