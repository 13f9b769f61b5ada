import type { EntraGroup } from '../graph/graphCalls.ts'
import type { MicetroGroup } from '../micetro/types.ts'
import { effectiveGroups, type GroupAnswer } from './groupRules.ts'
import { type Plan, planMemberships, type Step } from './planSync.ts'
import type { GroupRules } from './rules.ts'

/**
 * The groups that count where no token is at hand: as if it had the overage marker, which says that nothing is limited.
 * @param read what Microsoft Graph listed
 */
export function groupsBetween(read: readonly EntraGroup[], rules: GroupRules): GroupAnswer {
  return effectiveGroups({ kind: 'overage' }, read, rules)
}

/**
 * Micetro groups that a sign-in gives or leaves, and that a run between sign-ins would take again: the token's claim names
 * what Microsoft Graph does not list.
 * @param plan of the sign-in
 */
export function takenAgain(
  plan: Plan,
  read: readonly EntraGroup[],
  { memberOf, groups: micetroGroups }: { memberOf: ReadonlySet<string>; groups: readonly MicetroGroup[] },
  rules: GroupRules,
): string[] {
  const after = new Set(memberOf)
  for (const step of plan.steps) {
    if (step.do === 'join') after.add(step.ref)
    if (step.do === 'leave') after.delete(step.ref)
  }
  const { steps } = planMemberships({ groups: groupsBetween(read, rules), memberOf: after, micetroGroups, rules })
  return steps.filter((step): step is Extract<Step, { do: 'leave' }> => step.do === 'leave').map(({ group }) => group)
}
