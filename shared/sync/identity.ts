import type { IdTokenClaims } from '../entra/idToken.ts'
import type { Profile } from '../graph/graphCalls.ts'

/** The person who signed in, as Micetro gets to know them. */
export interface Identity {
  /** Login name: the `preferred_username` claim. */
  name: string
  fullName: string
  /** False when neither the token nor the profile names the person: the login name stands in for an account to be made. */
  fullNameKnown: boolean
  /** Empty when Entra ID knows no address. */
  email: string
  /** The `sub` claim, pairwise per client id: what External accounts are matched by (callback contract). */
  externalId: string
  /** The `oid` claim: the person's object id in the tenant; undefined where the token does not have it. */
  objectId?: string | undefined
  /** False when the profile could not be read: a guess must not replace the address that is there. */
  emailKnown: boolean
}

/** The part of an identity that finds the account; it is known before Microsoft Graph has answered. */
export type Person = Pick<Identity, 'name' | 'externalId'>

const address = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/**
 * E-mail: Graph's `mail`, else the `email` claim, else `preferred_username` when it is an address.
 * @param profile undefined when Microsoft Graph could not be read
 */
export function readIdentity(claims: IdTokenClaims, profile: Profile | undefined): Identity {
  const name = claims.preferred_username
  const candidates = [profile?.mail, claims.email, address.test(name) ? name : undefined]
  const fullName = firstText(claims.name, profile?.displayName)
  return {
    name,
    fullName: fullName ?? name,
    fullNameKnown: fullName !== undefined,
    email: firstText(...candidates) ?? '',
    externalId: claims.sub,
    objectId: claims.oid?.toLowerCase(),
    emailKnown: profile !== undefined,
  }
}

function firstText(...values: (string | null | undefined)[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value.trim() !== '')?.trim()
}
