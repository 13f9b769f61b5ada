import { guidOf } from '../directory.ts'
import { EntraError, expiredGrant } from './entraError.ts'
import type { Signature } from './signingKeys.ts'

/** Something wrong with the ID token in an answer that is right otherwise. */
export type IdTokenFault =
  | Exclude<Signature, 'right'>
  | 'wrongNonce'
  | 'noNonce'
  | 'expired'
  | 'notYetValid'
  | 'wrongAudience'
  | 'wrongIssuer'
  /** Signed rightly, for a user of another organisation. */
  | 'wrongTenant'
  | 'version1'
  | 'malformedIdToken'
  | 'noIdToken'

/** An answer that is not a token at all. */
export type Refusal =
  | 'interactionRequired'
  | 'invalidGrant'
  | 'expiredCode'
  | 'throttled'
  | 'unavailable'
  | 'serverError'
  | 'notJson'

export type TokenFault = IdTokenFault | Refusal

export interface FaultOptions {
  /** How many answers it hits; default 1. */
  times?: number
  /** Seconds in the Retry-After header of `throttled` and `unavailable`; absent: no header. */
  retryAfter?: number
  /** Claims challenge of `interactionRequired`, JSON as text. */
  claims?: string
}

export interface QueuedFault {
  fault: TokenFault
  options: FaultOptions
}

const forAnyGrant = new Set<TokenFault>(['throttled', 'unavailable', 'serverError', 'notJson'])

/** Faults of the coming token answers, in order. */
export class FaultQueue {
  readonly #queue: QueuedFault[] = []

  add(fault: TokenFault, options: FaultOptions = {}): void {
    for (let time = 0; time < (options.times ?? 1); time += 1) this.#queue.push({ fault, options })
  }

  clear(): void {
    this.#queue.length = 0
  }

  /** @param withUser false for a client that asks for itself: faults of a user's sign-in then wait for one */
  take(withUser: boolean): QueuedFault | undefined {
    const index = this.#queue.findIndex(({ fault }) => withUser || forAnyGrant.has(fault))
    return index < 0 ? undefined : this.#queue.splice(index, 1)[0]
  }
}

/** The error that a fault stands for; undefined for one that lets the request pass. */
export function refusalOf({ fault, options }: QueuedFault): EntraError | undefined {
  const later = options.retryAfter === undefined ? {} : { retryAfter: options.retryAfter }
  switch (fault) {
    case 'interactionRequired':
      return new EntraError(
        'interaction_required',
        50076,
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000003-0000-0000-c000-000000000000'.",
        { suberror: 'basic_action', ...(options.claims !== undefined && { claims: options.claims }) },
      )
    case 'invalidGrant':
      return new EntraError('invalid_grant', 70000, 'The provided grant is invalid or malformed.')
    case 'expiredCode':
      return expiredGrant()
    case 'throttled':
      return new EntraError('temporarily_unavailable', 90055, 'Too many requests. Try again later.', {
        status: 429,
        ...later,
      })
    case 'unavailable':
      return new EntraError('temporarily_unavailable', 90033, 'A transient error has occurred. Please try again.', {
        status: 503,
        ...later,
      })
    case 'serverError':
      return new EntraError('server_error', 90020, 'An unexpected error occurred.', { status: 500 })
    default:
      return undefined
  }
}

/** How the ID token is signed under a fault. */
export function signatureOf(fault: TokenFault | undefined): Signature {
  return fault === 'wrongSignature' || fault === 'unknownKid' || fault === 'algNone' || fault === 'hs256'
    ? fault
    : 'right'
}

/** Puts the fault into the claims. @param foreign issuer and id of another tenant */
export function spoilClaims(
  claims: Record<string, unknown>,
  fault: TokenFault | undefined,
  foreign: { issuer: string; id: string },
): Record<string, unknown> {
  const seconds = Math.floor(Date.now() / 1000)
  switch (fault) {
    case 'wrongNonce':
      return { ...claims, nonce: 'a-nonce-of-another-attempt' }
    case 'noNonce':
      return Object.fromEntries(Object.entries(claims).filter(([name]) => name !== 'nonce'))
    case 'expired':
      return { ...claims, iat: seconds - 7500, nbf: seconds - 7500, exp: seconds - 3600 }
    case 'notYetValid':
      return { ...claims, iat: seconds + 3600, nbf: seconds + 3600, exp: seconds + 7500 }
    case 'wrongAudience':
      return { ...claims, aud: guidOf('app of somebody else') }
    case 'wrongIssuer':
      return { ...claims, iss: `https://login.attacker.example/${String(claims.tid)}/v2.0` }
    case 'wrongTenant':
      return { ...claims, tid: foreign.id, iss: foreign.issuer }
    case 'version1':
      return { ...claims, ver: '1.0', iss: `https://sts.windows.net/${String(claims.tid)}/` }
    default:
      return claims
  }
}
