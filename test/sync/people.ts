import type { EntraGroup } from '../../shared/graph/graphCalls.ts'
import type { MicetroGroup, MicetroUser } from '../../shared/micetro/types.ts'
import type { GivenGroup, GroupAnswer } from '../../shared/sync/groupRules.ts'
import type { Identity } from '../../shared/sync/identity.ts'
import type { SyncRules } from '../../shared/sync/rules.ts'

export const alice: Identity = {
  name: 'alice@contoso.com',
  fullName: 'Alice Adams',
  fullNameKnown: true,
  email: 'alice.adams@contoso.com',
  externalId: 'sub-of-alice',
  emailKnown: true,
}

/** Alice's account at Micetro, in line with Entra ID. */
export function account(changes: Partial<MicetroUser> = {}): MicetroUser {
  return {
    ref: 'Users/31',
    name: alice.name,
    fullName: alice.fullName,
    email: alice.email,
    authenticationType: 'External',
    externalID: alice.externalId,
    groups: [],
    ...changes,
  }
}

/** An object id that can be told from others by its number. */
export const idOf = (number: number): string => `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, '0')}`

export function entraGroup(number: number, changes: Partial<EntraGroup> = {}): EntraGroup {
  return {
    id: idOf(number),
    displayName: `group ${number}`,
    securityEnabled: true,
    onPremisesNetBiosName: null,
    onPremisesDomainName: null,
    onPremisesSamAccountName: null,
    ...changes,
  }
}

export function given(...names: string[]): GivenGroup[] {
  return names.map((name, index) => ({ id: idOf(index + 1), names: [name], domainNames: [] }))
}

export const listed = (...names: string[]): GroupAnswer => ({
  kind: 'listed',
  groups: given(...names),
  complete: true,
})

export function micetroGroup(number: number, name: string, changes: Partial<MicetroGroup> = {}): MicetroGroup {
  return {
    ref: `Groups/${number}`,
    name,
    adIntegrated: name.includes('\\'),
    builtIn: false,
    externalId: undefined,
    ...changes,
  }
}

export const allUsers = micetroGroup(1, 'All users (built-in)', { builtIn: true })
export const administrators = micetroGroup(2, 'Administrators (built-in)', { builtIn: true })

/** The rules for people of the home tenant where nothing is configured. */
export const usualRules: SyncRules = {
  home: true,
  matchByName: false,
  securityOnly: false,
  names: true,
  claimRequired: false,
  required: false,
  map: new Map(),
}
