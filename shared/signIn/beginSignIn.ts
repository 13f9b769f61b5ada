import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { authorizationUrl, createNonce, createPkce } from '../entra/authorizationUrl.ts'
import { AppError } from '../failure.ts'
import { type Attempt, createState, sealAttempt } from '../sealing/attempt.ts'
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
export async function subjectOf(
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
