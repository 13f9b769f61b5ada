import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { pkceMismatch } from '../entra/aadsts.ts'
import type { VersionedCredential } from '../entra/credentialSource.ts'
import { type IdTokenClaims, verifyIdToken } from '../entra/idToken.ts'
import { type CodeGrant, type Redemption, type Refusal, redeemCode } from '../entra/redeemCode.ts'
import { AppError, type Failure, failureOf } from '../failure.ts'
import { fetchGroups, fetchProfile, type GraphContext } from '../graph/fetchGroups.ts'
import type { EntraGroup, Profile } from '../graph/graphCalls.ts'
import type { Log } from '../log.ts'
import { createDeadline } from '../outgoing/limit.ts'
import { asError, doubledNames, effectiveGroups, type GroupAnswer } from '../sync/groupRules.ts'
import { claimSuffices, readGroupsClaim } from '../sync/groupsClaim.ts'
import { rulesFor, type SyncRules } from '../sync/rules.ts'

/** One request, as the engine's work sees it. */
export interface RequestScope {
  correlationId: string
  /** Ends when the request's budget is spent or the request is over. */
  signal: AbortSignal
}

/** A person whom Entra ID has vouched for. */
export interface Authenticated {
  claims: IdTokenClaims
  /** For Microsoft Graph; not kept after the request. */
  accessToken: string
  /** What the configuration says for people of this tenant. */
  rules: SyncRules
}

/** The call that redeems the code came to nothing, and the code may be used up: only a fresh one can settle it. */
export interface Unredeemed {
  failure: Extract<Failure, { code: 'entra_busy' | 'entra_unreachable' }>
  /** As it was thrown, for the log. */
  error: AppError
}

/**
 * Redeems an authorization code and checks the ID token. When Entra ID calls the credential invalid, it is read again
 * once, so that a rotated credential costs no failed sign-in: the code is still unused then.
 * @param trial the credential of a candidate, which is tried as it is and never replaced
 * @throws AppError; what a fresh start may settle is an answer
 */
export async function authenticate(
  engine: Engine,
  inForce: InForce,
  grant: CodeGrant,
  { correlationId, signal }: RequestScope,
  log: Log,
  trial?: () => Promise<VersionedCredential>,
): Promise<Authenticated | { refusal: Refusal } | { unredeemed: Unredeemed }> {
  const { configuration } = inForce
  const credential = trial?.() ?? engine.credentials.get(inForce)
  const [endpoints, held] = await Promise.all([engine.endpoints(configuration), credential])
  const keys = engine.signingKeys.at(endpoints.keys)
  const redeem = (credential: typeof held): Promise<Redemption | { unredeemed: Unredeemed }> =>
    redeemCode(grant, configuration, endpoints, credential.credential, { ...engine, signal, correlationId }).catch(
      asUnredeemed,
    )

  // A trial neither takes nor leaves a memory: what is in force has nothing to do with it.
  const known = trial === undefined ? engine.credentials.refusalOf(inForce, grant.redirectUri, held) : undefined
  if (known !== undefined) return { refusal: known }
  let used = held
  let redemption = await redeem(held)
  if (trial === undefined && isCredentialRefused(redemption)) {
    const other = await engine.credentials.renew(inForce, held)
    if (other !== undefined) {
      used = other
      redemption = await redeem(other)
    }
  }
  if ('unredeemed' in redemption) return redemption
  if ('refusal' in redemption) {
    if (redemption.refusal.failure.aadsts === pkceMismatch) log.warn({ event: 'security', kind: 'pkce_mismatch' })
    if (trial === undefined && isCredentialRefused(redemption))
      engine.credentials.refuse(inForce, grant.redirectUri, used, redemption.refusal)
    return redemption
  }

  const { idToken, accessToken } = redemption.tokens
  const claims = await verifyIdToken(idToken, keys, {
    endpoints,
    clientId: configuration.clientId,
    allowedTenants: configuration.allowedTenants,
    nonce: grant.nonce,
    now: engine.clock.now(),
  }).catch((error: unknown) => {
    const failure = failureOf(error)
    if (failure.code === 'token_rejected' && failure.check === 'nonce')
      log.warn({ event: 'security', kind: 'foreign_nonce' })
    throw error
  })
  return { claims, accessToken, rules: rulesFor(configuration, claims.tid) }
}

/** @throws the error, where a fresh code would not help */
function asUnredeemed(error: unknown): { unredeemed: Unredeemed } {
  if (error instanceof AppError) {
    const { failure } = error
    if (failure.code === 'entra_busy' || failure.code === 'entra_unreachable') return { unredeemed: { failure, error } }
  }
  throw error
}

const isCredentialRefused = (redemption: Redemption | { unredeemed: Unredeemed }): redemption is { refusal: Refusal } =>
  'refusal' in redemption && redemption.refusal.failure.error === 'invalid_client'

/** What Microsoft Graph adds to the ID token; its failures are values, for the sign-in goes on without it. */
export interface GraphFindings {
  profile: Profile | AppError
  groups: GroupAnswer
  /** What Microsoft Graph listed, whatever the token says; nothing where it was not asked. */
  listed: readonly EntraGroup[] | AppError
}

/** Time for all of Graph, in milliseconds: a sign-in goes on without it, and needs time for Micetro then. */
const graphLimit = 8000

/** Reads profile and groups side by side. */
export async function readGraph(
  engine: Engine,
  { configuration }: InForce,
  { claims, accessToken, rules }: Authenticated,
  { signal }: RequestScope,
): Promise<GraphFindings> {
  const { send, clock, random } = engine
  const deadline = createDeadline(signal, graphLimit)
  const context: GraphContext = {
    graph: configuration.graph,
    accessToken,
    send,
    clock,
    random,
    signal: deadline.signal,
  }
  const claim = readGroupsClaim(claims)
  const [profile, listed] = await Promise.all([
    fetchProfile(context).catch(asError),
    claimSuffices(claim, rules) ? [] : fetchGroups(context).catch(asError),
  ]).finally(deadline.clear)
  return { profile, groups: effectiveGroups(claim, listed, rules), listed }
}

/** The profile, or undefined when it could not be read. */
export function knownProfile({ profile }: GraphFindings): Profile | undefined {
  return profile instanceof AppError ? undefined : profile
}

const namesHint =
  'Groups came without names, or not as the token has them. Grant admin consent for GroupMember.Read.All.'

/** What could not be read, and names that could mislead, one line each. */
export function logFindings({ profile, groups }: GraphFindings, { names }: SyncRules, log: Log): void {
  if (profile instanceof AppError) log.warn({ event: 'profile_unread', failure: profile.failure })
  if (groups.kind === 'unknown') log.warn({ event: 'groups_unread', failure: groups.because })
  if (groups.kind !== 'listed') return
  if (!groups.complete) log.warn({ event: 'group_names_unknown', hint: namesHint })
  const doubled = names ? doubledNames(groups.groups) : []
  if (doubled.length > 0) log.warn({ event: 'group_names_doubled', names: doubled.slice(0, 20) })
}
