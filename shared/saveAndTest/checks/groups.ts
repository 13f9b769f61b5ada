import * as v from 'valibot'
import { isMultiTenant } from '../../configuration/clouds.ts'
import type { EntraConfiguration } from '../../configuration/entraConfiguration.ts'
import { type EntraGroup, groupProperties, groupSchema } from '../../graph/graphCalls.ts'
import type { MicetroGroup } from '../../micetro/types.ts'
import { doubledNames, givenGroup } from '../../sync/groupRules.ts'
import { matchGroups } from '../../sync/matchGroups.ts'
import { foldedName } from '../../sync/names.ts'
import { rulesFor } from '../../sync/rules.ts'
import { type Check, passed, skipped, type Verdict, warning } from '../check.ts'
import type { Trial } from '../trial.ts'

const pageSchema = v.object({ value: v.array(groupSchema), '@odata.nextLink': v.optional(v.string()) })
const pageSize = 999

/** Groups of the tenant, where the application itself may read them; the first page is enough for a hint. */
async function tenantGroups({ engine, candidate: { configuration }, appToken }: Trial, signal: AbortSignal) {
  const token = await appToken().catch(() => undefined)
  if (token === undefined) return undefined
  const answer = await engine.send({
    method: 'GET',
    url: `${configuration.graph}/v1.0/groups?$select=${groupProperties}&$top=${pageSize}`,
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
    const [groups, entra] = await Promise.all([
      trial.micetro()[0]?.client.listGroups(signal) ?? [],
      tenantGroups(trial, signal),
    ])
    const refused = groups.flatMap(({ ref }) => refusalsOf(trial)?.get(ref) ?? [])
    return judgeGroups(
      trial.candidate.configuration,
      groups,
      entra,
      refused.map(({ group }) => group),
    )
  },
}

/** What sign-ins met, where sign-ins end at Micetro. */
const refusalsOf = ({ engine, micetro }: Trial) => (micetro().length > 0 ? engine.micetro().refusals : undefined)

/**
 * What both lists of groups say about the configuration.
 * @param entra groups of the tenant; undefined where the application may not read them
 * @param refused Micetro groups whose memberships an earlier sign-in could not change
 */
export function judgeGroups(
  configuration: EntraConfiguration,
  groups: readonly MicetroGroup[],
  entra: readonly EntraGroup[] | undefined,
  refused: readonly string[] = [],
): Verdict {
  const rules = rulesFor(configuration, configuration.homeTenant ?? '')
  const { map } = rules
  const joinable = groups.filter(({ builtIn }) => !builtIn)
  const folded = joinable.map(({ name }) => foldedName(name))
  const problems: string[] = []

  const astray = [...map.values()].filter((name) => !folded.includes(foldedName(name)))
  if (astray.length > 0) problems.push(`The table names groups that Micetro does not have: ${list(astray)}.`)
  const alike = joinable.filter((_, index) => folded.indexOf(folded[index] ?? '') !== index).map(({ name }) => name)
  if (alike.length > 0) problems.push(`Micetro has groups that differ in nothing but case: ${list(alike)}.`)
  if (!rules.names && map.size === 0 && joinable.every(({ externalId }) => externalId === undefined)) {
    problems.push(
      'Names do not count, and no object ID leads to a Micetro group: nobody gets a membership, and everybody loses theirs.',
    )
  }
  if (entra !== undefined) {
    const unknown = [...map.keys()].filter((id) => !entra.some((group) => group.id === id))
    // Other tenants have groups of their own, which cannot be listed here.
    const isWhole = entra.length < pageSize && !isMultiTenant(configuration.tenantId)
    if (unknown.length > 0 && isWhole)
      problems.push(`The table has object IDs that the tenant does not have: ${list(unknown)}.`)
    const doubled = rules.names ? doubledNames(entra.map(givenGroup)) : []
    if (doubled.length > 0) problems.push(`Several groups of Entra ID have the same name: ${list(doubled)}.`)
  }
  if (refused.length > 0)
    problems.push(`Micetro refused to change memberships of ${list(refused)} at an earlier sign-in.`)
  if (problems.length > 0) {
    return warning(
      problems.join(' '),
      'Correct the table of groups, rename a group, let the API account change the groups that were refused, or match by object ID, with a row in the table or an External ID in Micetro.',
    )
  }
  const count = `Micetro has ${joinable.length} groups that can be matched`
  if (entra === undefined) {
    return map.size > 0
      ? passed(`${count}; every row of the table fits one.`)
      : skipped(`${count}. Which ones a user gets is shown by Test sign-in.`)
  }
  const { matched } = matchGroups(entra.map(givenGroup), groups, rules)
  return passed(`${count}; ${matched.size} of them exist in Entra ID.`)
}

const list = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
