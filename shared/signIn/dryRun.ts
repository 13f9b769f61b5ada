import { explain } from '../catalogue.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { AppError, type Failure, failureOf } from '../failure.ts'
import { doubledNames, type GivenGroup, readGroupsClaim } from '../sync/groupRules.ts'
import { readIdentity } from '../sync/identity.ts'
import { matchGroups } from '../sync/matchGroups.ts'
import { type Plan, planSync } from '../sync/planSync.ts'
import { fetchFacts } from '../sync/sync.ts'
import { type Authenticated, knownProfile, type RequestScope, readGraph } from './authenticate.ts'
import { describeRefusal } from './refusal.ts'

/** One of the user's groups and the Micetro groups that it stands for. */
export interface ReportedGroup {
  name: string
  id: string
  micetro: readonly string[]
}

/** What a sign-in would do, for the administrator who tries it. */
export interface DryRunReport {
  /** Claims and profile that matter, by name. */
  facts: readonly (readonly [name: string, value: string])[]
  groups: readonly ReportedGroup[]
  /** How many there are; the list may be shorter. */
  groupCount: number
  warnings: readonly string[]
  /** Undefined when the sign-in would be refused. */
  plan: Plan | undefined
  refusal: Failure | undefined
}

/** The report of a dry run that came to nothing. */
export function refusedDryRun(refusal: Failure): DryRunReport {
  return { facts: [], groups: [], groupCount: 0, warnings: [], plan: undefined, refusal }
}

/** Groups that a report lists at the most. */
const mostListed = 500

/** Reads everything that a sign-in reads, plans what it would change, and changes nothing. */
export async function reportDryRun(
  engine: Engine,
  inForce: InForce,
  person: Authenticated,
  scope: RequestScope,
): Promise<DryRunReport> {
  const { configuration } = inForce
  const { claims } = person
  const micetro = engine.micetro()
  const match = { matchByName: configuration.matchByName }
  const { map } = configuration.groups
  const [findings, found] = await Promise.all([
    readGraph(engine, inForce, person, scope),
    fetchFacts({ name: claims.preferred_username, externalId: claims.sub }, micetro, match, scope.signal).catch(
      failureOf,
    ),
  ])
  const identity = readIdentity(claims, knownProfile(findings))
  const given = findings.groups.kind === 'listed' ? findings.groups.groups : []
  const refusal = 'code' in found ? found : undefined
  const plan =
    'code' in found
      ? undefined
      : planSync({
          identity,
          groups: findings.groups,
          map,
          account: found.account,
          memberOf: found.memberOf,
          micetroGroups: found.groups,
          offersExternalId: found.offersExternalId,
        })

  const warnings: string[] = []
  if (findings.profile instanceof AppError)
    warnings.push(`The profile could not be read. ${explain(findings.profile.failure).admin}`)
  if (findings.groups.kind === 'unknown')
    warnings.push(`The groups could not be read. ${explain(findings.groups.because).admin}`)
  const doubled = doubledNames(given)
  if (doubled.length > 0) warnings.push(`Several of the groups have the same name: ${doubled.slice(0, 10).join(', ')}.`)
  // Only writing shows that a group cannot be changed, so what earlier sign-ins met stands in for it.
  for (const step of plan?.steps ?? []) {
    const refusal = 'ref' in step ? micetro.refusals.get(step.ref) : undefined
    if (refusal?.action === step.do) warnings.push(describeRefusal(refusal))
  }
  if (configuration.matchByName) warnings.push('match_by_name is set: switch it off after the change-over.')
  if (!configuration.enabled) warnings.push('Sign-in is switched off: this is a trial only.')

  const micetroGroups = 'code' in found ? [] : found.groups
  const nameOf = new Map(micetroGroups.map(({ ref, name }) => [ref, name]))
  const reported = (group: GivenGroup): ReportedGroup => ({
    name: group.names.join(' or '),
    id: group.id ?? '',
    micetro: [...matchGroups([group], micetroGroups, map).matched].flatMap((ref) => nameOf.get(ref) ?? []),
  })
  return {
    facts: [
      ['Login name (preferred_username)', identity.name],
      ['Full name', identity.fullName],
      ['E-mail', identity.email === '' ? 'none' : identity.email],
      ['External id (sub)', identity.externalId],
      ['Tenant (tid)', claims.tid],
      ['Object id (oid)', claims.oid ?? 'not given'],
      ['Groups claim', describeClaim(claims)],
    ],
    groups: given.slice(0, mostListed).map(reported),
    groupCount: given.length,
    warnings,
    plan,
    refusal,
  }
}

function describeClaim(claims: Authenticated['claims']): string {
  const claim = readGroupsClaim(claims)
  switch (claim.kind) {
    case 'absent':
      return claims.groups === undefined && claims._claim_names === undefined
        ? 'absent: all groups count'
        : 'overage: all groups count'
    case 'empty':
      return 'empty: no groups given'
    case 'given':
      return `${claim.ids.size} ids and ${claim.names.length} names: only these count`
  }
}
