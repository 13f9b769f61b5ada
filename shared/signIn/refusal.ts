import { explain } from '../catalogue.ts'
import type { RefusedMembership } from '../micetro/micetro.ts'

/**
 * Why a membership could not be changed, for the administrator.
 * @param accepted whether Micetro took another change of the same sign-in: the API account may change memberships then
 */
export function refusalReason({ failure }: RefusedMembership, accepted: boolean): string {
  if (failure.code !== 'micetro_forbidden') return explain(failure).admin
  const said = failure.message === undefined ? '' : ` (${failure.message})`
  const group = `Micetro answered 403${said}: the group is read-only, or another system manages it`
  return accepted
    ? `${group}.`
    : `${group}; or, if this holds for every group: ${explain({ code: failure.code, action: failure.action }).admin}`
}

/** A refusal that an earlier sign-in met, in one sentence. */
export function describeRefusal(refusal: RefusedMembership): string {
  const what = refusal.action === 'join' ? 'to add somebody to' : 'to remove somebody from'
  return `Micetro refused ${what} "${refusal.group}" at an earlier sign-in. ${refusalReason(refusal, false)}`
}
