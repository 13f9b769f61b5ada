import * as v from 'valibot'
import { groupSchema } from '../../graph/graphCalls.ts'
import { doubledNames, givenGroup } from '../../sync/groupRules.ts'
import { matchGroups } from '../../sync/matchGroups.ts'
import { type Check, passed, skipped, warning } from '../check.ts'
import type { Trial } from '../trial.ts'

const pageSchema = v.object({ value: v.array(groupSchema), '@odata.nextLink': v.optional(v.string()) })

/** Groups of the tenant, where the application itself may read them; the first page is enough for a hint. */
async function tenantGroups({ engine, candidate: { configuration }, appToken }: Trial, signal: AbortSignal) {
  const token = await appToken().catch(() => undefined)
  if (token === undefined) return undefined
  const select = 'id,displayName,securityEnabled,onPremisesNetBiosName,onPremisesSamAccountName'
  const answer = await engine.send({
    method: 'GET',
    url: `${configuration.graph}/v1.0/groups?$select=${select}&$top=999`,
    headers: { authorization: `Bearer ${token.accessToken}`, accept: 'application/json' },
    timeout: 8000,
    signal,
  })
  const parsed = v.safeParse(pageSchema, answer.body)
  return answer.status === 200 && parsed.success ? parsed.output.value : undefined
}

/** Names that exist on both sides, ambiguous names, and entries of the map that lead nowhere. */
export const groupsCheck: Check = {
  name: 'groups',
  needs: ['micetro_permission', 'graph'],
  timeout: 20_000,
  async run(trial, signal) {
    const { map } = trial.candidate.configuration.groups
    const [groups, entra] = await Promise.all([
      trial.micetro()[0]?.client.listGroups(signal) ?? [],
      tenantGroups(trial, signal),
    ])
    const joinable = groups.filter(({ builtIn }) => !builtIn)
    const names = joinable.map(({ name }) => name)
    const known = new Set(names.map((name) => name.toLowerCase()))
    const problems: string[] = []
    const astray = [...map].filter(([, name]) => !known.has(name.toLowerCase()))
    if (astray.length > 0)
      problems.push(`The map names groups that Micetro does not have: ${list(astray.map(([, name]) => name))}.`)
    const alike = names.filter(
      (name, index) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) !== index,
    )
    if (alike.length > 0) problems.push(`Micetro has groups that differ in nothing but case: ${list(alike)}.`)
    if (entra !== undefined) {
      const unknown = [...map.keys()].filter((id) => !entra.some((group) => group.id === id))
      if (unknown.length > 0 && entra.length < 999)
        problems.push(`The map has ids that the tenant does not have: ${list(unknown)}.`)
      const doubled = doubledNames(entra.map(givenGroup))
      if (doubled.length > 0) problems.push(`Several groups of Entra ID have the same name: ${list(doubled)}.`)
    }
    const refused = groups.flatMap(({ ref }) => refusalsOf(trial)?.get(ref) ?? [])
    if (refused.length > 0)
      problems.push(
        `Micetro refused to change memberships of ${list(refused.map(({ group }) => group))} at an earlier sign-in.`,
      )
    if (problems.length > 0) {
      return warning(
        problems.join(' '),
        'Mend the map, rename a group, let the API account change the groups that refused, or use security groups only and a map from group id to Micetro group.',
      )
    }
    const count = `Micetro has ${joinable.length} groups that can be matched`
    if (entra === undefined) {
      return map.size > 0
        ? passed(`${count}; every entry of the map fits one.`)
        : skipped(`${count}. Which ones a user gets is shown by Test sign-in.`)
    }
    const { matched } = matchGroups(entra.map(givenGroup), groups, map)
    return passed(`${count}; ${matched.size} of them exist in Entra ID.`)
  },
}

/** What sign-ins met, where sign-ins end at Micetro. */
const refusalsOf = ({ engine, micetro }: Trial) => (micetro().length > 0 ? engine.micetro().refusals : undefined)

const list = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
