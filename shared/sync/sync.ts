import { AppError } from '../failure.ts'
import type { Micetro } from '../micetro/micetro.ts'
import type { MicetroGroup, MicetroUser } from '../micetro/types.ts'
import { applyPlan } from './applyPlan.ts'
import type { GroupAnswer } from './groupRules.ts'
import type { Identity, Person } from './identity.ts'
import { type Plan, planSync } from './planSync.ts'
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

/**
 * Brings Micetro in line with Entra ID. When another sign-in made the account meanwhile, or a group is gone, the facts
 * are read again and the rest is planned anew.
 * @returns the plan that was carried out, first attempt's steps first
 */
export async function sync(input: SyncInput, micetro: Micetro, signal: AbortSignal): Promise<Plan> {
  const { identity, match } = input
  const write = { saveComment: `Entra ID sign-in: ${identity.name}`, signal }
  const find = async (): Promise<string | undefined> =>
    (await fetchFacts(identity, micetro, match, signal)).account?.ref
  let { facts } = input
  for (let attempt = 1; ; attempt += 1) {
    const plan = planFor(input, facts)
    if (plan.steps.length === 0) return plan
    try {
      await applyPlan(plan, facts.account?.ref, micetro.client, write, find)
      return plan
    } catch (error) {
      if (attempt === attempts || !(error instanceof AppError) || error.failure.code !== 'micetro_rejected') throw error
      micetro.groups.drop()
      const before = facts
      facts = await fetchFacts(identity, micetro, match, signal)
      // The same plan again would be refused again.
      if (sameSteps(plan, planFor(input, facts)) && before.account?.ref === facts.account?.ref) throw error
    }
  }
}

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
