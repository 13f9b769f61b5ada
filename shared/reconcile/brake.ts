import type { Leave, Memberships } from './judgeGroups.ts'

/** As many may always lose everything: in a small team one leaver is many per cent. */
const harmless = 2

/** Whether an account has a membership that is not built-in, and none of them stays. */
export function losesEverything(memberships: Memberships, leaves: readonly Leave[]): boolean {
  const builtIn = new Set(memberships.micetroGroups.filter((group) => group.builtIn).map(({ ref }) => ref))
  const own = [...memberships.memberOf].filter((ref) => !builtIn.has(ref))
  const gone = new Set(leaves.map(({ ref }) => ref))
  return own.length > 0 && own.every((ref) => gone.has(ref))
}

/**
 * A wrong tenant or a lost permission must not empty Micetro.
 * @param losing accounts that would lose everything
 * @param accounts all External accounts
 * @returns why nothing at all may be written; undefined where the run may go on
 */
export function brakeReason(losing: number, accounts: number, brakePercent: number): string | undefined {
  if (losing <= harmless || losing * 100 <= brakePercent * accounts) return undefined
  return `${losing} of ${accounts} accounts would lose all their memberships, more than the brake (${brakePercent} %) allows`
}
