import { needsOtherAccount } from '../entra/aadsts.ts'
import type { Failure } from '../failure.ts'

/** What a person can do about a failure, on its page. */
export type NextStep = 'start again' | 'use another account' | 'open Micetro'

const again: readonly NextStep[] = ['start again']

/** @returns the steps that lead on, the best first; the same account again would only meet the same refusal */
export function nextSteps(failure: Failure): readonly NextStep[] {
  switch (failure.code) {
    case 'name_collision':
      // Its owner signs in to Micetro with its own password.
      return ['use another account', 'open Micetro']
    case 'external_id_conflict':
    case 'external_id_ambiguous':
    case 'no_group':
    case 'tenant_not_allowed':
      return ['use another account']
    case 'entra_refused':
    case 'unverified_error':
      return needsOtherAccount(failure.aadsts) ? ['use another account'] : again
    case 'sign_in_disabled':
      return ['open Micetro']
    case 'attempt_used':
      return failure.landed ? ['open Micetro', 'start again'] : again
    case 'attempt_missing':
      return ['start again', 'open Micetro']
    default:
      return again
  }
}
