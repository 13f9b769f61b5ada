import { AppError } from '../failure.ts'
import type { Micetro, RefusedMembership } from '../micetro/micetro.ts'
import type { MicetroGroup, MicetroUser } from '../micetro/types.ts'
import { type Applied, applyPlan } from './applyPlan.ts'
import type { GroupAnswer } from './groupRules.ts'
import type { Identity, Person } from './identity.ts'
import { type Plan, planSync, type Step } from './planSync.ts'
import { resolveAccount, resolveByName } from './resolveAccount.ts'
import type { AccountRules, SyncRules } from './rules.ts'

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
  rules: AccountRules,
  signal: AbortSignal,
): Promise<MicetroFacts> {
  const [named, groups, offer] = await Promise.all([
    micetro.client.findUsers('name', person.name, signal),
    micetro.groups.get(),
    micetro.offer.get(),
  ])
  const byName = resolveByName(person, named)
  const offersExternalId = offer.externalId ?? named.some((user) => user.externalID !== undefined)
  // Without external ids nothing would ever find the account again.
  if (!rules.home && !offersExternalId)
    throw new AppError({ code: 'external_id_conflict', name: person.name, tenant: 'another' })
  const byId =
    byName.kind === 'ask' && offersExternalId
      ? await micetro.client.findUsers('externalID', person.externalId, signal)
      : []
  const account = resolveAccount(person, byName, byId, rules)
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
  rules: SyncRules
}

/** A change that was made, for the log. */
export type Done = (step: Step, account: string) => void

/** Times that a plan is made anew after Micetro changed under it. */
const attempts = 3

/** The plan that was carried out, and what Micetro refused of it. */
export interface Synced extends Plan, Applied {}

/**
 * Brings Micetro in line with Entra ID. When another sign-in made the account meanwhile, or a group is gone, the facts
 * are read again and the rest is planned anew.
 * @param done is told each change as soon as Micetro has taken it, also when a later one fails
 */
export async function sync(input: SyncInput, micetro: Micetro, signal: AbortSignal, done: Done): Promise<Synced> {
  const { identity, rules } = input
  const write = { saveComment: `Entra ID sign-in: ${identity.name}`, signal }
  const find = async (): Promise<string | undefined> =>
    (await fetchFacts(identity, micetro, rules, signal)).account?.ref
  let { facts } = input
  const earlier: Step[] = []
  for (let attempt = 1; ; attempt += 1) {
    const plan = planFor(input, facts)
    if (plan.steps.length === 0) return { ...after(earlier, plan), refused: [], accepted: earlier.length > 0 }
    let error: unknown
    let applied: Applied | undefined
    try {
      const account = facts.account?.name ?? identity.name
      applied = await applyPlan(plan, facts.account?.ref, micetro, write, find, (step) => done(step, account))
      if (attempt === attempts || !applied.refused.some(isGone)) return { ...after(earlier, plan), ...applied }
    } catch (thrown) {
      if (attempt === attempts || !(thrown instanceof AppError) || thrown.failure.code !== 'micetro_rejected')
        throw thrown
      error = thrown
    }
    micetro.groups.drop()
    const before = facts
    facts = await fetchFacts(identity, micetro, rules, signal)
    // The same plan again would be refused again.
    const stuck = sameSteps(plan, planFor(input, facts)) && before.account?.ref === facts.account?.ref
    if (stuck && applied === undefined) throw error
    if (stuck && applied !== undefined) return { ...after(earlier, plan), ...applied }
    const refs = new Set(applied?.refused.map(({ ref }) => ref))
    if (applied !== undefined) earlier.push(...plan.steps.filter((step) => !('ref' in step && refs.has(step.ref))))
  }
}

const after = (earlier: readonly Step[], plan: Plan): Plan => ({ ...plan, steps: [...earlier, ...plan.steps] })

/** A group that the list still had: a list read now may have it no more, or under another reference. */
const isGone = ({ failure }: RefusedMembership): boolean =>
  failure.code === 'micetro_rejected' && failure.status === 404

/** The plan for what is known of both sides. */
export function planFor({ identity, groups, rules }: Omit<SyncInput, 'facts'>, facts: MicetroFacts): Plan {
  const { account, memberOf, groups: micetroGroups, offersExternalId } = facts
  return planSync({ identity, groups, rules, account, memberOf, micetroGroups, offersExternalId })
}

function sameSteps(a: Plan, b: Plan): boolean {
  return JSON.stringify(a.steps) === JSON.stringify(b.steps)
}
