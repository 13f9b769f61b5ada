import { explain } from '../catalogue.ts'
import { failureOf } from '../failure.ts'
import type { Judged } from './judgeAccounts.ts'
import type { Removed } from './removeAll.ts'
import type { Outcome, ReportedAccount } from './report.ts'

/** An account as a report has it. */
export function reported({ account, verdict, leaves, reason }: Judged): ReportedAccount {
  const removals = leaves.map(({ group }) => group)
  return { name: account.name, verdict, removals, ...(reason !== undefined && { reason }) }
}

/**
 * What a run says that removed memberships. One whose every removal Micetro refused has failed: whoever left still has
 * their rights, and that needs somebody. Where it refused some, the run has done what can be done, and counts the others.
 */
export function reportedRemovals(
  judged: readonly Judged[],
  removed: Removed,
): { outcome: Outcome; accounts: ReportedAccount[]; reason?: string } {
  const refusals = [...removed.refused.values()].flat()
  const accounts = judged.map((each): ReportedAccount => {
    const gone = new Set(removed.groups.get(each))
    const removals = each.leaves.map(({ group }) => group).filter((group) => gone.has(group))
    const refused = (removed.refused.get(each) ?? []).map(({ group }) => group)
    const open = each.leaves.length - removals.length
    const why =
      refused.length > 0 ? `Micetro refused: ${refused.join(', ')}` : `${open} removals are left to the next run`
    return { ...reported(each), removals, ...(open > 0 && { reason: why }) }
  })
  if (removed.failed !== undefined)
    return { outcome: 'failed', accounts, reason: explain(failureOf(removed.failed)).admin }
  const [first] = refusals
  if (first === undefined) return { outcome: 'done', accounts }
  if (accounts.every(({ removals }) => removals.length === 0))
    return { outcome: 'failed', accounts, reason: `Micetro refused every removal: ${first.reason}` }
  const wanted = judged.reduce((sum, { leaves }) => sum + leaves.length, 0)
  return { outcome: 'done', accounts, reason: `Micetro refused ${refusals.length} of ${wanted} removals.` }
}
