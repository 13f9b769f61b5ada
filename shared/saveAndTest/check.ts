import { explain } from '../catalogue.ts'
import { AppError, type Failure, type FailureCode, failureOf } from '../failure.ts'
import type { Trial } from './trial.ts'

export type Outcome = 'passed' | 'failed' | 'warning' | 'skipped'

/** What a check found: one sentence, and where to put it right. */
export interface Verdict {
  outcome: Outcome
  detail: string
  hint?: string
}

/** One question that Save and Test asks of the world. */
export interface Check {
  name: string
  /** Checks that must have passed, or only warned; otherwise this one is skipped, so that the first cause stands out. */
  needs: readonly string[]
  /** Own time limit, in milliseconds. */
  timeout: number
  /** @throws AppError for a failure of the catalogue, which becomes the verdict */
  run(trial: Trial, signal: AbortSignal): Promise<Verdict>
}

export interface CheckResult extends Verdict {
  name: string
  milliseconds: number
}

export const passed = (detail: string): Verdict => ({ outcome: 'passed', detail })
export const failed = (detail: string, hint: string): Verdict => ({ outcome: 'failed', detail, hint })
export const warning = (detail: string, hint: string): Verdict => ({ outcome: 'warning', detail, hint })
export const skipped = (detail: string): Verdict => ({ outcome: 'skipped', detail })

/**
 * Runs the checks side by side as far as they do not need one another.
 * @param only run this one and what it needs, and report this one
 */
export async function runChecks(checks: readonly Check[], trial: Trial, only?: string): Promise<CheckResult[]> {
  const byName = new Map(checks.map((check) => [check.name, check]))
  const results = new Map<string, Promise<CheckResult>>()
  const start = (check: Check): Promise<CheckResult> => {
    let result = results.get(check.name)
    if (result === undefined) {
      result = attempt(check)
      results.set(check.name, result)
    }
    return result
  }
  const attempt = async (check: Check): Promise<CheckResult> => {
    const needed = await Promise.all(check.needs.flatMap((name) => byName.get(name) ?? []).map(start))
    const blocker = needed.find(({ outcome }) => outcome === 'failed' || outcome === 'skipped')
    const begun = trial.engine.clock.now()
    const verdict =
      blocker === undefined ? await judge(check, trial) : skipped(`Not tried, because "${blocker.name}" did not pass.`)
    return { name: check.name, ...verdict, milliseconds: Math.round(trial.engine.clock.now() - begun) }
  }
  const wanted = only === undefined ? checks : checks.filter(({ name }) => name === only)
  return Promise.all(wanted.map(start))
}

async function judge(check: Check, trial: Trial): Promise<Verdict> {
  const over = AbortSignal.timeout(check.timeout)
  const late = new Promise<Verdict>((resolve) => {
    over.addEventListener('abort', () => {
      resolve(
        failed(
          `No result within ${check.timeout / 1000} seconds.`,
          'Look for a firewall that drops the connection, or try again.',
        ),
      )
    })
  })
  try {
    return await Promise.race([check.run(trial, AbortSignal.any([over, trial.signal])), late])
  } catch (error) {
    if (!(error instanceof AppError)) trial.log.error({ event: 'check_broken', check: check.name })
    return verdictOf(failureOf(error))
  }
}

/** A failure of the catalogue as a verdict: what happened in the detail, the fix in the hint. */
export function verdictOf(failure: Failure): Verdict {
  return failed(detailOf(failure), explain(failure).admin)
}

/** What failed, in words; the code stands behind them, for whoever looks it up. */
function detailOf(failure: Failure): string {
  switch (failure.code) {
    case 'entra_refused':
      return `Entra ID answered ${failure.aadsts === undefined ? failure.error : `AADSTS${failure.aadsts} (${failure.error})`}.`
    case 'entra_busy':
    case 'graph_throttled':
      return `The service answered ${failure.status}.`
    case 'graph_rejected':
      return `Microsoft Graph answered ${failure.status} (${failure.reply}).`
    case 'micetro_rejected':
      return `Micetro answered ${failure.status} to "${failure.action}".`
    case 'secret_invalid':
      return `The secret "${failure.secret}" cannot be used: ${failure.problem}.`
    case 'credential_unusable':
      return `${failure.what.replace(/^./, (first) => first.toUpperCase())} cannot be used: ${failure.problem}.`
    case 'secret_missing':
      return `The secret "${failure.secret}" is missing.`
    case 'config_invalid':
      return `${failure.problems.join('; ')}.`
    default: {
      const reason = 'reason' in failure ? `: ${failure.reason}` : ''
      return `${sentences[failure.code] ?? 'Something unexpected happened'} (${failure.code}${reason}).`
    }
  }
}

const sentences: Partial<Record<FailureCode, string>> = {
  entra_unreachable: 'Entra ID did not answer',
  entra_malformed: 'Entra ID gave an answer that cannot be used',
  graph_unreachable: 'Microsoft Graph did not answer',
  graph_forbidden: 'Microsoft Graph refused the call',
  graph_incomplete: 'Microsoft Graph broke off in the middle of an answer',
  vault_unreachable: 'Key Vault did not answer',
  vault_forbidden: 'Key Vault refused the call',
  vault_throttled: 'Key Vault is busy',
  save_conflict: 'Somebody else saved the configuration meanwhile',
  identity_unavailable: 'The managed identity gave no token',
  micetro_unreachable: 'Micetro did not answer',
  micetro_untrusted: 'Micetro’s certificate is not trusted',
  micetro_credentials: 'Micetro refused the API account',
  micetro_forbidden: 'The API account may not do this in Micetro',
  micetro_malformed: 'Micetro gave an answer that cannot be used',
  budget_spent: 'It took too long',
}
