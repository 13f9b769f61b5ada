import { isUnread, type Unread } from '../graph/applicationCalls.ts'
import type { EntraGroup } from '../graph/graphCalls.ts'
import type { MicetroGroup } from '../micetro/types.ts'
import { groupsBetween } from '../sync/betweenSignIns.ts'
import { planMemberships, type Step } from '../sync/planSync.ts'
import type { SyncRules } from '../sync/rules.ts'

/** A removal from a group; a run takes no other step. */
export type Leave = Extract<Step, { do: 'leave' }>

/** What Micetro knows that matters for a removal. */
export interface Memberships {
  memberOf: ReadonlySet<string>
  micetroGroups: readonly MicetroGroup[]
}

/** A person's groups, all pages, and how many there are by Graph's own count. */
export type GroupsReading = { groups: readonly EntraGroup[]; count: number | undefined } | Unread

/** What would be taken, or why nothing can be said. */
export type Removals = { leaves: readonly Leave[] } | { reason: string }

/** Every membership but built-in ones: what somebody loses who is gone. */
export function allRemovals({ memberOf, micetroGroups }: Memberships): readonly Leave[] {
  return micetroGroups
    .filter(({ ref, builtIn }) => !builtIn && memberOf.has(ref))
    .map(({ name, ref }): Leave => ({ do: 'leave', group: name, ref }))
}

/**
 * The memberships that the sync rules do not give to somebody who is there.
 */
export function planRemovals(reading: GroupsReading, memberships: Memberships, rules: SyncRules): Removals {
  if (isUnread(reading)) return { reason: `the groups are not known: ${reading.unread}` }
  const groups = groupsBetween(reading.groups, rules)
  if (groups.kind === 'unknown' || (groups.kind === 'listed' && !groups.complete))
    return { reason: 'a group came without its name (GroupMember.Read.All)' }
  const leaves = planMemberships({ ...memberships, groups, rules }).steps.filter((step) => step.do === 'leave')
  // Graph's list may be incomplete without an error, so nothing is taken unless its own count agrees.
  const listed = new Set(reading.groups.map(({ id }) => id)).size
  if (leaves.length > 0 && reading.count !== listed)
    return { reason: `Microsoft Graph lists ${listed} groups and counts ${reading.count ?? 'none'}` }
  return { leaves }
}

/**
 * The second witness: ids of security groups, read in another way.
 * @returns why nothing may be taken; undefined where the list holds every one of them
 */
export function contradiction(
  groups: readonly EntraGroup[],
  witness: ReadonlySet<string> | Unread,
): string | undefined {
  if (isUnread(witness)) return `the groups could not be confirmed: ${witness.unread}`
  const listed = new Set(groups.map(({ id }) => id))
  return [...witness].every((id) => listed.has(id)) ? undefined : 'the list of groups is incomplete'
}
