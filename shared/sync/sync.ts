import { AppError } from '../failure.ts'
import type { Micetro, RefusedMembership } from '../micetro/micetro.ts'
import type { MicetroGroup, MicetroUser } from '../micetro/types.ts'
import { type Applied, applyPlan } from './applyPlan.ts'
import type { GroupAnswer } from './groupRules.ts'
import type { Identity, Person } from './identity.ts'
import { type Plan, planSync, type Step } from './planSync.ts'
import { type MatchOptions, resolveAccount, resolveByName } from './resolveAccount.ts'

/** What Micetro knows about the person. */
export interface MicetroFacts {
  account: MicetroUser | undefined
  memberOf: ReadonlySet<string>
  groups: readonly MicetroGroup[]
  offersExternalId: boolean
}

/**
 * Reads the person's account, its memberships and the groups; one call when the caches are warm and nothing is unusual.
 * @throws AppError name_collision, external_id_conflict, external_id_ambiguous, micetro_*
 */
export async function fetchFacts(
  person: Person,
  micetro: Micetro,
  match: MatchOptions,
  signal: AbortSignal,
): Promise<MicetroFacts> {
  const [named, groups, offer] = await Promise.all([
    micetro.client.findUsers('name', person.name, signal),
    micetro.groups.get(),
    micetro.offer.get(),
  ])
  const byName = resolveByName(person, named)
  const offersExternalId = offer.externalId ?? named.some((user) => user.externalID !== undefined)
  const byId =
    byName.kind === 'ask' && offersExternalId
      ? await micetro.client.findUsers('externalID', person.externalId, signal)
      : []
  const account = resolveAccount(person, byName, byId, match)
  const memberships =
    account === undefined
      ? []
      : (account.groups?.map(({ ref }) => ref) ?? (await micetro.client.groupsOf(account.ref, signal)))
  return { account, memberOf: new Set(memberships), groups, offersExternalId }
}

export interface SyncInput {
  identity: Identity
  groups: GroupAnswer
  /** Read beside Microsoft Graph, before the identity was complete. */
  facts: MicetroFacts
  map: ReadonlyMap<string, string>
  match: MatchOptions
}

/** Times that a plan is made anew after Micetro changed under it. */
const attempts = 3

/** The plan that was carried out, and what Micetro refused of it. */
export interface Synced extends Plan, Applied {}

/**
 * Brings Micetro in line with Entra ID. When another sign-in made the account meanwhile, or a group is gone, the facts
 * are read again and the rest is planned anew.
 */
export async function sync(input: SyncInput, micetro: Micetro, signal: AbortSignal): Promise<Synced> {
  const { identity, match } = input
  const write = { saveComment: `Entra ID sign-in: ${identity.name}`, signal }
  const find = async (): Promise<string | undefined> =>
    (await fetchFacts(identity, micetro, match, signal)).account?.ref
  let { facts } = input
  const earlier: Step[] = []
  for (let attempt = 1; ; attempt += 1) {
    const plan = planFor(input, facts)
    if (plan.steps.length === 0) return { ...after(earlier, plan), refused: [], accepted: earlier.length > 0 }
    let error: unknown
    let applied: Applied | undefined
    try {
      applied = await applyPlan(plan, facts.account?.ref, micetro, write, find)
      if (attempt === attempts || !applied.refused.some(isGone)) return { ...after(earlier, plan), ...applied }
    } catch (thrown) {
      if (attempt === attempts || !(thrown instanceof AppError) || thrown.failure.code !== 'micetro_rejected')
        throw thrown
      error = thrown
    }
    micetro.groups.drop()
    const before = facts
    facts = await fetchFacts(identity, micetro, match, signal)
    // The same plan again would be refused again.
    const stuck = sameSteps(plan, planFor(input, facts)) && before.account?.ref === facts.account?.ref
    if (stuck && applied === undefined) throw error
    if (stuck && applied !== undefined) return { ...after(earlier, plan), ...applied }
    const refs = new Set(applied?.refused.map(({ ref }) => ref))
    if (applied !== undefined) earlier.push(...plan.steps.filter((step) => !('ref' in step && refs.has(step.ref))))
  }
}

const after = (earlier: readonly Step[], { steps, notes }: Plan): Plan => ({ steps: [...earlier, ...steps], notes })

/** A group that the list still had: a list read now may have it no more, or under another reference. */
const isGone = ({ failure }: RefusedMembership): boolean =>
  failure.code === 'micetro_rejected' && failure.status === 404

function planFor({ identity, groups, map }: SyncInput, facts: MicetroFacts): Plan {
  return planSync({
    identity,
    groups,
    map,
    account: facts.account,
    memberOf: facts.memberOf,
    micetroGroups: facts.groups,
    offersExternalId: facts.offersExternalId,
  })
}

function sameSteps(a: Plan, b: Plan): boolean {
  return JSON.stringify(a.steps) === JSON.stringify(b.steps)
}
