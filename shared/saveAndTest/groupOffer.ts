import * as v from 'valibot'
import { isGuid } from '../configuration/entraConfiguration.ts'
import type { Engine } from '../engine.ts'
import { findTenantGroups, type TenantGroup } from '../graph/tenantGroups.ts'
import type { Log } from '../log.ts'
import { candidateEntries, createTrial, type GivenCandidate, parseBody, readCandidate } from './candidate.ts'

/** What the table of groups asks for. */
export interface GroupsRequest extends GivenCandidate {
  search: string
  ids: readonly string[]
}

const schema = v.strictObject({
  ...candidateEntries,
  search: v.optional(v.pipe(v.string('must be a text'), v.maxLength(200)), ''),
  ids: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.check(isGuid, 'must be a GUID'), v.toLowerCase())), v.maxLength(60)),
    [],
  ),
})

/** @throws AppError candidate_invalid */
export function readGroupsRequest(text: string): GroupsRequest {
  const { search, ids, ...given } = parseBody(text, schema)
  return { ...readCandidate(given), search, ids }
}

/** What a row of the table may say on either side; undefined: it cannot be looked up, so it is typed. */
export interface GroupOffer {
  entra: TenantGroup[] | undefined
  micetro: string[] | undefined
}

/**
 * Groups to choose from: those of Entra ID with the application's own token, where it may read them, and Micetro's.
 * @throws AppError candidate_invalid
 */
export async function offerGroups(
  engine: Engine,
  { search, ids, ...given }: GroupsRequest,
  log: Log,
  signal: AbortSignal,
): Promise<GroupOffer> {
  const trial = await createTrial(engine, { ...given, credentialExpires: undefined }, log, signal)
  const nothing = (): undefined => undefined
  const [entra, micetro] = await Promise.all([
    trial
      .appToken()
      .then(({ accessToken }) =>
        findTenantGroups(
          { graph: trial.candidate.configuration.graph, accessToken, send: engine.send, signal },
          { search, ids },
        ),
      )
      .catch(nothing),
    // As sign-ins have them: a lookup comes with every pause in typing, and must not log in each time.
    engine.settings.micetro && engine.micetro().groups.get().catch(nothing),
  ])
  return { entra, micetro: micetro?.filter(({ builtIn }) => !builtIn).map(({ name }) => name) }
}
