import { AppError, type Failure, failureOf } from '../failure.ts'
import type { EntraGroup } from '../graph/graphCalls.ts'
import type { GivenClaim, GroupsClaim } from './groupsClaim.ts'
import { foldedName } from './names.ts'
import type { GroupRules } from './rules.ts'

/** A group of the user as it is matched: by its object id, and by every name that Entra ID knows it by. */
export interface GivenGroup {
  /** Object id, lower case; undefined when a claim gave a name that could be several groups' or none's. */
  id: string | undefined
  /** What Micetro's group may be called; the id when no name is known. */
  names: readonly string[]
  /** `DOMAIN\name` of Active Directory, as Entra ID vouches for it; only such a name reaches an AD-integrated group. */
  domainNames: readonly string[]
  /** `DOMAIN\name` as it is likely to be where Entra ID knows no NetBIOS domain: never joined for it, nor left. */
  perhaps?: readonly string[]
}

/**
 * What Entra ID says about the user's groups. That it gave none, that none of those it gave counts, and that they are not
 * known are different answers: the first and the last leave every membership as it is, the second ends them.
 */
export type GroupAnswer =
  /** `complete` false: something that the rules need was not read, so a group not found here proves nothing. */
  | { kind: 'listed'; groups: readonly GivenGroup[]; complete: boolean }
  | { kind: 'none' }
  | { kind: 'unknown'; because: Failure }

/**
 * Decides which groups count (design: sync rules; seed: "Group authorization" and "Mapping groups").
 * @param read what Microsoft Graph listed, or the error that it met; not used where the claim suffices
 */
export function effectiveGroups(
  claim: GroupsClaim,
  read: readonly EntraGroup[] | Error,
  rules: GroupRules,
): GroupAnswer {
  const missing = claim.kind === 'absent' || claim.kind === 'empty'
  if (missing && rules.claimRequired) return { kind: 'listed', groups: [], complete: true }
  if (claim.kind === 'empty') return { kind: 'none' }
  if (read instanceof Error) return { kind: 'unknown', because: failureOf(read) }
  if (claim.kind === 'given') return limitedGroups(claim, read, rules)
  if (read.length === 0) return { kind: 'none' }
  return listed(counted(read, rules).map(givenGroup), read.some(nameless), rules)
}

/** The groups that the claim lists, as Graph knows them: it names a group when any of the group's names says so. */
function limitedGroups(claim: GivenClaim, read: readonly EntraGroup[], rules: GroupRules): GroupAnswer {
  const byId = new Map(read.map((group) => [group.id, group]))
  const own = [...claim.ids].flatMap((id) => byId.get(id) ?? [])
  const others = [...claim.ids].filter((id) => !byId.has(id))
  const values = [...others, ...claim.names]
  const byName = indexNames(values.length === 0 ? [] : read)
  const fitting = (name: string): readonly EntraGroup[] => byName.get(foldedName(name)) ?? []
  const groups = counted(own, rules).map(givenGroup)
  groups.push(...values.flatMap((name) => namedGroups(fitting(name), name, rules)))
  groups.push(...claim.names.filter((name) => fitting(name).length === 0).map(unlistedName))

  // An id that Graph does not list, because its index lags or the group hides its members, counts by the id. It must be
  // one: where names are claimed, or may be for all that could be read, a group may be called like the id of another.
  const unlisted = others.filter((id) => fitting(id).length === 0)
  const isRead = !read.some(nameless)
  const areIds = claim.from === 'groups' && claim.names.length === 0 && (isRead || own.length > 0)
  if (areIds && !rules.securityOnly) groups.push(...unlisted.map((id) => ({ id, names: [id], domainNames: [] })))
  // Graph knows none of the groups of the token, or these may be none at all.
  const contradicts = own.length === 0 && unlisted.length > 0 && (!isRead || claim.from === 'roles')
  if (read.length === 0 || contradicts) return { kind: 'listed', groups, complete: false }
  const unread = claim.names.length > 0 ? !isRead : own.some(nameless)
  return listed(groups, unread, rules, claim.names.length > 0)
}

/**
 * @param unread some names and kinds are missing: the permission was not granted
 * @param needsNames names matter to the claim, whatever groups are matched by
 */
function listed(groups: readonly GivenGroup[], unread: boolean, rules: GroupRules, needsNames = false): GroupAnswer {
  // That no security group is among groups of unknown kind is no answer.
  if (unread && rules.securityOnly && groups.length === 0)
    return { kind: 'unknown', because: { code: 'graph_forbidden', permission: 'GroupMember.Read.All' } }
  return { kind: 'listed', groups, complete: !unread || !(rules.names || rules.securityOnly || needsNames) }
}

const nameless = (group: EntraGroup): boolean => group.displayName === null

const counted = (groups: readonly EntraGroup[], { securityOnly }: GroupRules): readonly EntraGroup[] =>
  securityOnly ? groups.filter((group) => group.securityEnabled === true) : groups

/** Every name that a claim may have for a group. */
function claimNames(group: EntraGroup): string[] {
  const { displayName, onPremisesSamAccountName: account } = group
  return [displayName, account, ...domainNamesOf(group)].filter((name) => name !== null)
}

function indexNames(read: readonly EntraGroup[]): ReadonlyMap<string, readonly EntraGroup[]> {
  const index = new Map<string, EntraGroup[]>()
  for (const group of read) {
    for (const name of new Set(claimNames(group).map(foldedName))) {
      const held = index.get(name)
      if (held === undefined) index.set(name, [group])
      else held.push(group)
    }
  }
  return index
}

/** Listed groups that the claim names: by the id only where there is but one, for the name says no more. */
function namedGroups(fitting: readonly EntraGroup[], claimed: string, rules: GroupRules): GivenGroup[] {
  return counted(fitting, rules).map((group) => {
    const given = givenGroup(group)
    const spelled = given.names.some((name) => foldedName(name) === foldedName(claimed))
    return {
      ...given,
      id: fitting.length === 1 ? given.id : undefined,
      names: spelled ? given.names : [...given.names, claimed],
    }
  })
}

const domainForm = /^[^\\]+\\[^\\]+$/

/** A name of the claim that no listed group has: transformed by Entra ID, or of a group that Graph does not list. */
function unlistedName(name: string): GivenGroup {
  return { id: undefined, names: [name], domainNames: domainForm.test(name) ? [name] : [] }
}

function domainNamesOf(group: EntraGroup): string[] {
  const { onPremisesNetBiosName: netBios, onPremisesDomainName: domain, onPremisesSamAccountName: account } = group
  return account === null ? [] : [netBios, domain].filter((each) => each !== null).map((each) => `${each}\\${account}`)
}

/** A group of Graph with every name that may be matched. */
export function givenGroup(group: EntraGroup): GivenGroup {
  const { onPremisesNetBiosName: netBios, onPremisesDomainName: domain, onPremisesSamAccountName: account } = group
  const domainNames = domainNamesOf(group)
  return {
    id: group.id,
    names: [group.displayName ?? group.id, ...domainNames],
    domainNames,
    // By convention the NetBIOS name is the first label, but nobody vouches for that.
    ...(netBios === null &&
      domain !== null &&
      account !== null && { perhaps: [`${domain.split('.')[0]}\\${account}`] }),
  }
}

/** Display names that, case aside, more than one of the groups has: in many tenants anybody can make a group of any name. */
export function doubledNames(groups: readonly GivenGroup[]): string[] {
  const seen = new Map<string, string>()
  const doubled = new Map<string, string>()
  for (const { id, names } of groups) {
    const name = names[0]
    if (name === undefined || id === undefined) continue
    const folded = foldedName(name)
    const other = seen.get(folded)
    if (other !== undefined && other !== id) doubled.set(folded, name)
    seen.set(folded, id)
  }
  return [...doubled.values()]
}

/** For callers that hold an error as a value: anything thrown becomes an AppError. */
export function asError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError(failureOf(error), { cause: error })
}
