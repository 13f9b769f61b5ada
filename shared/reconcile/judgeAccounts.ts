import { isUnread, type Unread } from '../graph/applicationCalls.ts'
import type { ApplicationGraph } from '../graph/batch.ts'
import type { EntraGroup } from '../graph/graphCalls.ts'
import type { MicetroClient } from '../micetro/client.ts'
import type { MicetroGroup, MicetroUser } from '../micetro/types.ts'
import { eachAbreast } from '../outgoing/abreast.ts'
import type { SyncRules } from '../sync/rules.ts'
import type { DeletedPeople } from './deletedPeople.ts'
import {
  allRemovals,
  contradiction,
  type GroupsReading,
  type Leave,
  type Memberships,
  planRemovals,
} from './judgeGroups.ts'
import { judgeById, judgeByName, type Key, keyOf, type PersonVerdict, type Tenancy } from './judgePerson.ts'
import { readGroups, readPeople, readWitnesses, type Witness } from './readGraph.ts'
import type { Verdict } from './report.ts'

/** An account that has been judged, and what it is to lose. */
export interface Judged {
  account: MicetroUser
  verdict: Verdict
  leaves: readonly Leave[]
  /** References of its groups at Micetro; empty where they were not needed. */
  memberOf: ReadonlySet<string>
  reason?: string
}

export interface JudgeContext {
  graph: ApplicationGraph
  /** Root of Microsoft Graph. */
  root: string
  client: MicetroClient
  micetroGroups: readonly MicetroGroup[]
  deleted: DeletedPeople | Unread
  severalTenants: boolean
  rules: SyncRules
  /** Whether somebody whom nobody in the tenant fits is treated as deleted. */
  removesNotFound: boolean
  signal: AbortSignal
}

/** What is known of an account so far; a verdict only ever changes to `unclear`. */
interface Draft {
  account: MicetroUser
  key: Key
  person: PersonVerdict
  memberOf: ReadonlySet<string>
  leaves: readonly Leave[]
  /** The groups of Entra ID that the removals rest on, of somebody who is there. */
  listed: readonly EntraGroup[]
}

/** Memberships that are read from Micetro at once, where its list of accounts does not have them. */
const readsAbreast = 8

/**
 * Judges accounts in four steps: the people, their memberships at Micetro, the groups of those who are there, and a
 * second reading for each who would lose something.
 * @throws AppError where the whole run is to fail
 */
export async function judgeAccounts(accounts: readonly MicetroUser[], context: JudgeContext): Promise<Judged[]> {
  const drafts = await findPeople(accounts, context)
  await readMemberships(
    drafts.filter(({ person }) => person.verdict !== 'unclear'),
    context,
  )
  await planAll(drafts, context)
  await confirmAll(drafts, context)
  return drafts.map(({ account, person, leaves, memberOf }) => ({
    account,
    verdict: person.verdict,
    leaves,
    memberOf,
    ...('reason' in person && { reason: person.reason }),
  }))
}

async function findPeople(
  accounts: readonly MicetroUser[],
  { graph, deleted, severalTenants }: JudgeContext,
): Promise<Draft[]> {
  const keyed = accounts.map((account) => ({ account, key: keyOf(account) }))
  const ids = new Set(keyed.flatMap(({ key }) => (key.by === 'id' ? [key.id] : [])))
  const names = new Set(keyed.flatMap(({ key }) => (key.by === 'name' ? [key.name] : [])))
  const { byId, byName } = await readPeople(graph, [...ids], [...names])
  const tenancy: Tenancy = { deleted, severalTenants }
  return keyed.map(({ account, key }): Draft => {
    const person = judge(key, tenancy, byId, byName)
    return { account, key, person, memberOf: new Set(account.groups?.map(({ ref }) => ref)), leaves: [], listed: [] }
  })
}

function judge(
  key: Key,
  tenancy: Tenancy,
  byId: Awaited<ReturnType<typeof readPeople>>['byId'],
  byName: Awaited<ReturnType<typeof readPeople>>['byName'],
): PersonVerdict {
  if (key.by === 'nothing') return { verdict: 'unclear', reason: key.because }
  if (key.by === 'id') {
    const read = byId.get(key.id)
    if (read !== undefined) return judgeById(key.id, read, tenancy)
  } else {
    const read = byName.get(key.name)
    if (read !== undefined) return judgeByName(key.name, read, tenancy)
  }
  throw new TypeError('somebody was not read')
}

async function readMemberships(drafts: readonly Draft[], { client, signal }: JudgeContext): Promise<void> {
  const unknown = drafts.filter(({ account }) => account.groups === undefined)
  await eachAbreast(unknown, readsAbreast, async (draft) => {
    draft.memberOf = new Set(await client.groupsOf(draft.account.ref, signal))
  })
}

async function planAll(drafts: readonly Draft[], context: JudgeContext): Promise<void> {
  const { micetroGroups, rules } = context
  const memberships = ({ memberOf }: Draft): Memberships => ({ memberOf, micetroGroups })
  const present: { draft: Draft; id: string }[] = []
  for (const draft of drafts) {
    const { person } = draft
    const isGone = ['disabled', 'deleted'].includes(person.verdict)
    if (isGone || (person.verdict === 'not_found' && context.removesNotFound))
      draft.leaves = allRemovals(memberships(draft))
    // Who has nothing to lose need not be asked for.
    else if (person.verdict === 'active' && allRemovals(memberships(draft)).length > 0)
      present.push({ draft, id: person.id })
  }
  const readings = await readGroups(context.graph, context.root, [...new Set(present.map(({ id }) => id))])
  for (const { draft, id } of present) {
    const reading: GroupsReading = readings.get(id) ?? { unread: 'they were not read' }
    const removals = planRemovals(reading, memberships(draft), rules)
    if ('reason' in removals) setUnclear(draft, removals.reason)
    else draft.leaves = removals.leaves
    if (!isUnread(reading)) draft.listed = reading.groups
  }
}

async function confirmAll(drafts: readonly Draft[], { graph }: JudgeContext): Promise<void> {
  const losing = drafts.flatMap((draft) => {
    const asked = draft.leaves.length === 0 ? undefined : witnessFor(draft)
    return asked === undefined ? [] : [{ draft, asked }]
  })
  const witnesses = await readWitnesses(
    graph,
    losing.map(({ asked }) => asked),
  )
  for (const [index, { draft }] of losing.entries()) {
    const witness = witnesses[index]
    const against = witness === undefined ? 'nobody confirmed it' : objection(draft, witness)
    if (against !== undefined) setUnclear(draft, against)
  }
}

function witnessFor({ key, person }: Draft): Pick<Witness, 'of' | 'id'> | undefined {
  if (person.verdict === 'active') return { of: 'groups', id: person.id }
  if (person.verdict === 'disabled') return { of: 'user', id: person.id }
  if (key.by === 'id') return { of: 'user', id: key.id }
  return key.by === 'name' ? { of: 'name', id: key.name } : undefined
}

function objection({ person, listed }: Draft, witness: Witness): string | undefined {
  if (witness.of === 'groups') return contradiction(listed, witness.ids)
  const { id, read } = witness
  if (isUnread(read)) return `the account could not be confirmed: ${read.unread}`
  const somebody = read !== 'absent' && 'accountEnabled' in read ? read : undefined
  const nobody = somebody === undefined && (read === 'absent' || ('length' in read && read.length === 0))
  const same = person.verdict === 'disabled' ? somebody?.id === id && somebody.accountEnabled === false : nobody
  return same ? undefined : 'the answers of Microsoft Graph contradict each other'
}

function setUnclear(draft: Draft, reason: string): void {
  draft.person = { verdict: 'unclear', reason }
  draft.leaves = []
}
