import * as v from 'valibot'
import { isMultiTenant } from '../configuration/clouds.ts'
import { type EntraConfiguration, isGuid } from '../configuration/entraConfiguration.ts'
import { isLoopback, readBaseUrl } from '../configuration/settings.ts'
import { AppError } from '../failure.ts'
import { NoAnswerError, type Send } from '../outgoing/http.ts'
import { type RetryOptions, sendWithRetry } from '../outgoing/retry.ts'

/** The addresses of one authority and what its ID tokens must say. */
export interface Endpoints {
  /** Tenant's authority, for example https://login.microsoftonline.com/contoso.com. */
  authority: string
  authorize: string
  token: string
  keys: string
  /** Issuer of version 2.0 tokens; `{tenantid}` stands for the user's tenant. */
  issuer: string
  /** The one tenant whose users may come in; undefined for common and organizations. */
  tenantId: string | undefined
}

const metadataSchema = v.object({
  issuer: v.string(),
  authorization_endpoint: v.string(),
  token_endpoint: v.string(),
  jwks_uri: v.string(),
})

export function metadataUrl(login: string, tenant: string): string {
  return `${login}/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`
}

/** True when the addresses follow from the cloud table alone, without asking the authority. */
export function isDerivable(configuration: EntraConfiguration): boolean {
  return configuration.cloud !== 'custom' && (isGuid(configuration.tenantId) || isMultiTenant(configuration.tenantId))
}

/** The addresses of a known cloud (Microsoft's page "OpenID Connect on the Microsoft identity platform"). */
export function deriveEndpoints({ login, tenantId }: EntraConfiguration): Endpoints {
  const authority = `${login}/${tenantId}`
  const multiTenant = isMultiTenant(tenantId)
  return {
    authority,
    authorize: `${authority}/oauth2/v2.0/authorize`,
    token: `${authority}/oauth2/v2.0/token`,
    keys: `${authority}/discovery/v2.0/keys`,
    issuer: `${login}/${multiTenant ? '{tenantid}' : tenantId.toLowerCase()}/v2.0`,
    tenantId: multiTenant ? undefined : tenantId.toLowerCase(),
  }
}

/**
 * Asks the authority for its OpenID metadata: for a custom cloud, and for a tenant that is named by its domain, whose
 * id only the issuer tells.
 */
export async function fetchEndpoints(
  configuration: EntraConfiguration,
  send: Send,
  signal: AbortSignal,
  repeat: Omit<RetryOptions, 'attempts'>,
): Promise<Endpoints> {
  const { login, tenantId } = configuration
  const host = new URL(login).host
  const call = { method: 'GET', url: metadataUrl(login, tenantId), timeout: 4000, signal } as const
  const answer = await sendWithRetry(send, call, { attempts: 2, ...repeat }).catch((cause) => {
    const reason = cause instanceof NoAnswerError ? cause.reason : 'unknown'
    throw new AppError({ code: 'entra_unreachable', host, reason }, { cause })
  })
  return readMetadata(answer.status, answer.body, configuration)
}

/** Judges the answer to a metadata request. */
export function readMetadata(status: number, body: unknown, { login, tenantId }: EntraConfiguration): Endpoints {
  const refusal = v.safeParse(v.object({ error: v.string(), error_codes: v.optional(v.array(v.number())) }), body)
  if (status === 400 && refusal.success) {
    const aadsts = refusal.output.error_codes?.[0]
    throw new AppError({
      code: 'entra_refused',
      error: readOAuthError(refusal.output.error),
      ...(aadsts !== undefined && { aadsts }),
    })
  }
  if (status === 429 || status >= 500) throw new AppError({ code: 'entra_busy', status })
  const parsed = v.safeParse(metadataSchema, body)
  if (status !== 200 || !parsed.success) {
    throw new AppError({ code: 'entra_malformed', problem: `the OpenID metadata answered ${status}` })
  }
  const { issuer, authorization_endpoint, token_endpoint, jwks_uri } = parsed.output
  for (const text of [issuer.replace('{tenantid}', tenantId), authorization_endpoint, token_endpoint, jwks_uri]) {
    const url = readBaseUrl(text)
    if (url === undefined)
      throw new AppError({ code: 'entra_malformed', problem: 'the OpenID metadata names an address that is not https' })
    if (!isSameHost(url, new URL(login)))
      throw new AppError({ code: 'entra_malformed', problem: 'the OpenID metadata names an address of another host' })
  }
  const multiTenant = isMultiTenant(tenantId)
  const issuerTenant = issuer.split('/').find((part) => isGuid(part))
  if (!multiTenant && issuerTenant === undefined) {
    throw new AppError({ code: 'entra_malformed', problem: 'the issuer in the OpenID metadata names no tenant' })
  }
  if (!multiTenant && isGuid(tenantId) && issuerTenant?.toLowerCase() !== tenantId.toLowerCase()) {
    throw new AppError({ code: 'entra_malformed', problem: 'the issuer in the OpenID metadata names another tenant' })
  }
  return {
    authority: `${login}/${tenantId}`,
    authorize: authorization_endpoint,
    token: token_endpoint,
    keys: jwks_uri,
    issuer,
    tenantId: multiTenant ? undefined : issuerTenant?.toLowerCase(),
  }
}

/** The simulated authority has two ports on loopback. */
const isSameHost = (a: URL, b: URL): boolean => a.host === b.host || (isLoopback(a) && isLoopback(b))

/**
 * True when an issuer is the one of these endpoints.
 * @param expected as in the metadata; `{tenantid}` stands for any tenant
 */
export function isIssuer(expected: string, given: string): boolean {
  const [before = '', after] = expected.split('{tenantid}')
  if (after === undefined) return given === expected
  const tenant = given.slice(before.length, given.length - after.length)
  return isGuid(tenant) && given === before + tenant + after
}

/** RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, and what Entra ID adds. */
const oauthErrors = new Set([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
  'invalid_client',
  'invalid_grant',
  'invalid_resource',
])

/** An error that a browser brings: what is not one of the known ones may be anything, and is not repeated. */
export function readClaimedError(text: string): string {
  return oauthErrors.has(text) ? text : 'unknown_error'
}

/** An OAuth error code as text for a log: what does not look like one is not repeated. */
export function readOAuthError(text: string): string {
  return /^[a-z][a-z0-9_]{0,63}$/.test(text) ? text : 'unknown_error'
}
