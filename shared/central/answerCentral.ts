import { explain } from '../catalogue.ts'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import type { Engine } from '../engine.ts'
import { aadstsIn } from '../entra/aadsts.ts'
import { isIssuer, readClaimedError } from '../entra/endpoints.ts'
import { AppError } from '../failure.ts'
import type { Log } from '../log.ts'
import {
  type Authenticated,
  authenticate,
  knownProfile,
  logFindings,
  type RequestScope,
  readGraph,
  type Unredeemed,
} from '../signIn/authenticate.ts'
import { configurationFor } from '../signIn/beginSignIn.ts'
import type { GroupAnswer } from '../sync/groupRules.ts'
import { readGroupsClaim } from '../sync/groupsClaim.ts'
import { type Identity, readIdentity } from '../sync/identity.ts'
import { refusalWithoutGroup } from '../sync/planSync.ts'
import { fetchFacts, type MicetroFacts, planFor } from '../sync/sync.ts'
import type { CentralDocument } from './centralDocument.ts'
import { groupNames, noGroupCounts } from './groupNames.ts'

/** What Central reads (callback contract: "Standard output"). */
export type CentralAnswer =
  | {
      loginName: string
      /** As the address: empty where Entra ID does not tell it, never the sign-in name as a guess. */
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
  if ('unredeemed' in answer) return beginAnew(engine, answer.unredeemed, log)
  if ('refusal' in answer) return passThrough(answer.refusal.failure, log)

  const { claims, rules } = answer
  const [findings, facts] = await Promise.all([
    readGraph(engine, inForce, answer, scope),
    rules.required ? factsOf(answer, engine, scope) : undefined,
  ])
  const identity = readIdentity(claims, knownProfile(findings))
  logFindings(findings, rules, log)
  const groups = groupNames(findings.groups, readGroupsClaim(claims), rules)
  if (rules.required) requireGroup(identity, findings.groups, groups, answer, facts)
  const lines = [groups[0] === noGroupCounts ? 'none of the groups counts' : `${groups.length} groups`]
  if (findings.profile instanceof AppError) {
    const { failure } = findings.profile
    lines.push(`profile not read: ${failure.code}. ${explain(failure).admin}`)
  }
  if (findings.groups.kind === 'unknown') {
    lines.push(`groups not read: ${findings.groups.because.code}. ${explain(findings.groups.because).admin}`)
  } else if (findings.groups.kind === 'listed' && !findings.groups.complete) {
    lines.push('group names not known: grant admin consent for GroupMember.Read.All')
  }
  log.info({
    event: 'central_sign_in',
    outcome: 'answered',
    user: claims.oid ?? claims.sub,
    groups: groups.length,
    milliseconds: engine.clock.now() - started,
  })
  return {
    loginName: identity.name,
    fullName: identity.fullNameKnown ? identity.fullName : '',
    externalID: identity.externalId,
    // While the profile is not read, the sign-in name is only a guess.
    email: identity.emailKnown ? identity.email : (claims.email ?? ''),
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
  // The ID token's tenant is checked in any case, and `common` is what Micetro's own dialog begins with.
  if (document.tenantId !== 'common' && !same(document.tenantId, configuration.tenantId))
    faults.push('config.tenant_id')
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

/** After one passing fault Central is told to begin anew; during this time a second one is an error; in milliseconds. */
const pauseBetweenAnew = 30_000

const begunAnewAt = new WeakMap<Engine, number>()

/**
 * The code may be used up, so the sign-in must begin anew, and only Central can do that. It says nothing of a sign-in that
 * was begun anew already, so time keeps a lasting fault from sending anybody round in circles.
 * @throws AppError as it was met
 */
function beginAnew(engine: Engine, { failure, error }: Unredeemed, log: Log): CentralAnswer {
  const now = engine.clock.now()
  if (now - (begunAnewAt.get(engine) ?? Number.NEGATIVE_INFINITY) < pauseBetweenAnew) throw error
  begunAnewAt.set(engine, now)
  log.info({ event: 'central_sign_in', outcome: 'passed_through', error: failure.code, aadsts: undefined })
  return { error: 'invalid_grant', error_description: explain(failure).user }
}

/** What Micetro knows, or undefined where this application does not know Micetro. */
async function factsOf({ claims, rules }: Authenticated, engine: Engine, { signal }: RequestScope) {
  if (engine.settings.micetro === undefined) return undefined
  const person = { name: claims.preferred_username, externalId: claims.sub }
  return fetchFacts(person, engine.micetro(), rules, signal)
}

/**
 * Refuses what a sign-in here would refuse. Without Micetro a first sign-in cannot be told from a later one, so both need
 * a group then.
 * @throws AppError no_group, groups_unread
 */
function requireGroup(
  identity: Identity,
  groups: GroupAnswer,
  names: readonly string[],
  { rules }: Authenticated,
  facts: MicetroFacts | undefined,
): void {
  if (facts !== undefined) planFor({ identity, groups, rules }, facts)
  else if (names.length === 0 || names[0] === noGroupCounts) throw new AppError(refusalWithoutGroup(identity, groups))
}
