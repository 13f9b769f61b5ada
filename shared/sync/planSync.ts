import { AppError, type Failure } from '../failure.ts'
import type { NewUser, Property } from '../micetro/client.ts'
import { isAllUsers, type MicetroGroup, type MicetroUser } from '../micetro/types.ts'
import type { GroupAnswer } from './groupRules.ts'
import type { Identity } from './identity.ts'
import { matchGroups, type Reason } from './matchGroups.ts'
import { describedAs } from './objectId.ts'
import type { GroupRules } from './rules.ts'

/** One change at Micetro. */
export type Step =
  | { do: 'create'; user: NewUser }
  | { do: 'change'; property: Property; from: string; to: string }
  | { do: 'leave'; group: string; ref: string }
  | { do: 'join'; group: string; ref: string; because?: Reason }

export interface Plan {
  /** In the order in which they are applied: the account first, rights taken before rights given. */
  steps: readonly Step[]
  /** What was left alone and why, for the log and the dry run. */
  notes: readonly string[]
  /** Afterwards the account has no role and no group, so that Micetro lets nobody in with it. */
  powerless?: true
}

/** What an administrator does about an account that can do nothing. */
export const powerlessHint =
  'Micetro refuses the person until an administrator gives a role to the account, or to a group that the person is in'

export interface SyncFacts {
  identity: Identity
  groups: GroupAnswer
  /** The person's account; undefined when there is none yet. */
  account: MicetroUser | undefined
  /** References of the groups that the account is in. */
  memberOf: ReadonlySet<string>
  micetroGroups: readonly MicetroGroup[]
  rules: Pick<GroupRules, 'map' | 'names' | 'required'>
  /** Whether the server has the property `externalID`. */
  offersExternalId: boolean
}

/**
 * What must change at Micetro so that it says what Entra ID says (seed: "Group authorization", "User Authentication and
 * Access Management"). Nothing but its arguments decides; a plan for what is already so is empty.
 * @throws AppError no_group, groups_unread where a first sign-in must join a group and joins none
 */
export function planSync(facts: SyncFacts): Plan {
  const { identity, account, offersExternalId } = facts
  const memberships = planMemberships(facts)
  const joins = memberships.steps.some((step) => step.do === 'join')
  if (account === undefined && facts.rules.required && !joins)
    throw new AppError(refusalWithoutGroup(identity, facts.groups))
  const notes = [...memberships.notes]
  const powerless = !joins && isPowerless(facts, memberships.steps)
  if (powerless) notes.push(`The account has no role and no group of its own. ${powerlessHint}`)
  const externalID = offersExternalId ? identity.externalId : undefined
  const { name, fullName, email } = identity
  const own: Step[] =
    account === undefined
      ? [{ do: 'create', user: { name, fullName, email, description: describedAs(identity), externalID } }]
      : propertySteps(identity, account, offersExternalId)
  return { steps: [...own, ...memberships.steps], notes, ...(powerless && { powerless }) }
}

/** Which memberships the groups give and take, nothing but these. */
export function planMemberships({
  groups,
  micetroGroups,
  memberOf,
  rules,
}: Pick<SyncFacts, 'groups' | 'micetroGroups' | 'memberOf' | 'rules'>): Plan {
  if (groups.kind === 'none')
    return { steps: [], notes: ['Entra ID lists no groups: the memberships stay as they are'] }
  if (groups.kind === 'unknown') {
    const why = `The groups could not be read (${groups.because.code}): the memberships stay as they are`
    return { steps: [], notes: [why] }
  }
  const { matched, ambiguous, unmatched } = matchGroups(groups.groups, micetroGroups, rules)
  const notes: string[] = []
  if (!groups.complete)
    notes.push(
      'The groups are not all known (most often GroupMember.Read.All is not granted): no membership is removed',
    )
  else if (groups.groups.length === 0) notes.push('None of the groups that Entra ID gave counts')
  if (ambiguous.size > 0)
    notes.push(
      `Micetro groups that may be meant or not, most often because they differ in nothing but case, and are left alone: ${ambiguous.size}`,
    )
  if (unmatched.length > 0) notes.push(`Groups of Entra ID that fit no Micetro group: ${unmatched.length}`)
  const isLeft = ({ ref, builtIn }: MicetroGroup): boolean =>
    groups.complete && !builtIn && memberOf.has(ref) && !matched.has(ref) && !ambiguous.has(ref)
  const leaving = micetroGroups.filter(isLeft).map(({ name, ref }): Step => ({ do: 'leave', group: name, ref }))
  const joining = micetroGroups.flatMap(({ name, ref }): Step[] => {
    const because = matched.get(ref)
    return because === undefined || memberOf.has(ref) ? [] : [{ do: 'join', group: name, ref, because }]
  })
  return { steps: [...leaving, ...joining], notes }
}

/** Why somebody whom no group lets in gets no account. */
export function refusalWithoutGroup(identity: Pick<Identity, 'name'>, groups: GroupAnswer): Failure {
  if (groups.kind === 'unknown') return { code: 'groups_unread', because: groups.because.code }
  if (groups.kind === 'listed' && !groups.complete) return { code: 'groups_unread', because: 'graph_forbidden' }
  return { code: 'no_group', name: identity.name }
}

/** Everybody is in All users, which has no rights of its own. Where Micetro does not tell the roles, nothing is said. */
function isPowerless({ account, memberOf, micetroGroups }: SyncFacts, steps: readonly Step[]): boolean {
  if (account !== undefined && account.roles?.length !== 0) return false
  const gone = new Set(steps.flatMap((step) => (step.do === 'leave' ? [step.ref] : [])))
  const allUsers = new Set(micetroGroups.filter(({ name }) => isAllUsers(name)).map(({ ref }) => ref))
  return [...memberOf].every((ref) => gone.has(ref) || allUsers.has(ref))
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
