import type { NewUser, Property } from '../micetro/client.ts'
import type { MicetroGroup, MicetroUser } from '../micetro/types.ts'
import type { GroupAnswer } from './groupRules.ts'
import type { Identity } from './identity.ts'
import { matchGroups } from './matchGroups.ts'

/** One change at Micetro. */
export type Step =
  | { do: 'create'; user: NewUser }
  | { do: 'change'; property: Property; from: string; to: string }
  | { do: 'leave'; group: string; ref: string }
  | { do: 'join'; group: string; ref: string }

export interface Plan {
  /** In the order in which they are applied: the account first, rights taken before rights given. */
  steps: readonly Step[]
  /** What was left alone and why, for the log and the dry run. */
  notes: readonly string[]
}

export interface SyncFacts {
  identity: Identity
  groups: GroupAnswer
  /** The person's account; undefined when there is none yet. */
  account: MicetroUser | undefined
  /** References of the groups that the account is in. */
  memberOf: ReadonlySet<string>
  micetroGroups: readonly MicetroGroup[]
  /** Micetro group by Entra object id. */
  map: ReadonlyMap<string, string>
  /** Whether the server has the property `externalID`. */
  offersExternalId: boolean
}

/**
 * What must change at Micetro so that it says what Entra ID says (seed: "Group authorization", "User Authentication and
 * Access Management"). Nothing but its arguments decides; a plan for what is already so is empty.
 */
export function planSync(facts: SyncFacts): Plan {
  const { identity, account, groups, offersExternalId } = facts
  const steps: Step[] = []
  if (account === undefined) {
    const externalID = offersExternalId ? identity.externalId : undefined
    steps.push({
      do: 'create',
      user: { name: identity.name, fullName: identity.fullName, email: identity.email, externalID },
    })
  } else {
    steps.push(...propertySteps(identity, account, offersExternalId))
  }
  if (groups.kind === 'none') return { steps, notes: ['Entra ID lists no groups: the memberships stay as they are'] }
  if (groups.kind === 'unknown') {
    return { steps, notes: [`The groups could not be read (${groups.because.code}): the memberships stay as they are`] }
  }

  const { matched, ambiguous, unmatched } = matchGroups(groups.groups, facts.micetroGroups, facts.map)
  const notes: string[] = []
  if (!groups.namesKnown)
    notes.push('Group names are not known (GroupMember.Read.All is not granted): no membership is removed')
  if (ambiguous.size > 0)
    notes.push(`Micetro groups that differ in nothing but case and are left alone: ${ambiguous.size}`)
  if (unmatched.length > 0) notes.push(`Groups of Entra ID that fit no Micetro group: ${unmatched.length}`)
  const leaving = facts.micetroGroups.filter(
    ({ ref, builtIn }) =>
      groups.namesKnown && !builtIn && facts.memberOf.has(ref) && !matched.has(ref) && !ambiguous.has(ref),
  )
  const joining = facts.micetroGroups.filter(({ ref }) => matched.has(ref) && !facts.memberOf.has(ref))
  steps.push(
    ...leaving.map(({ name, ref }): Step => ({ do: 'leave', group: name, ref })),
    ...joining.map(({ name, ref }): Step => ({ do: 'join', group: name, ref })),
  )
  return { steps, notes }
}

function propertySteps(identity: Identity, account: MicetroUser, offersExternalId: boolean): Step[] {
  const steps: Step[] = []
  const change = (property: Property, from: string, to: string): void => {
    if (from !== to) steps.push({ do: 'change', property, from, to })
  }
  if (identity.fullNameKnown) change('fullName', account.fullName, identity.fullName)
  // As with the full name, neither an unread profile nor an address that Entra ID does not have may take away the one that is there.
  if (identity.emailKnown && identity.email !== '') change('email', account.email, identity.email)
  if (offersExternalId) change('externalID', account.externalID ?? '', identity.externalId)
  return steps
}
