import { adviceFor } from './entra/aadsts.ts'

/**
 * Everything that can go wrong because of the world: users, administrators, peers and networks. A caller's mistake in
 * our own code stays a TypeError. No member carries a secret, token, code or cookie.
 */
export type Failure =
  | { code: 'config_invalid'; problems: readonly string[] }
  | { code: 'sign_in_disabled' }
  | { code: 'vault_unreachable'; reason: string }
  | { code: 'vault_forbidden'; secret: string; reason: string; action: 'read' | 'write' }
  | { code: 'vault_throttled' }
  | { code: 'secret_missing'; secret: string }
  | { code: 'secret_invalid'; secret: string; problem: string }
  | { code: 'identity_unavailable'; reason: string }
  | { code: 'bad_request'; problem: string }
  | { code: 'candidate_invalid'; problems: readonly string[] }
  | { code: 'save_conflict'; version: string }
  | { code: 'attempt_unknown' }
  | { code: 'attempt_stale' }
  | { code: 'attempt_missing' }
  | { code: 'attempt_used' }
  | { code: 'entra_refused'; error: string; aadsts?: number; traceId?: string }
  | { code: 'entra_unreachable'; host: string; reason: string }
  | { code: 'entra_busy'; status: number; retryAfterSeconds?: number }
  | { code: 'entra_malformed'; problem: string }
  | { code: 'token_rejected'; check: TokenCheck }
  | { code: 'tenant_not_allowed'; tenant: string }
  | { code: 'graph_unreachable'; host: string; reason: string }
  | { code: 'graph_throttled'; status: number }
  | { code: 'graph_forbidden'; permission: string }
  | { code: 'graph_rejected'; status: number; reply: string }
  | { code: 'graph_incomplete'; problem: string }
  | { code: 'micetro_unreachable'; hosts: readonly string[]; reason: string }
  | { code: 'micetro_untrusted'; host: string; reason: string }
  | { code: 'micetro_credentials'; user: string }
  | { code: 'micetro_forbidden'; action: string }
  | { code: 'micetro_rejected'; action: string; status: number; number?: number; message: string }
  | { code: 'micetro_malformed'; action: string }
  | { code: 'name_collision'; name: string; authenticationType: string }
  | { code: 'external_id_conflict'; name: string }
  | { code: 'external_id_ambiguous'; names: readonly string[] }
  | { code: 'budget_spent'; during: string }
  | { code: 'internal' }

export type FailureCode = Failure['code']

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

/** Carries one failure; `cause` is for the log, which takes only its name and message. */
export class AppError extends Error {
  readonly failure: Failure

  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(failure.code, options)
    this.name = 'AppError'
    this.failure = failure
  }
}

export interface Explanation {
  /** HTTP status of the answer. */
  status: number
  /** One sentence for the person who wanted to sign in. */
  user: string
  /** Where an administrator looks and what mends it. */
  admin: string
}

const setUp = 'Sign-in with Entra ID is not set up correctly. Please tell your Micetro administrator.'
const tryAgain = 'Please try again in a minute.'
const startAgain = 'Please start the sign-in again.'

/** The catalogue: a new failure does not compile until it is explained here. */
export function explain(failure: Failure): Explanation {
  switch (failure.code) {
    case 'config_invalid':
      return { status: 500, user: setUp, admin: `The configuration is not valid: ${failure.problems.join('; ')}.` }
    case 'sign_in_disabled':
      return {
        status: 403,
        user: 'Sign-in with Entra ID is switched off. Please sign in with your Micetro user name.',
        admin: 'The saved configuration has "enabled": false. Switch it on at /config.',
      }
    case 'vault_unreachable':
      return {
        status: 503,
        user: `A needed service cannot be reached right now. ${tryAgain}`,
        admin: `Key Vault did not answer (${failure.reason}). Check KEY_VAULT_URL, its DNS name and private endpoint.`,
      }
    case 'vault_forbidden':
      return {
        status: 500,
        user: setUp,
        admin:
          `Key Vault refused to ${failure.action} secret "${failure.secret}" (${failure.reason}). Give the function's managed identity ` +
          (failure.action === 'read'
            ? 'the role Key Vault Secrets User on it, and check the vault firewall.'
            : 'the right to set it (Key Vault Secrets Officer, or the narrower role of the deployment); one that was deleted must be recovered first.'),
      }
    case 'vault_throttled':
      return {
        status: 503,
        user: `A needed service is busy. ${tryAgain}`,
        admin: 'Key Vault is throttling (429). Look for another application that reads the same vault very often.',
      }
    case 'secret_missing':
      return {
        status: 500,
        user: setUp,
        admin: `Secret "${failure.secret}" is missing or deleted. Set it in Key Vault (in local development: its setting), or use Save and Test.`,
      }
    case 'secret_invalid':
      return { status: 500, user: setUp, admin: `Secret "${failure.secret}" cannot be used: ${failure.problem}.` }
    case 'identity_unavailable':
      return {
        status: 500,
        user: setUp,
        admin:
          `The managed identity gave no token (${failure.reason}). Assign the user-assigned identity to the function app ` +
          'and set AZURE_CLIENT_ID to its client id.',
      }
    case 'bad_request':
      return {
        status: 400,
        user: `This address was not called as expected. ${startAgain}`,
        admin: `The request was refused: ${failure.problem}.`,
      }
    case 'candidate_invalid':
      return {
        status: 400,
        user: 'The configuration that was sent is not valid; nothing was changed.',
        admin: `${failure.problems.join('; ')}.`,
      }
    case 'save_conflict':
      return {
        status: 409,
        user: 'Somebody else saved the configuration meanwhile; nothing was changed.',
        admin: `Version ${failure.version} is the newest now. Load it, look at the difference, and save again.`,
      }
    case 'attempt_unknown':
      return {
        status: 400,
        user: `This sign-in was not started here. ${startAgain}`,
        admin:
          'The state parameter was not made by this application. If Micetro Central starts sign-ins with its own button, ' +
          'set CENTRAL_CALLBACK_URL. If SIGN_IN_KEY was replaced twice within ten minutes, this passes by itself.',
      }
    case 'attempt_stale':
      return {
        status: 400,
        user: `This sign-in took too long or was begun under an older configuration. ${startAgain}`,
        admin: 'The attempt is older than ten minutes, or the configuration changed meanwhile.',
      }
    case 'attempt_missing':
      return {
        status: 400,
        user: `This sign-in was already completed, or was begun in another browser. ${startAgain}`,
        admin:
          'The callback came without the cookie of its attempt: used already, another browser, or cookies blocked. ' +
          'The host of ENTRA_REDIRECT_URI must be the host on which /login is opened.',
      }
    case 'attempt_used':
      return {
        status: 400,
        user: `This sign-in was already completed. ${startAgain}`,
        admin: 'The same callback arrived twice: the page was reloaded, or the back button was used.',
      }
    case 'entra_refused':
      return adviceFor(failure.error, failure.aadsts)
    case 'entra_unreachable':
      return {
        status: 502,
        user: `Microsoft Entra ID cannot be reached right now. ${tryAgain}`,
        admin: `${failure.host} did not answer (${failure.reason}). Check outgoing access, DNS and the chosen cloud.`,
      }
    case 'entra_busy':
      return {
        status: 503,
        user: `Microsoft Entra ID is busy. ${tryAgain}`,
        admin: `The token endpoint answered ${failure.status}. It passes by itself; see Microsoft's service health if not.`,
      }
    case 'entra_malformed':
      return {
        status: 502,
        user: `Microsoft Entra ID gave an answer that cannot be used. ${tryAgain}`,
        admin: `The answer of the sign-in service is not as documented: ${failure.problem}. Look for a proxy in between.`,
      }
    case 'token_rejected':
      return {
        status: 502,
        user: `The proof of your identity could not be verified. ${startAgain}`,
        admin: tokenAdvice[failure.check],
      }
    case 'tenant_not_allowed':
      return {
        status: 403,
        user: 'Your organisation is not allowed to sign in here. Please use the account that your administrator gave you.',
        admin: `Tenant ${failure.tenant} is not in allowed_tenants. Add it there if its users may sign in.`,
      }
    case 'graph_unreachable':
      return {
        status: 502,
        user: `Your groups could not be read. ${tryAgain}`,
        admin: `${failure.host} did not answer (${failure.reason}). Check outgoing access, DNS and the chosen cloud.`,
      }
    case 'graph_throttled':
      return {
        status: 503,
        user: `Your groups could not be read. ${tryAgain}`,
        admin: `Microsoft Graph is throttling or unavailable (${failure.status}). It passes by itself.`,
      }
    case 'graph_forbidden':
      return {
        status: 502,
        user: 'Your groups could not be read. Please tell your Micetro administrator.',
        admin: `Grant admin consent for the delegated permission ${failure.permission} of Microsoft Graph.`,
      }
    case 'graph_rejected':
      return {
        status: 502,
        user: 'Your groups could not be read. Please tell your Micetro administrator.',
        admin: `Microsoft Graph answered ${failure.status} (${failure.reply}). Check that cloud and Graph endpoint belong together.`,
      }
    case 'graph_incomplete':
      return {
        status: 502,
        user: `Your groups could not be read completely. ${tryAgain}`,
        admin: `The list of groups broke off: ${failure.problem}.`,
      }
    case 'micetro_unreachable':
      return {
        status: 503,
        user: `Micetro cannot be reached right now. ${tryAgain}`,
        admin: `None of ${failure.hosts.join(', ')} answered (${failure.reason}). Check MICETRO_API_URLS, network and Micetro Web Services.`,
      }
    case 'micetro_untrusted':
      return {
        status: 500,
        user: setUp,
        admin: `The certificate of ${failure.host} is not trusted (${failure.reason}). Put the PEM of its authority into MICETRO_CA_CERTIFICATES.`,
      }
    case 'micetro_credentials':
      return {
        status: 500,
        user: setUp,
        admin: `Micetro refused the API account "${failure.user}". Check MICETRO_API_USER and the password secret.`,
      }
    case 'micetro_forbidden':
      return {
        status: 500,
        user: setUp,
        admin: `The API account may not ${failure.action}. It needs "Administer users/groups/roles" (role User Administrators).`,
      }
    case 'micetro_rejected':
      return {
        status: 502,
        user: 'Micetro did not accept the update of your account. Please tell your Micetro administrator.',
        admin:
          `Micetro answered ${failure.status}${failure.number === undefined ? '' : ` (error ${failure.number})`} ` +
          `to "${failure.action}": ${failure.message}`,
      }
    case 'micetro_malformed':
      return {
        status: 502,
        user: 'Micetro gave an answer that cannot be used. Please tell your Micetro administrator.',
        admin: `The answer to "${failure.action}" is not as documented. Check that MICETRO_API_URLS ends in /mmws/api and look for a proxy in between.`,
      }
    case 'name_collision':
      return {
        status: 409,
        user: 'Your sign-in name belongs to another kind of Micetro account. Please tell your Micetro administrator.',
        admin:
          `Account "${failure.name}" has the authentication type ${failure.authenticationType}, not External, and is never taken over. ` +
          'Rename or remove that account, or let the person sign in with it.',
      }
    case 'external_id_conflict':
      return {
        status: 409,
        user: 'Your sign-in name belongs to another person in Micetro. Please tell your Micetro administrator.',
        admin:
          `The External account "${failure.name}" has another external id: the name was used by somebody else, or the app registration ` +
          'changed. Remove the old account, or set match_by_name for the time of a change-over.',
      }
    case 'external_id_ambiguous':
      return {
        status: 409,
        user: 'Your Micetro account is not unique. Please tell your Micetro administrator.',
        admin: `Several External accounts have the same external id: ${failure.names.join(', ')}. Keep one.`,
      }
    case 'budget_spent':
      return {
        status: 504,
        user: `The sign-in took too long. ${tryAgain}`,
        admin: `The time for one request was spent while ${failure.during}.`,
      }
    case 'internal':
      return {
        status: 500,
        user: `Something went wrong on our side. ${tryAgain}`,
        admin: 'An unexpected error; the log has it under this reference. Please report it.',
      }
  }
}

const tokenAdvice: Record<TokenCheck, string> = {
  format: 'The ID token is not a signed JWT. Look for a proxy between the function and the sign-in service.',
  algorithm:
    'The ID token is not signed with RS256. Entra ID signs with nothing else: treat it as an attack or a misdirected setup.',
  signature: "The ID token's signature does not fit the tenant's keys. Check the cloud and authority.",
  issuer: 'The ID token was issued by another authority than the configured one. Check tenant id and cloud.',
  audience: 'The ID token was made for another application. Check the client id.',
  tenant: 'The ID token comes from another tenant than the configured one. Check the tenant id.',
  expired: 'The ID token is expired. Check the clock of the function host.',
  not_yet_valid: 'The ID token is not valid yet. Check the clock of the function host.',
  nonce: 'The ID token belongs to another attempt. If it happens more than once, treat it as an attack.',
  version: 'The ID token is not of version 2.0. The authority must be the v2.0 endpoint.',
  claims: 'The ID token lacks sub or preferred_username. The scopes openid and profile must be granted.',
}

/** Any thrown value as a failure; what is not ours is a bug and says nothing about itself. */
export function failureOf(error: unknown): Failure {
  return error instanceof AppError ? error.failure : { code: 'internal' }
}

/**
 * An error for the log: name and message along the chain of causes. Never the object: the error of an HTTP client holds
 * the request with its Authorization header.
 */
export function describe(error: unknown): string {
  const parts: string[] = []
  for (let at: unknown = error; at !== undefined && at !== null && parts.length < 4; ) {
    parts.push(at instanceof Error ? `${at.name}: ${at.message}` : typeof at)
    at = at instanceof Error ? at.cause : undefined
  }
  return parts.join(' <- ')
}
