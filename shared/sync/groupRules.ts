import { isGuid } from '../configuration/entraConfiguration.ts'
import type { IdTokenClaims } from '../entra/idToken.ts'
import { AppError, type Failure, failureOf } from '../failure.ts'
import type { EntraGroup } from '../graph/graphCalls.ts'

/** A group of the user as it is matched: by every name that Entra ID knows it by. */
export interface GivenGroup {
  /** Object id, lower case; undefined when the claim gave a name instead. */
  id: string | undefined
  /** What Micetro's group may be called; the id when no name is known. */
  names: readonly string[]
  /** `DOMAIN\name` of Active Directory, as Entra ID vouches for it; only such a name reaches an AD-integrated group. */
  domainNames: readonly string[]
}

/**
 * What Entra ID says about the user's groups. That there are none and that they are not known are different answers;
 * both leave every membership as it is, for different reasons.
 */
export type GroupAnswer =
  /** `namesKnown` false: some names are missing, so that a group not found here proves nothing and nothing is removed. */
  | { kind: 'listed'; groups: readonly GivenGroup[]; namesKnown: boolean }
  | { kind: 'none' }
  | { kind: 'unknown'; because: Failure }

/** What the `groups` claim of the ID token says (Microsoft's page "Configure group claims"). */
export type GroupsClaim =
  /** No claim, or the overage marker, which only says that the claim would have been too long. */
  { kind: 'absent' } | { kind: 'empty' } | { kind: 'given'; ids: ReadonlySet<string>; names: readonly string[] }

/** Reads the claim; its values are object ids, or names already, as the app registration is set up. */
export function readGroupsClaim(claims: Pick<IdTokenClaims, 'groups' | 'hasgroups' | '_claim_names'>): GroupsClaim {
  const overage = claims._claim_names?.groups !== undefined || claims.hasgroups === true || claims.hasgroups === 'true'
  if (claims.groups === undefined || overage) return { kind: 'absent' }
  if (claims.groups.length === 0) return { kind: 'empty' }
  return {
    kind: 'given',
    ids: new Set(claims.groups.filter(isGuid).map((id) => id.toLowerCase())),
    names: claims.groups.filter((value) => !isGuid(value) && value !== ''),
  }
}

/** True when the claim alone says everything, an empty one that there are no groups, so that Microsoft Graph need not be asked for groups. */
export function claimSuffices(claim: GroupsClaim): boolean {
  return claim.kind === 'empty' || (claim.kind === 'given' && claim.ids.size === 0)
}

export interface GroupRules {
  /** Only security groups count. */
  securityOnly: boolean
  /** Micetro group by Entra object id. */
  map: ReadonlyMap<string, string>
}

/**
 * Decides which groups count (design: sync rules; seed: "Group authorization" and "Mapping groups").
 * @param read what Microsoft Graph listed, or the error that it met; not used where the claim suffices
 */
export function effectiveGroups(
  claim: GroupsClaim,
  read: readonly EntraGroup[] | Error,
  rules: GroupRules,
): GroupAnswer {
  const named =
    claim.kind === 'given'
      ? claim.names.map((name): GivenGroup => ({ id: undefined, names: [name], domainNames: [name] }))
      : []
  if (claimSuffices(claim)) return answer(named, true)
  if (read instanceof Error) return { kind: 'unknown', because: failureOf(read) }

  // Graph knows none of the groups that the token lists: the ids are all there is (callback contract).
  if (read.length === 0 && claim.kind === 'given') {
    // Whether they are security groups is not known either.
    const ids = rules.securityOnly ? [] : [...claim.ids]
    return answer([...named, ...ids.map((id): GivenGroup => ({ id, names: [id], domainNames: [] }))], false)
  }
  const listed = claim.kind === 'given' ? read.filter((group) => claim.ids.has(group.id)) : read
  const counted = rules.securityOnly ? listed.filter((group) => group.securityEnabled === true) : listed
  const namesKnown = listed.every((group) => group.displayName !== null)
  // Without the permission Graph tells neither names nor kinds: that none of them counts is then no answer.
  if (rules.securityOnly && !namesKnown && counted.length === 0) {
    return { kind: 'unknown', because: { code: 'graph_forbidden', permission: 'GroupMember.Read.All' } }
  }
  return answer([...named, ...counted.map(givenGroup), ...unlisted(claim, read, rules)], namesKnown)
}

/**
 * Groups of the claim that Graph does not list, because its index lags, but that the map knows. Other ids are left out:
 * directory roles stand in the claim too, and would make an empty list look like one with groups.
 */
function unlisted(claim: GroupsClaim, read: readonly EntraGroup[], { securityOnly, map }: GroupRules): GivenGroup[] {
  if (claim.kind !== 'given' || securityOnly) return []
  const known = new Set(read.map(({ id }) => id))
  return [...claim.ids]
    .filter((id) => map.has(id) && !known.has(id))
    .map((id) => ({ id, names: [id], domainNames: [] }))
}

function answer(groups: readonly GivenGroup[], namesKnown: boolean): GroupAnswer {
  return groups.length === 0 ? { kind: 'none' } : { kind: 'listed', groups, namesKnown }
}

/** A group of Graph with every name that may be matched. */
export function givenGroup(group: EntraGroup): GivenGroup {
  const { onPremisesNetBiosName: domain, onPremisesSamAccountName: account } = group
  const domainNames = domain === null || account === null ? [] : [`${domain}\\${account}`]
  return { id: group.id, names: [group.displayName ?? group.id, ...domainNames], domainNames }
}

/** Display names that, case aside, more than one of the groups has: in many tenants anybody can make a group of any name. */
export function doubledNames(groups: readonly GivenGroup[]): string[] {
  const seen = new Map<string, string>()
  const doubled = new Set<string>()
  for (const { id, names } of groups) {
    const name = names[0]
    if (name === undefined || id === undefined) continue
    const folded = name.toLowerCase()
    const other = seen.get(folded)
    if (other !== undefined && other !== id) doubled.add(name)
    seen.set(folded, id)
  }
  return [...doubled]
}

/** For callers that hold an error as a value: anything thrown becomes an AppError. */
export function asError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError(failureOf(error), { cause: error })
}
