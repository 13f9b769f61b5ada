import { AppError } from '../failure.ts'
import type { MicetroClient, Property, WriteContext } from '../micetro/client.ts'
import type { Plan, Step } from './planSync.ts'

/** Membership calls at once for one sign-in: a first one may need hundreds. */
const abreast = 8

/**
 * Carries a plan out and decides nothing. Every step may be repeated, so a sign-in that broke off is completed by the
 * next one.
 * @param ref the account; undefined when the plan creates it
 * @param find looks a new account up, for servers that do not tell its reference
 */
export async function applyPlan(
  plan: Plan,
  ref: string | undefined,
  client: MicetroClient,
  write: WriteContext,
  find: () => Promise<string | undefined>,
): Promise<void> {
  let userRef = ref
  for (const step of plan.steps) {
    if (step.do === 'create') userRef = (await client.createUser(step.user, write)) ?? (await find())
  }
  if (userRef === undefined) throw new AppError({ code: 'micetro_malformed', action: 'create users' })
  const account = userRef

  const changes = new Map<Property, string>()
  for (const step of plan.steps) if (step.do === 'change') changes.set(step.property, step.to)
  if (changes.size > 0) await client.changeUser(account, changes, write)

  const memberships = (kind: 'leave' | 'join') =>
    plan.steps.filter((step): step is Extract<Step, { do: 'leave' | 'join' }> => step.do === kind)
  await eachAbreast(memberships('leave'), ({ ref: group }) => client.removeMember(group, account, write))
  await eachAbreast(memberships('join'), ({ ref: group }) => client.addMember(group, account, write))
}

async function eachAbreast<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  let stopped = false
  const work = async (): Promise<void> => {
    for (const item of queue) {
      if (stopped) return
      await run(item).catch((error: unknown) => {
        stopped = true
        throw error
      })
    }
  }
  // All of them are waited for: what is planned anew after a refusal must not meet calls that are still under way.
  const done = await Promise.allSettled(Array.from({ length: Math.min(abreast, items.length) }, work))
  const refused = done.find((each) => each.status === 'rejected')
  if (refused !== undefined) throw refused.reason
}
