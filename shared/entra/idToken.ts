import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as v from 'valibot'
import { isGuid } from '../configuration/entraConfiguration.ts'
import { AppError } from '../failure.ts'
import { sameText } from '../sealing/sameText.ts'
import type { Endpoints } from './endpoints.ts'
import type { TokenCheck } from './failures.ts'

const text = v.pipe(v.string(), v.minLength(1))

const claimsSchema = v.object({
  sub: text,
  preferred_username: text,
  tid: v.pipe(v.string(), v.check(isGuid), v.toLowerCase()),
  oid: v.optional(text),
  name: v.optional(v.string()),
  email: v.optional(v.string()),
  ver: v.optional(v.string()),
  nonce: v.optional(v.string()),
  groups: v.optional(v.array(v.string())),
  // Of no use but where groups are emitted as roles: another form refuses nobody.
  roles: v.fallback(v.optional(v.array(v.string())), undefined),
  hasgroups: v.optional(v.union([v.boolean(), v.string()])),
  _claim_names: v.optional(v.record(v.string(), v.unknown())),
})

/** The claims of a verified ID token that the sign-in uses (Microsoft's page "ID token claims reference"). */
export type IdTokenClaims = v.InferOutput<typeof claimsSchema>

export interface Expected {
  endpoints: Endpoints
  clientId: string
  /** Lower-case tenant ids; used with common and organizations, where empty means: none. */
  allowedTenants: readonly string[]
  nonce: string
  /** Milliseconds since the epoch. */
  now: number
}

/** Clocks may differ by this much, in seconds; the usual convention for Entra ID. */
const clockSkew = 300

/**
 * Checks an ID token as OpenID Connect Core 3.1.3.7 and Microsoft's claims validation guide ask: signature with RS256
 * only, issuer, audience, tenant, times, nonce, version. MSAL checks only the nonce of these.
 * @throws AppError token_rejected with the check that failed, or tenant_not_allowed
 */
export async function verifyIdToken(token: string, keys: JWTVerifyGetKey, expected: Expected): Promise<IdTokenClaims> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256'],
    audience: expected.clientId,
    clockTolerance: clockSkew,
    currentDate: new Date(expected.now),
    requiredClaims: ['exp', 'iat', 'iss', 'aud'],
  }).catch((cause: unknown) => {
    throw cause instanceof AppError ? cause : new AppError({ code: 'token_rejected', check: checkOf(cause) }, { cause })
  })
  const parsed = v.safeParse(claimsSchema, payload)
  if (!parsed.success) throw rejected(parsed.issues[0].path?.[0]?.key === 'tid' ? 'tenant' : 'claims')
  const claims = parsed.output

  const issuer = expected.endpoints.issuer.replace('{tenantid}', claims.tid)
  if (payload.iss !== issuer) throw rejected('issuer')
  // `aud` may be a list by the standard; Entra ID sends one, and another audience must not share a token with us.
  if (payload.aud !== expected.clientId) throw rejected('audience')
  if (payload.azp !== undefined && payload.azp !== expected.clientId) throw rejected('audience')
  // The issuer names the version too, so a token without the claim is not of another one.
  if (claims.ver !== undefined && claims.ver !== '2.0') throw rejected('version')
  if (claims.nonce === undefined || !sameText(claims.nonce, expected.nonce)) throw rejected('nonce')

  const { tenantId } = expected.endpoints
  if (tenantId !== undefined && claims.tid !== tenantId) throw rejected('tenant')
  if (tenantId === undefined && !expected.allowedTenants.includes(claims.tid)) {
    throw new AppError({ code: 'tenant_not_allowed', tenant: claims.tid }, { account: claims.preferred_username })
  }
  return claims
}

const rejected = (check: TokenCheck): AppError => new AppError({ code: 'token_rejected', check })

function checkOf(error: unknown): TokenCheck {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === 'missing' && ['exp', 'iat'].includes(error.claim)) return 'claims'
    const byClaim: Record<string, TokenCheck> = {
      aud: 'audience',
      iss: 'issuer',
      nbf: 'not_yet_valid',
      iat: 'not_yet_valid',
      exp: 'expired',
    }
    return byClaim[error.claim] ?? 'claims'
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return 'algorithm'
  const unsigned = [errors.JWSSignatureVerificationFailed, errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys]
  if (unsigned.some((kind) => error instanceof kind)) return 'signature'
  return 'format'
}
