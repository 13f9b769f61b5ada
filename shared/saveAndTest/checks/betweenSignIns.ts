import { fetchAppToken } from '../../entra/appToken.ts'
import { anyUserCall, type DirectoryPerson, isUnread, readUsers } from '../../graph/applicationCalls.ts'
import { ApplicationGraph } from '../../graph/batch.ts'
import type { MicetroUser } from '../../micetro/types.ts'
import { missingIn, neededPermissions, tenantForRun } from '../../reconcile/connect.ts'
import { keyOf } from '../../reconcile/judgePerson.ts'
import { readDeleted, readGroups, readPeople } from '../../reconcile/readGraph.ts'
import { type Check, failed, passed, skipped, warning } from '../check.ts'
import type { Trial } from '../trial.ts'

const timeout = 25_000

/** Accounts whose people are looked for, to have one whose groups can be read. */
const tried = 20

const consent =
  'In the app registration, under API permissions, add them as application permissions of Microsoft Graph and choose "Grant admin consent".'

/** Whether a run between sign-ins can read what it needs, and by what it finds people. */
export const betweenSignInsCheck: Check = {
  name: 'between_sign_ins',
  needs: ['credential', 'graph', 'micetro_permission'],
  timeout,
  async run(trial, signal) {
    const { engine, candidate } = trial
    const { configuration } = candidate
    if (configuration.betweenSignIns.mode === 'off') return skipped('Switched off.')
    const tenant = tenantForRun(configuration)
    if (tenant === undefined)
      return failed(
        'With several tenants there is no tenant whose people could be read.',
        'Enter as home tenant the one whose people use Micetro.',
      )
    const { credential } = await trial.credential()
    const token = await fetchAppToken(engine, configuration, tenant, credential, signal)
    const missing = missingIn(token.accessToken)
    if (missing.length > 0)
      return failed(`Admin consent is missing for the application permissions ${missing.join(' and ')}.`, consent)

    const { send, clock, random } = engine
    const graph = new ApplicationGraph({
      graph: configuration.graph,
      fetchToken: async () => token.accessToken,
      missingIn,
      send,
      clock,
      random,
      signal,
      until: clock.now() + timeout,
    })
    const accounts = await externalAccounts(trial, signal)
    const [person, deleted] = await Promise.all([
      findSomebody(graph, accounts),
      readDeleted(graph, configuration.graph),
    ])
    if (isUnread(deleted)) return failed(`The list of deleted users cannot be read: ${deleted.unread}.`, consent)
    if (person === undefined) return failed('No user of the tenant can be read.', consent)
    if (person.accountEnabled === null)
      return failed('Microsoft Graph does not tell whether an account is enabled.', consent)
    const groups = (await readGroups(graph, configuration.graph, [person.id])).get(person.id)
    if (groups === undefined || isUnread(groups))
      return failed(`The groups of a user cannot be read: ${groups?.unread ?? 'no answer'}.`, consent)
    if (groups.groups.some(({ displayName }) => displayName === null))
      return failed('Groups come without their names.', consent)
    return summary(accounts)
  },
}

async function externalAccounts(trial: Trial, signal: AbortSignal): Promise<readonly MicetroUser[]> {
  const users = (await trial.micetro()[0]?.client.listUsers(signal)) ?? []
  return users.filter(({ authenticationType }) => authenticationType === 'External')
}

/** Somebody who has an account, if one of the first is found, or else anybody of the tenant. */
async function findSomebody(
  graph: ApplicationGraph,
  accounts: readonly MicetroUser[],
): Promise<DirectoryPerson | undefined> {
  const keys = accounts.slice(0, tried).map(keyOf)
  const { byId, byName } = await readPeople(
    graph,
    [...new Set(keys.flatMap((key) => (key.by === 'id' ? [key.id] : [])))],
    [...new Set(keys.flatMap((key) => (key.by === 'name' ? [key.name] : [])))],
  )
  const named = [...byName.values()].flatMap((reading) => (isUnread(reading.found) ? [] : reading.found))
  const found = [...byId.values()].flatMap((read) => (read === 'absent' || isUnread(read) ? [] : [read]))
  const [first] = [...found, ...named]
  if (first !== undefined) return first
  const [outcome] = await graph.askAll([anyUserCall])
  const anybody = outcome === undefined ? [] : readUsers(outcome, 'first page')
  return isUnread(anybody) ? undefined : anybody[0]
}

function summary(accounts: readonly MicetroUser[]) {
  const byId = accounts.filter((account) => keyOf(account).by === 'id').length
  const found = `${neededPermissions.join(' and ')} are granted. ${byId} of ${accounts.length} External accounts carry an object id`
  return byId === accounts.length
    ? passed(`${found}.`)
    : warning(
        `${found}; the people of the others are looked for by login name.`,
        'Read a report before you enforce. An account that is made at a first sign-in carries the id; to others write "Entra ID <object id>" into the description.',
      )
}
