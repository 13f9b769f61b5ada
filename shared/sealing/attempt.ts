import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { sameText } from './sameText.ts'
import type { SealingKey } from './sealingKey.ts'

/** One sign-in between leaving for Entra ID and coming back; it lives sealed in a cookie of the browser. */
export interface Attempt {
  state: string
  nonce: string
  verifier: string
  /** Of the authorization request; the code must be redeemed with the same. */
  redirectUri: string
  clientId: string
  /** Who must answer (RFC 9207); `{tenantid}` stands for any tenant. */
  issuer: string
  /** A dry run ends in a report and writes nothing; sealed, so that neither can pass for the other. */
  purpose: 'sign-in' | 'dry-run'
  /** How often this sign-in was begun anew by itself; once is the most. */
  restarts: number
  /** Of a dry run that tries what is not saved: the version under which the candidate is parked. */
  candidate?: string | undefined
}

/** How long an attempt lives, in seconds. */
export const attemptLifetime = 600

const timeLength = 8
const idLength = 40
const statePattern = /^[0-9a-f]{40}\.[A-Za-z0-9_-]{43}$/
/** Close enough to no other program's states: our id and anything, or both lengths. */
const likeOurs = /^[0-9a-f]{40}\.|^[^.]{40}\.[A-Za-z0-9_-]{43}$/

/**
 * A state of ours: time and 128 random bits, with a MAC, so that it is recognised without its cookie. The last bit of
 * the seconds says the purpose: a dry run that comes back without its cookie must not be offered a real sign-in.
 * @param now milliseconds since the epoch
 */
export function createState(key: SealingKey, now: number, purpose: Attempt['purpose'] = 'sign-in'): string {
  const seconds = 2 * Math.floor(now / 2000) + (purpose === 'dry-run' ? 1 : 0)
  const id = seconds.toString(16).padStart(8, '0') + randomBytes(16).toString('hex')
  return `${id}.${key.mac(id)}`
}

/** What a state of ours was made for; ask isOurState first. */
export function purposeOf(state: string): Attempt['purpose'] {
  return Number.parseInt(state.charAt(timeLength - 1), 16) % 2 === 1 ? 'dry-run' : 'sign-in'
}

/** False for what no key of ours can have made. */
export function hasFormOfOurs(state: string): boolean {
  return statePattern.test(state)
}

/** True when one of the keys made the state, however old it is. */
export function isOurState(state: string, keys: readonly SealingKey[]): boolean {
  if (!hasFormOfOurs(state)) return false
  const id = state.slice(0, idLength)
  return keys.some((key) => sameText(state, `${id}.${key.mac(id)}`))
}

/**
 * True for what looks like a state of ours: one that was tampered with, or whose key is gone. Such a one is nobody
 * else's either.
 */
export function isLikeOurState(state: string): boolean {
  return likeOurs.test(state)
}

/** How long ago a state of ours was made, in milliseconds; it knows whole seconds only. */
export function ageOf(state: string, now: number): number {
  return now - Number.parseInt(state.slice(0, timeLength), 16) * 1000
}

/** True for a state that was made more than ten minutes ago. */
export function isStaleState(state: string, now: number): boolean {
  return ageOf(state, now) > attemptLifetime * 1000
}

/** `__Host-` binds the cookie to this host and to https; a browser refuses the prefix on plain http (local development). */
export function cookiePrefix(redirectUri: string): string {
  return `${redirectUri.startsWith('https:') ? '__Host-' : ''}micetro-sign-in-`
}

/** The part of a state that names its attempt, and proves nothing. */
export function attemptId(state: string): string {
  return state.slice(0, idLength)
}

/** One cookie for each attempt, so that several tabs do not disturb each other. Names sort by age. */
export function cookieName(state: string, redirectUri: string): string {
  return cookiePrefix(redirectUri) + attemptId(state)
}

const attemptSchema = v.object({
  state: v.string(),
  nonce: v.string(),
  verifier: v.string(),
  redirectUri: v.string(),
  clientId: v.string(),
  issuer: v.string(),
  purpose: v.picklist(['sign-in', 'dry-run']),
  restarts: v.number(),
  candidate: v.optional(v.string()),
})

/** Seals an attempt as a compact JWE. */
export function sealAttempt(attempt: Attempt, key: SealingKey): string {
  return key.encrypt(JSON.stringify(attempt))
}

/** @returns the attempt, or undefined when no key opens it or it is not whole */
export function openAttempt(sealed: string, keys: readonly SealingKey[]): Attempt | undefined {
  for (const key of keys) {
    const text = key.decrypt(sealed)
    if (text === undefined) continue
    const parsed = v.safeParse(attemptSchema, JSON.parse(text))
    if (parsed.success) return parsed.output
  }
  return undefined
}
