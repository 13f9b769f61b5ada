import { explain } from '../catalogue.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { AppError, type Failure, failureOf } from '../failure.ts'
import { takenAgain } from '../sync/betweenSignIns.ts'
import { doubledNames, type GivenGroup } from '../sync/groupRules.ts'
import { readGroupsClaim } from '../sync/groupsClaim.ts'
import { readIdentity } from '../sync/identity.ts'
import { type By, createMatcher } from '../sync/matchGroups.ts'
import type { Plan } from '../sync/planSync.ts'
import type { SyncRules } from '../sync/rules.ts'
import { fetchFacts, type MicetroFacts, planFor, type SyncInput } from '../sync/sync.ts'
import { type Authenticated, knownProfile, type RequestScope, readGraph } from './authenticate.ts'
import { describeRefusal } from './refusal.ts'
import { candidateVersion } from './subject.ts'

/** One of the user's groups and the Micetro groups that it stands for. */
export interface ReportedGroup {
  name: string
  id: string
  micetro: readonly string[]
  /** What made it stand for them; undefined where it stands for none. */
  by: By | undefined
}

/** What a sign-in would do, for the administrator who tries it. */
export interface DryRunReport {
  /** Claims and profile that matter, by name. */
  facts: readonly (readonly [name: string, value: string])[]
  groups: readonly ReportedGroup[]
  /** How many there are; the list may be shorter. */
  groupCount: number
  /** False while nothing is known about the groups, which is not the same as none. */
  groupsRead: boolean
  /** True when what was tried is not saved. */
  candidate: boolean
  warnings: readonly string[]
  /** Undefined when the sign-in would be refused. */
  plan: Plan | undefined
  refusal: Failure | undefined
}

/** The report of a dry run that came to nothing. */
export function refusedDryRun(refusal: Failure, candidate = false): DryRunReport {
  const nothing = { facts: [], groups: [], groupCount: 0, groupsRead: false, warnings: [], plan: undefined }
  return { ...nothing, candidate, refusal }
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
  const { claims, rules } = person
  const micetro = engine.micetro()
  const [findings, found] = await Promise.all([
    readGraph(engine, inForce, person, scope),
    fetchFacts({ name: claims.preferred_username, externalId: claims.sub }, micetro, rules, scope.signal).catch(
      failureOf,
    ),
  ])
  const identity = readIdentity(claims, knownProfile(findings))
  const given = findings.groups.kind === 'listed' ? findings.groups.groups : []
  const outcome = 'code' in found ? found : planOrRefusal({ identity, groups: findings.groups, rules }, found)
  const refusal = 'code' in outcome ? outcome : undefined
  const plan = 'code' in outcome ? undefined : outcome

  const warnings: string[] = []
  if (findings.profile instanceof AppError)
    warnings.push(`The profile could not be read. ${explain(findings.profile.failure).admin}`)
  if (findings.groups.kind === 'unknown')
    warnings.push(`The groups could not be read. ${explain(findings.groups.because).admin}`)
  if (!rules.home) warnings.push(notHome)
  else if (!rules.names) warnings.push(idsOnly)
  const doubled = rules.names ? doubledNames(given) : []
  if (doubled.length > 0) warnings.push(`Several of the groups have the same name: ${doubled.slice(0, 10).join(', ')}.`)
  // Only writing shows that a group cannot be changed, so what earlier sign-ins met stands in for it.
  for (const step of plan?.steps ?? []) {
    const refusal = 'ref' in step ? micetro.refusals.get(step.ref) : undefined
    if (refusal?.action === step.do) warnings.push(describeRefusal(refusal))
  }
  const again =
    plan === undefined || 'code' in found || findings.listed instanceof AppError
      ? []
      : takenAgain(plan, findings.listed, found, rules)
  if (again.length > 0) warnings.push(`${again.slice(0, 10).join(', ')}: ${onlyInToken}`)
  if (configuration.matchByName)
    warnings.push('Match accounts by name is on: switch it off as soon as everybody has signed in once.')
  if (!configuration.enabled) warnings.push('Sign-in is switched off: this is a trial only.')

  const micetroGroups = 'code' in found ? [] : found.groups
  const match = createMatcher(micetroGroups, rules)
  const reported = (group: GivenGroup): ReportedGroup => {
    const { by, groups } = match(group)
    const micetro = [
      ...new Set(groups.flatMap(([only, ...more]) => (only === undefined || more.length > 0 ? [] : [only.name]))),
    ]
    return { name: group.names.join(' or '), id: group.id ?? '', micetro, by: micetro.length === 0 ? undefined : by }
  }
  return {
    facts: [
      ['Login name (preferred_username)', identity.name],
      ['Full name', identity.fullName],
      ['E-mail', identity.email === '' ? 'none' : identity.email],
      ['External ID (sub)', identity.externalId],
      ['Tenant (tid)', claims.tid],
      ['Object ID (oid)', claims.oid ?? 'not given'],
      ['Groups claim', describeClaim(claims, rules)],
    ],
    groups: given.slice(0, mostListed).map(reported),
    groupCount: given.length,
    groupsRead: findings.groups.kind !== 'unknown',
    candidate: inForce.version === candidateVersion,
    warnings,
    plan,
    refusal,
  }
}

const onlyInToken =
  'the token gives this, and Microsoft Graph does not list it. A run between sign-ins would take it away: leave Between sign-ins at Report.'
const notHome = 'The person is not of the home tenant: names count for nothing, object IDs and the External ID decide.'
const idsOnly = 'Only groups in the table, or with an External ID in Micetro, decide: names count for nothing.'

function planOrRefusal(input: Omit<SyncInput, 'facts'>, facts: MicetroFacts): Plan | Failure {
  try {
    return planFor(input, facts)
  } catch (error) {
    if (error instanceof AppError) return error.failure
    throw error
  }
}

function describeClaim(claims: Authenticated['claims'], { claimRequired }: SyncRules): string {
  const claim = readGroupsClaim(claims)
  const without = claimRequired ? 'no group counts, because only groups in the claim do' : undefined
  switch (claim.kind) {
    case 'absent':
      return `absent: ${without ?? 'all groups count'}`
    case 'overage':
      return 'overage: all groups count'
    case 'empty':
      return `empty: ${without ?? 'no groups given'}`
    case 'given':
      return `${claim.ids.size} ids and ${claim.names.length} names${claim.from === 'roles' ? ', emitted as roles' : ''}: only these count`
  }
}
