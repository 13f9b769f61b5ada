/** What is known of an account's person (design: "Between sign-ins"). */
export const verdicts = ['active', 'disabled', 'deleted', 'not_found', 'unclear'] as const
export type Verdict = (typeof verdicts)[number]

/** `report` writes nothing. */
export const modes = ['report', 'enforce'] as const
export type Mode = (typeof modes)[number]

/** `stopped`: the brake; nothing was written. `off`: switched off in the configuration. */
export type Outcome = 'done' | 'stopped' | 'failed' | 'off'

export interface ReportedAccount {
  /** The login name at Micetro. */
  name: string
  verdict: Verdict
  /** Micetro groups: with `enforce` those that it was removed from, else those that it would be. */
  removals: readonly string[]
  /** Why nothing, or not everything, was taken, or why nothing is known. */
  reason?: string
}

export type Counts = Record<Verdict, number>

export interface ReconcileReport {
  mode: Mode
  outcome: Outcome
  accounts: readonly ReportedAccount[]
  counts: Counts
  /** Why the run failed or was stopped, or what a run that is done could not do. */
  reason?: string
}

export function countVerdicts(accounts: readonly { verdict: Verdict }[]): Counts {
  const counts: Counts = { active: 0, disabled: 0, deleted: 0, not_found: 0, unclear: 0 }
  for (const { verdict } of accounts) counts[verdict] += 1
  return counts
}

/** Memberships that a run removed, or would remove. */
export function countRemovals({ accounts }: Pick<ReconcileReport, 'accounts'>): number {
  return accounts.reduce((sum, { removals }) => sum + removals.length, 0)
}
