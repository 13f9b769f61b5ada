import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { AppError } from '../failure.ts'
import type { Log } from '../log.ts'
import {
  type Attempt,
  ageOf,
  hasFormOfOurs,
  isOurState,
  isStaleState,
  openAttempt,
  purposeOf,
} from '../sealing/attempt.ts'
import { sameText } from '../sealing/sameText.ts'
import { subjectOf } from './beginSignIn.ts'
import type { Subject } from './subject.ts'

/** How far the clocks of two instances may be apart, in milliseconds. */
const clockDifference = 5000

/** A younger configuration than this is not looked at anew, however many attempts do not fit it; in milliseconds. */
const configurationReloadPause = 1000

/** Younger keys than this are not asked for again, however many foreign states arrive; in milliseconds. */
const keyReloadPause = 30_000

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

/** @throws AppError attempt_stale, attempt_missing, attempt_used */
export async function acceptAttempt(
  engine: Engine,
  state: string,
  sealed: string | undefined,
  log: Log,
): Promise<Attempt> {
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

/**
 * The configuration that the attempt was begun under. Another instance may have begun it under one that was saved a
 * moment ago, so a difference is looked at anew before it is refused.
 * @throws AppError attempt_stale, candidate_gone, and what configurationFor may throw
 */
export async function subjectOfAttempt(engine: Engine, attempt: Attempt): Promise<Subject> {
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
