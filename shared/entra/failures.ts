import { startAgain, tryAgain, type Words } from '../failure.ts'
import { adviceFor, declined, nameOf } from './aadsts.ts'

/** What can go wrong at Entra ID, and with the ID token that it gives. */
interface EntraFailures {
  entra_refused: { error: string; aadsts?: number; traceId?: string }
  /** `cancelled`: it says that the person pressed Cancel. */
  unverified_error: { error: string; aadsts?: number; cancelled?: true }
  entra_unreachable: { host: string; reason: string }
  entra_busy: { status: number; retryAfterSeconds?: number }
  entra_malformed: { problem: string }
  token_rejected: { check: TokenCheck }
  tenant_not_allowed: { tenant: string }
}

/** What of an ID token was checked and found wrong (OpenID Connect Core 3.1.3.7, Entra's claims reference). */
export type TokenCheck =
  | 'format'
  | 'algorithm'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'tenant'
  | 'expired'
  | 'not_yet_valid'
  | 'nonce'
  | 'version'
  | 'claims'

declare module '../failure.ts' {
  interface Failures extends EntraFailures {}
}

export const entraWords: Words<keyof EntraFailures> = {
  entra_refused: (failure) => adviceFor(failure.error, failure.aadsts),
  unverified_error: (failure) => ({
    status: 400,
    user: `The sign-in was ${failure.cancelled || failure.aadsts === declined ? 'cancelled' : 'not completed'}. ${startAgain}`,
    admin:
      `Unverified: the browser says that Entra ID answered ${nameOf(failure.error, failure.aadsts)}, and anybody can write ` +
      'that into an address. What really happened is in the sign-in log of Entra ID.',
  }),
  entra_unreachable: (failure) => ({
    status: 502,
    user: `Microsoft Entra ID cannot be reached right now. ${tryAgain}`,
    admin: `${failure.host} did not answer (${failure.reason}). Check outgoing access, DNS and the chosen cloud.`,
  }),
  entra_busy: (failure) => ({
    status: 503,
    user: `Microsoft Entra ID is busy. ${tryAgain}`,
    admin: `The token endpoint answered ${failure.status}. It passes by itself; see Microsoft's service health if not.`,
  }),
  entra_malformed: (failure) => ({
    status: 502,
    user: `Microsoft Entra ID gave an answer that cannot be used. ${tryAgain}`,
    admin: `The answer of the sign-in service is not as documented: ${failure.problem}. Look for a proxy in between.`,
  }),
  token_rejected: (failure) => ({
    status: 502,
    user: `The proof of your identity could not be verified. ${startAgain}`,
    admin: tokenAdvice[failure.check],
  }),
  tenant_not_allowed: (failure) => ({
    status: 403,
    user: 'Your organisation is not allowed to sign in here. Please use the account that your administrator gave you.',
    admin: `Tenant ${failure.tenant} is not one of the allowed tenants (allowed_tenants). Add it there if its users may sign in.`,
  }),
}

const tokenAdvice: Record<TokenCheck, string> = {
  format: 'The ID token is not a signed JWT. Look for a proxy between the function and the sign-in service.',
  algorithm:
    'The ID token is not signed with RS256. Entra ID signs with nothing else: treat it as an attack or a misdirected setup.',
  signature: "The ID token's signature does not fit the tenant's keys. Check the cloud and authority.",
  issuer:
    'The ID token was issued by another authority than the configured one, or signed with its key. Check tenant id and cloud.',
  audience: 'The ID token was made for another application. Check the client id.',
  tenant: 'The ID token comes from another tenant than the configured one. Check the tenant id.',
  expired: 'The ID token is expired. Check the clock of the function host.',
  not_yet_valid: 'The ID token is not valid yet. Check the clock of the function host.',
  nonce: 'The ID token belongs to another attempt. If it happens more than once, treat it as an attack.',
  version: 'The ID token is not of version 2.0. The authority must be the v2.0 endpoint.',
  claims: 'The ID token lacks sub or preferred_username. The scopes openid and profile must be granted.',
}
