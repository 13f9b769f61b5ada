import type { Log } from '../log.ts'
import type { Micetro } from '../micetro/micetro.ts'
import { eachAbreast } from '../outgoing/abreast.ts'
import { refusalReason } from '../signIn/refusal.ts'
import { applyPlan } from '../sync/applyPlan.ts'
import type { Judged } from './judgeAccounts.ts'

/** Accounts that are changed at once. */
const abreast = 4

export interface RefusedRemoval {
  group: string
  reason: string
}

/** What became of the removals. */
export interface Removed {
  /** Names of the groups that each account was removed from. */
  groups: ReadonlyMap<Judged, readonly string[]>
  /** Groups that Micetro does not let us change, and why, for the administrator. */
  refused: ReadonlyMap<Judged, readonly RefusedRemoval[]>
  /** What ended it before all was done. */
  failed: unknown
}

/**
 * Carries the removals out and decides nothing. Every one may be repeated, so the next run completes one that broke off,
 * and two at once do no harm.
 */
export async function removeAll(
  judged: readonly Judged[],
  micetro: Micetro,
  log: Log,
  signal: AbortSignal,
): Promise<Removed> {
  const groups = new Map<Judged, string[]>()
  const refused = new Map<Judged, RefusedRemoval[]>()
  const losing = judged.filter(({ leaves }) => leaves.length > 0)
  const remove = async (each: Judged): Promise<void> => {
    const { account, verdict, leaves } = each
    const gone: string[] = []
    groups.set(each, gone)
    const plan = { steps: leaves, notes: [] }
    const write = { saveComment: `Entra ID reconcile: ${verdict}`, signal }
    const applied = await applyPlan(plan, account.ref, micetro, write, noNewAccount, (step) => {
      if (step.do !== 'leave') return
      gone.push(step.group)
      log.info({ event: 'membership_removed', account: account.name, group: step.group, verdict })
    })
    const refusals = applied.refused.map((refusal) => {
      const { group, action } = refusal
      const reason = refusalReason(refusal, applied.accepted)
      log.warn({ event: 'membership_refused', account: account.name, group, action, reason, verdict })
      return { group, reason }
    })
    refused.set(each, refusals)
  }
  try {
    await eachAbreast(losing, abreast, remove)
    return { groups, refused, failed: undefined }
  } catch (failed) {
    return { groups, refused, failed }
  }
}

/** No plan of a run makes an account. */
const noNewAccount = (): Promise<undefined> => Promise.resolve(undefined)
