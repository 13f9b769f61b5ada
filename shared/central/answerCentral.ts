import { explain } from '../catalogue.ts'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import type { Engine } from '../engine.ts'
import { aadstsIn } from '../entra/aadsts.ts'
import { isIssuer, readClaimedError } from '../entra/endpoints.ts'
import { AppError } from '../failure.ts'
import type { Log } from '../log.ts'
import { authenticate, knownProfile, type RequestScope, readGraph } from '../signIn/authenticate.ts'
import { configurationFor } from '../signIn/signIn.ts'
import { type GroupAnswer, type GroupsClaim, readGroupsClaim } from '../sync/groupRules.ts'
import { readIdentity } from '../sync/identity.ts'
import type { CentralDocument } from './centralDocument.ts'

/** What Central reads (callback contract: "Standard output"). */
export type CentralAnswer =
  | {
      loginName: string
      fullName: string
      externalID: string
      email: string
      groups: readonly string[]
      authenticator: 'Microsoft'
      log?: string
    }
  | { error: 'interaction_required' | 'invalid_grant'; error_description: string }

/**
 * Answers one sign-in that Micetro Central started: redeems the code with Central's verifier and our credential, and
 * reads the groups as every sign-in does. Writes nothing to Micetro: Central synchronises the account from the answer.
 * @throws AppError for everything that Central does not handle itself
 */
export async function answerCentral(
  engine: Engine,
  document: CentralDocument,
  scope: RequestScope,
  log: Log,
): Promise<CentralAnswer> {
  const started = engine.clock.now()
  const inForce = await configurationFor(engine, 'sign-in')
  const { configuration } = inForce
  requireOurs(document, configuration, engine.settings.centralCallbackUrl)
  if (document.issuer !== undefined && !isIssuer((await engine.endpoints(configuration)).issuer, document.issuer))
    throw new AppError({ code: 'bad_request', problem: 'iss in the arguments names another issuer' })

  if ('error' in document.outcome) {
    const error = readClaimedError(document.outcome.error)
    const aadsts = aadstsIn(document.outcome.description)
    return passThrough({ code: 'unverified_error', error, ...(aadsts !== undefined && { aadsts }) }, log)
  }
  const { verifier, nonce, redirectUri } = document
  const grant = { code: document.outcome.code, verifier, nonce, redirectUri }
  const answer = await authenticate(engine, inForce, grant, scope, log)
  if ('refusal' in answer) return passThrough(answer.refusal.failure, log)

  const findings = await readGraph(engine, inForce, answer, scope)
  const identity = readIdentity(answer.claims, knownProfile(findings))
  const groups = groupNames(findings.groups, readGroupsClaim(answer.claims), configuration.groups.map)
  const lines = [`${groups.length} groups`]
  if (findings.profile instanceof AppError) {
    const { failure } = findings.profile
    lines.push(`profile not read: ${failure.code}. ${explain(failure).admin}`)
    log.warn({ event: 'profile_unread', failure })
  }
  if (findings.groups.kind === 'unknown') {
    lines.push(`groups not read: ${findings.groups.because.code}. ${explain(findings.groups.because).admin}`)
    log.warn({ event: 'groups_unread', failure: findings.groups.because })
  } else if (findings.groups.kind === 'listed' && !findings.groups.namesKnown) {
    lines.push('group names not known: grant admin consent for GroupMember.Read.All')
    log.warn({ event: 'group_names_unknown', hint: 'Grant admin consent for GroupMember.Read.All.' })
  }
  log.info({
    event: 'central_sign_in',
    outcome: 'answered',
    user: answer.claims.oid ?? answer.claims.sub,
    groups: groups.length,
    milliseconds: engine.clock.now() - started,
  })
  return {
    loginName: identity.name,
    fullName: identity.fullName,
    externalID: identity.externalId,
    email: identity.email,
    groups,
    authenticator: 'Microsoft',
    ...(document.wantsLog && { log: lines.join('\n') }),
  }
}

/** The code may be redeemed for our own application only, and with a redirect URI that we are configured for. */
function requireOurs(document: CentralDocument, configuration: EntraConfiguration, central: URL | undefined): void {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
  const faults: string[] = []
  if (!same(document.clientId, configuration.clientId)) faults.push('config.client_id')
  if (!same(document.tenantId, configuration.tenantId)) faults.push('config.tenant_id')
  const address = (text: string): string | undefined => URL.parse(text)?.href
  const allowed = [address(configuration.redirectUri), central?.href]
  if (!allowed.includes(address(document.redirectUri) ?? '')) faults.push('config.redirect_uri')
  if (faults.length > 0)
    throw new AppError({ code: 'bad_request', problem: `${faults.join(', ')} is not the one configured here` })
}

/** Central sends the user to sign in again on these two; it handles nothing else. */
function passThrough(
  failure: Extract<AppError['failure'], { code: 'entra_refused' | 'unverified_error' }>,
  log: Log,
): CentralAnswer {
  const error = failure.error === 'login_required' ? 'interaction_required' : failure.error
  if (error !== 'interaction_required' && error !== 'invalid_grant') throw new AppError(failure)
  log.info({ event: 'central_sign_in', outcome: 'passed_through', error, aadsts: failure.aadsts })
  return { error, error_description: explain(failure).user }
}

/**
 * Names for Central, which matches them itself. An empty list leaves the memberships as they are, so that is what an
 * unread list becomes, never a part of it; so do ids without names, unless the token itself lists ids. A group in the
 * map goes by its Micetro name, and that name by the map alone.
 */
export function groupNames(answer: GroupAnswer, claim: GroupsClaim, map: ReadonlyMap<string, string>): string[] {
  if (answer.kind !== 'listed') return []
  const nameless = answer.groups.every(({ id, names }) => id === names[0])
  if (!answer.namesKnown && !(claim.kind === 'given' && nameless)) return []
  const reserved = new Set([...map.values()].map((name) => name.toLowerCase()))
  const names = answer.groups.flatMap((group) => {
    const mapped = group.id === undefined ? undefined : map.get(group.id)
    if (mapped !== undefined) return [mapped]
    // As in our own matching, a display name must not pass for a name of Active Directory.
    const names = group.names.filter((name) => !name.includes('\\') || group.domainNames.includes(name))
    // An id among names says nothing to Central.
    return names.filter((name) => !reserved.has(name.toLowerCase()) && (nameless || name !== group.id))
  })
  return [...new Set(names)]
}
