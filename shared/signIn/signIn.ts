import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { aadstsIn, pkceMismatch } from '../entra/aadsts.ts'
import { authorizationUrl, createNonce, createPkce } from '../entra/authorizationUrl.ts'
import { isIssuer, readClaimedError } from '../entra/endpoints.ts'
import { AppError, type Failure, failureOf } from '../failure.ts'
import type { Log } from '../log.ts'
import {
  type Attempt,
  ageOf,
  createState,
  hasFormOfOurs,
  isOurState,
  isStaleState,
  openAttempt,
  purposeOf,
  sealAttempt,
} from '../sealing/attempt.ts'
import { sameText } from '../sealing/sameText.ts'
import { readIdentity } from '../sync/identity.ts'
import { powerlessHint } from '../sync/planSync.ts'
import { fetchFacts, sync } from '../sync/sync.ts'
import {
  type Authenticated,
  authenticate,
  knownProfile,
  logFindings,
  type RequestScope,
  readGraph,
} from './authenticate.ts'
import { changeLine } from './changes.ts'
import { type DryRunReport, refusedDryRun, reportDryRun } from './dryRun.ts'
import { refusalReason } from './refusal.ts'
import { parkedSubject, type Subject } from './subject.ts'

/** The browser leaves for Entra ID with this attempt in a cookie. */
export interface Departure {
  /** At Entra ID. */
  location: string
  state: string
  /** The attempt, sealed. */
  sealed: string
  redirectUri: string
}

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

export interface Beginning {
  purpose: Attempt['purpose']
  /** How often the sign-in was begun anew by itself. */
  restarts: number
  /** Claims challenge of Entra ID, if any. */
  claims: string | undefined
  /** Version of a parked candidate that is tried in place of what is in force; for dry runs only. */
  candidate: string | undefined
  /** The person wants another account than the one that Entra ID would take by itself. */
  otherAccount?: boolean
}

export const ordinary: Beginning = { purpose: 'sign-in', restarts: 0, claims: undefined, candidate: undefined }

/** A sign-in with another account. */
export const otherAccount: Beginning = { ...ordinary, otherAccount: true }

/** A dry run, started by an administrator. @param candidate version under which what is tried is parked */
export function dryRun(candidate?: string): Beginning {
  return { ...ordinary, purpose: 'dry-run', candidate }
}

/** How far the clocks of two instances may be apart, in milliseconds. */
const clockDifference = 5000

/** A younger configuration than this is not looked at anew, however many attempts do not fit it; in milliseconds. */
const configurationReloadPause = 1000

/** Younger keys than this are not asked for again, however many foreign states arrive; in milliseconds. */
const keyReloadPause = 30_000

/** Lines about single memberships that one sign-in writes at the most. */
const mostLines = 50

/**
 * The configuration in force. A dry run may go before sign-in is switched on.
 * @throws AppError sign_in_disabled, config_invalid and what loading the configuration may throw
 */
export async function configurationFor(engine: Engine, purpose: Attempt['purpose']): Promise<InForce> {
  const inForce = await engine.inForce.get()
  if (!inForce.configuration.enabled && purpose === 'sign-in') throw new AppError({ code: 'sign_in_disabled' })
  return inForce
}

/** What is in force, or the candidate on trial. @throws AppError candidate_gone, and as configurationFor */
async function subjectOf(
  engine: Engine,
  { purpose, candidate }: Pick<Attempt, 'purpose' | 'candidate'>,
): Promise<Subject> {
  if (candidate !== undefined) return parkedSubject(engine, candidate)
  return { inForce: await configurationFor(engine, purpose), credential: undefined }
}

/** Begins a sign-in: fresh state, nonce and verifier, sealed for the browser that asked. */
export async function beginSignIn(
  engine: Engine,
  { purpose, restarts, claims, candidate, otherAccount = false }: Beginning = ordinary,
): Promise<Departure> {
  // A sign-in that cannot end at Micetro is not begun.
  const { transport } = engine.micetro().client
  if (purpose === 'sign-in' && restarts === 0) transport.refuseWhileDown()
  const [{ inForce }, key] = await Promise.all([subjectOf(engine, { purpose, candidate }), engine.sealingKeys.get()])
  const { configuration } = inForce
  const endpoints = await engine.endpoints(configuration)
  const pkce = createPkce()
  const attempt: Attempt = {
    state: createState(key, engine.clock.now(), purpose),
    nonce: createNonce(),
    verifier: pkce.verifier,
    redirectUri: configuration.redirectUri,
    clientId: configuration.clientId,
    issuer: endpoints.issuer,
    purpose,
    restarts,
    candidate,
  }
  const location = await authorizationUrl(configuration, endpoints, {
    state: attempt.state,
    nonce: attempt.nonce,
    challenge: pkce.challenge,
    ...(claims !== undefined && { claims }),
    ...(otherAccount && { prompt: 'select_account' as const }),
  })
  return { location, sealed: sealAttempt(attempt, key), state: attempt.state, redirectUri: attempt.redirectUri }
}

/**
 * True when we made the state. One that we may have made, with a key that is not at hand, makes the newest key be read
 * again, but not more often than twice a minute, and the one before it.
 */
export async function recognise({ sealingKeys }: Engine, state: string): Promise<boolean> {
  if (!hasFormOfOurs(state)) return false
  if (isOurState(state, [await sealingKeys.get()])) return true
  return isOurState(state, [await sealingKeys.refresh(keyReloadPause), ...(await sealingKeys.older())])
}

/** The attempt in a cookie, opened by the newest key or else by the one before it. */
async function openedBy({ sealingKeys }: Engine, sealed: string): Promise<Attempt | undefined> {
  return openAttempt(sealed, [await sealingKeys.get()]) ?? openAttempt(sealed, await sealingKeys.older())
}

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

/**
 * The configuration that the attempt was begun under. Another instance may have begun it under one that was saved a
 * moment ago, so a difference is looked at anew before it is refused.
 * @throws AppError attempt_stale, candidate_gone, and what configurationFor may throw
 */
async function subjectOfAttempt(engine: Engine, attempt: Attempt): Promise<Subject> {
  if (attempt.candidate !== undefined) return subjectOf(engine, attempt)
  const fits = async ({ configuration }: InForce): Promise<boolean> =>
    attempt.clientId === configuration.clientId &&
    attempt.redirectUri === configuration.redirectUri &&
    attempt.issuer === (await engine.endpoints(configuration)).issuer
  // What was loaded since the attempt was begun is new enough; some seconds are for clocks that differ.
  const age = ageOf(attempt.state, engine.clock.now()) - clockDifference
  const newEnough = Math.max(age, configurationReloadPause)
  if (!(await fits(await engine.inForce.get())) && !(await fits(await engine.inForce.refresh(newEnough))))
    throw new AppError({ code: 'attempt_stale' })
  return subjectOf(engine, attempt)
}

/** @throws AppError attempt_stale, attempt_missing, attempt_used */
async function acceptAttempt(engine: Engine, state: string, sealed: string | undefined, log: Log): Promise<Attempt> {
  const now = engine.clock.now()
  if (isStaleState(state, now)) throw new AppError({ code: 'attempt_stale' })
  const attempt = sealed === undefined ? undefined : await openedBy(engine, sealed)
  const isWhole = attempt !== undefined && sameText(attempt.state, state) && attempt.purpose === purposeOf(state)
  // Looked at after the cookie was opened: another request may have taken it meanwhile.
  const used = engine.usedAttempts.get(state)
  if (used !== undefined) {
    // A browser gives the cookie up with the first answer, so without it this is somebody's Back key.
    if (isWhole) log.warn({ event: 'security', kind: 'attempt_replayed' })
    throw new AppError({ code: 'attempt_used', ...(used === 'landed' && { landed: true }) })
  }
  if (!isWhole) throw new AppError({ code: 'attempt_missing' })
  engine.usedAttempts.set(state, 'used')
  return attempt
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
