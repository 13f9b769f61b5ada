import { AppError } from '../failure.ts'
import type { MicetroUser } from '../micetro/types.ts'
import type { Person } from './identity.ts'
import { foldedName } from './names.ts'
import type { AccountRules } from './rules.ts'

/** What the look-up by name says; `ask` needs the look-up by external id before it is settled. */
export type ByName =
  | { kind: 'found'; account: MicetroUser }
  /** `foreign`: an account of the name that is not External. */
  | { kind: 'ask'; candidate: MicetroUser | undefined; foreign: MicetroUser | undefined }

const isExternal = (user: MicetroUser): boolean => user.authenticationType === 'External'

/** Sign-in names ignore case at Entra ID, so names that differ in nothing else are one name. */
const sameName = (a: string, b: string): boolean => foldedName(a) === foldedName(b)

const hasNoId = (user: MicetroUser): boolean =>
  user.externalID === undefined || user.externalID === null || user.externalID === ''

/** Judges the accounts that a look-up by name gave; it may have given more than was asked for. */
export function resolveByName(person: Person, found: readonly MicetroUser[]): ByName {
  const named = found.filter((user) => sameName(user.name, person.name))
  const external = named.filter(isExternal)
  const matching = external.find((user) => user.externalID === person.externalId)
  if (matching !== undefined) return { kind: 'found', account: matching }
  return {
    kind: 'ask',
    candidate: external.find((user) => user.name === person.name) ?? external[0],
    foreign: named.find((user) => !isExternal(user)),
  }
}

/**
 * Settles which account is the person's: the one with the external id, whatever it is called (the person was renamed);
 * else, for people of the home tenant, the External one of the name, if it has no external id yet or names decide for now.
 * @param byId accounts that a look-up by external id gave; empty where the server does not offer the property
 * @returns undefined when there is no account yet
 * @throws AppError name_collision when an account of the name is not External: such an account is never touched;
 * external_id_conflict, external_id_ambiguous
 */
export function resolveAccount(
  person: Person,
  byName: ByName,
  byId: readonly MicetroUser[],
  { home, matchByName }: AccountRules,
): MicetroUser | undefined {
  if (byName.kind === 'found') return byName.account
  const own = byId.filter((user) => isExternal(user) && user.externalID === person.externalId)
  if (own.length > 1) throw new AppError({ code: 'external_id_ambiguous', names: own.map((user) => user.name) })
  if (own[0] !== undefined) return own[0]
  const { candidate, foreign } = byName
  if (foreign !== undefined) {
    throw new AppError({
      code: 'name_collision',
      name: foreign.name,
      authenticationType: foreign.authenticationType || 'unknown',
    })
  }
  if (candidate === undefined) return undefined
  if (!home) throw new AppError({ code: 'external_id_conflict', name: candidate.name, tenant: 'another' })
  if (!hasNoId(candidate) && !matchByName) throw new AppError({ code: 'external_id_conflict', name: candidate.name })
  return candidate
}
