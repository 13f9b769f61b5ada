import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/failure.ts'
import { describeRefusal, refusalReason } from '../../shared/signIn/refusal.ts'

const refusal = (failure: Failure) => ({ group: 'NOC', ref: 'Groups/7', action: 'leave', failure }) as const
const forbidden: Failure = { code: 'micetro_forbidden', action: 'change memberships', message: 'managed by HR' }

describe('A refused membership', () => {
  it("has Micetro's own text", () => {
    const failure: Failure = { code: 'micetro_rejected', action: 'change memberships', status: 400, message: 'No.' }
    expect(refusalReason(refusal(failure), true)).toMatch(/400.*No\./)
    expect(refusalReason(refusal(forbidden), true)).toMatch(/403.*managed by HR/)
  })

  it('that is forbidden concerns the group where Micetro took another change', () => {
    expect(refusalReason(refusal(forbidden), true)).not.toContain('Administer')
  })

  it('that is forbidden may concern the API account where Micetro took none', () => {
    expect(refusalReason(refusal(forbidden), false)).toMatch(
      /read-only.*if this holds for every group.*Administer users/,
    )
  })

  it('of an earlier sign-in is told with its group and what was tried', () => {
    expect(describeRefusal(refusal(forbidden))).toMatch(/^Micetro refused to remove somebody from "NOC"/)
    expect(describeRefusal({ ...refusal(forbidden), action: 'join' })).toMatch(/to add somebody to "NOC"/)
  })
})
