import { AppError } from '../failure.ts'
import type { Property, WriteContext } from '../micetro/client.ts'
import type { Micetro, RefusedMembership } from '../micetro/micetro.ts'
import { eachAbreast } from '../outgoing/abreast.ts'
import type { Plan, Step } from './planSync.ts'

/** Membership calls at once for one sign-in: a first one may need hundreds. */
const abreast = 8

/** What became of a plan. */
export interface Applied {
  refused: readonly RefusedMembership[]
  /** Whether Micetro took any of the changes: if so, a refusal concerns the group and not the API account. */
  accepted: boolean
}

/**
 * Carries a plan out and decides nothing. Every step may be repeated, so a sign-in that broke off is completed by the
 * next one. A membership that Micetro refuses does not keep the others from being made.
 * @param ref the account; undefined when the plan creates it
 * @param find looks a new account up, for servers that do not tell its reference
 * @param done is told each step as soon as it is taken
 * @throws AppError for a refused creation or property, and where Micetro does not answer
 */
export async function applyPlan(
  plan: Plan,
  ref: string | undefined,
  { client, offer, refusals }: Pick<Micetro, 'client' | 'offer' | 'refusals'>,
  write: WriteContext,
  find: () => Promise<string | undefined>,
  done: (step: Step) => void,
): Promise<Applied> {
  let userRef = ref
  for (const step of plan.steps) {
    if (step.do !== 'create') continue
    const { authenticator } = await offer.get()
    const user = authenticator === true ? { ...step.user, authenticator: 'Microsoft' as const } : step.user
    const made = await client.createUser(user, write)
    done(step)
    userRef = made ?? (await find())
  }
  if (userRef === undefined) throw new AppError({ code: 'micetro_malformed', action: 'create users' })
  const account = userRef

  const changes = new Map<Property, string>()
  for (const step of plan.steps) if (step.do === 'change') changes.set(step.property, step.to)
  if (changes.size > 0) {
    await client.changeUser(account, changes, write)
    for (const step of plan.steps) if (step.do === 'change') done(step)
  }

  const refused: RefusedMembership[] = []
  const memberships = plan.steps.filter((step): step is Membership => step.do === 'leave' || step.do === 'join')
  const change = async (step: Membership): Promise<void> => {
    const { do: action, group, ref: groupRef } = step
    try {
      await client[action === 'join' ? 'addMember' : 'removeMember'](groupRef, account, write)
      done(step)
      refusals.delete(groupRef)
    } catch (error) {
      if (!(error instanceof AppError) || !refusalCodes.has(error.failure.code)) throw error
      const refusal: RefusedMembership = { group, ref: groupRef, action, failure: error.failure }
      refused.push(refusal)
      refusals.set(groupRef, refusal)
    }
  }
  // Rights are taken before rights are given.
  for (const kind of ['leave', 'join'] as const)
    await eachAbreast(
      memberships.filter((step) => step.do === kind),
      abreast,
      change,
    )
  return { refused, accepted: refused.length < plan.steps.length }
}

type Membership = Extract<Step, { do: 'leave' | 'join' }>

/** Micetro has answered, and said no. */
const refusalCodes: ReadonlySet<string> = new Set(['micetro_rejected', 'micetro_forbidden'])
