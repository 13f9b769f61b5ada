import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { aadstsIn, pkceMismatch } from '../entra/aadsts.ts'
import { isIssuer, readClaimedError } from '../entra/endpoints.ts'
import { AppError, type Failure, failureOf } from '../failure.ts'
import type { Log } from '../log.ts'
import { type Attempt, purposeOf } from '../sealing/attempt.ts'
import { readIdentity } from '../sync/identity.ts'
import { powerlessHint } from '../sync/planSync.ts'
import { fetchFacts, sync } from '../sync/sync.ts'
import { acceptAttempt, subjectOfAttempt } from './acceptAttempt.ts'
import {
  type Authenticated,
  authenticate,
  knownProfile,
  logFindings,
  type RequestScope,
  readGraph,
} from './authenticate.ts'
import { beginSignIn, type Departure } from './beginSignIn.ts'
import { changeLine } from './changes.ts'
import { type DryRunReport, refusedDryRun, reportDryRun } from './dryRun.ts'
import { refusalReason } from './refusal.ts'

/** The parameters of a callback that matter (RFC 6749 4.1.2). */
export interface Callback {
  state: string
  outcome: { code: string } | { error: string; description: string; cancelled?: true }
  /** Who says that they answered (RFC 9207), where they say it. */
  issuer?: string
}

export type Completion =
  | { kind: 'landed'; location: string }
  | { kind: 'restarted'; departure: Departure }
  | { kind: 'reported'; report: DryRunReport }

/** Lines about single memberships that one sign-in writes at the most. */
const mostLines = 50

/**
 * Completes a sign-in whose state is ours: redeems the code, reads the groups, brings Micetro in line.
 * @param sealed value of the attempt's cookie, if it came
 * @returns where the browser goes; at most once it goes back to Entra ID
 */
export async function completeSignIn(
  engine: Engine,
  callback: Callback,
  sealed: string | undefined,
  scope: RequestScope,
  log: Log,
): Promise<Completion> {
  if (purposeOf(callback.state) === 'sign-in')
    return proceed(engine, callback, await acceptAttempt(engine, callback.state, sealed, log), scope, log)
  let candidate = false
  try {
    const attempt = await acceptAttempt(engine, callback.state, sealed, log)
    candidate = attempt.candidate !== undefined
    return await completeDryRun(engine, callback, attempt, scope, log)
  } catch (error) {
    // Who began a dry run holds the access key: the report has the hint, and leads back to the configuration.
    if (!(error instanceof AppError)) throw error
    const entry = { event: 'dry_run_failed', failure: error.failure }
    if (error.failure.code === 'unverified_error') log.info(entry)
    else log.warn(entry)
    return { kind: 'reported', report: refusedDryRun(error.failure, candidate) }
  }
}

/** A candidate ends with its callback; only a step that Entra ID asks for in between needs it once more. */
async function completeDryRun(
  engine: Engine,
  callback: Callback,
  attempt: Attempt,
  scope: RequestScope,
  log: Log,
): Promise<Completion> {
  let again = false
  try {
    const completion = await proceed(engine, callback, attempt, scope, log)
    again = completion.kind === 'restarted'
    return completion
  } finally {
    if (attempt.candidate !== undefined && !again) {
      await engine.parking.end(attempt.candidate).catch((error: unknown) => {
        log.warn({ event: 'candidate_left', failure: failureOf(error) })
      })
    }
  }
}

async function proceed(
  engine: Engine,
  callback: Callback,
  attempt: Attempt,
  scope: RequestScope,
  log: Log,
): Promise<Completion> {
  const started = engine.clock.now()
  if (callback.issuer !== undefined && !isIssuer(attempt.issuer, callback.issuer))
    throw new AppError({ code: 'bad_request', problem: 'the parameter iss names another issuer' })
  const subject = await subjectOfAttempt(engine, attempt)
  const { inForce } = subject

  if ('error' in callback.outcome) {
    const error = readClaimedError(callback.outcome.error)
    const aadsts = aadstsIn(callback.outcome.description)
    const failure = {
      code: 'unverified_error' as const,
      error,
      ...(aadsts !== undefined && { aadsts }),
      ...(callback.outcome.cancelled && { cancelled: true as const }),
    }
    return restartOrThrow(engine, attempt, failure, undefined, log)
  }

  const { code } = callback.outcome
  const answer = await authenticate(engine, inForce, { code, ...attempt }, scope, log, subject.credential)
  if ('unredeemed' in answer) {
    if (attempt.restarts > 0) throw answer.unredeemed.error
    return restart(engine, attempt, answer.unredeemed.failure, undefined, log)
  }
  if ('refusal' in answer) return restartOrThrow(engine, attempt, answer.refusal.failure, answer.refusal.claims, log)
  if (attempt.purpose === 'dry-run')
    return { kind: 'reported', report: await reportDryRun(engine, inForce, answer, scope) }
  return bringInLine(engine, inForce, answer, started, scope, log).then(
    (landed) => {
      engine.usedAttempts.set(attempt.state, 'landed')
      return landed
    },
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error
      throw new AppError(error.failure, { cause: error.cause, account: answer.claims.preferred_username })
    },
  )
}

/** Brings Micetro in line with what Entra ID says of a person. @param started when the callback came */
async function bringInLine(
  engine: Engine,
  inForce: InForce,
  answer: Authenticated,
  started: number,
  scope: RequestScope,
  log: Log,
): Promise<Completion> {
  const { configuration } = inForce
  const tokenDone = engine.clock.now()
  const micetro = engine.micetro()
  const { rules } = answer
  const person = { name: answer.claims.preferred_username, externalId: answer.claims.sub }
  const [findings, facts] = await Promise.all([
    readGraph(engine, inForce, answer, scope),
    fetchFacts(person, micetro, rules, scope.signal),
  ])
  const readDone = engine.clock.now()
  const identity = readIdentity(answer.claims, knownProfile(findings))
  logFindings(findings, rules, log)
  if (configuration.matchByName)
    log.warn({ event: 'match_by_name', hint: 'Accounts are matched by name: switch it off after the change-over.' })
  const input = { identity, groups: findings.groups, facts, rules }
  const plan = await sync(input, micetro, scope.signal, (step, account) => log.info(changeLine(step, account)))

  if (plan.powerless)
    log.warn({ event: 'account_without_rights', account: facts.account?.name ?? identity.name, hint: powerlessHint })
  for (const refusal of plan.refused.slice(0, mostLines)) {
    const { group, action } = refusal
    log.warn({ event: 'membership_refused', group, action, reason: refusalReason(refusal, plan.accepted) })
  }
  const made = (kind: 'join' | 'leave'): number =>
    plan.steps.filter((step) => step.do === kind).length - plan.refused.filter(({ action }) => action === kind).length
  log.info({
    event: 'sign_in',
    outcome: 'landed',
    user: answer.claims.oid ?? answer.claims.sub,
    created: plan.steps.some((step) => step.do === 'create'),
    changed: plan.steps.filter((step) => step.do === 'change').length,
    joined: made('join'),
    left: made('leave'),
    refused: plan.refused.length,
    notes: plan.notes,
    milliseconds: engine.clock.now() - started,
    phases: { token: tokenDone - started, read: readDone - tokenDone, write: engine.clock.now() - readDone },
  })
  return { kind: 'landed', location: engine.landing() }
}

/** Entra ID wants another step, and a fresh authorization request takes it. */
const askedForMore = new Set(['interaction_required', 'login_required'])

/** Refusals of the token endpoint that a fresh authorization request may settle: a code may have come too late, too. */
const worthRestart = new Set([...askedForMore, 'invalid_grant'])

async function restartOrThrow(
  engine: Engine,
  attempt: Attempt,
  failure: Extract<Failure, { code: 'entra_refused' | 'unverified_error' }>,
  claims: string | undefined,
  log: Log,
): Promise<Completion> {
  const isWorth = failure.code === 'unverified_error' ? askedForMore : worthRestart
  if (attempt.restarts > 0 || !isWorth.has(failure.error) || failure.aadsts === pkceMismatch)
    throw new AppError(failure)
  return restart(engine, attempt, failure, claims, log)
}

/** Begins the sign-in anew; once, for the new attempt knows that it is the second. */
async function restart(
  engine: Engine,
  attempt: Attempt,
  failure: Failure,
  claims: string | undefined,
  log: Log,
): Promise<Completion> {
  const error = 'error' in failure ? failure.error : failure.code
  log.info({ event: 'sign_in', outcome: 'restarted', error, aadsts: 'aadsts' in failure ? failure.aadsts : undefined })
  return {
    kind: 'restarted',
    departure: await beginSignIn(engine, {
      purpose: attempt.purpose,
      candidate: attempt.candidate,
      claims,
      restarts: attempt.restarts + 1,
    }),
  }
}
