import {
  deletedUsersCall,
  findUsersCall,
  isUnread,
  memberGroupsCall,
  moreGroupsCall,
  namedUserCall,
  namesInFilter,
  readDeletedPage,
  readMemberGroups,
  readUser,
  readUserGroups,
  readUsers,
  type Unread,
  userCall,
  userGroupsCall,
} from '../graph/applicationCalls.ts'
import type { ApplicationGraph, Outcome } from '../graph/batch.ts'
import type { EntraGroup } from '../graph/graphCalls.ts'
import { DeletedPeople } from './deletedPeople.ts'
import type { GroupsReading } from './judgeGroups.ts'
import { isMissed, isObeyed, type NameReading, type UserReading, type UsersReading } from './judgePerson.ts'

/** Further pages of one list: far more than anybody or any tenant has. */
const mostPages = 100

/** The tenant's deleted users, every page, or why they are not known. @throws AppError as ApplicationGraph.ask */
export async function readDeleted(graph: ApplicationGraph, root: string): Promise<DeletedPeople | Unread> {
  const deleted = new DeletedPeople()
  let call = deletedUsersCall(root)
  for (let page = 0; page < mostPages; page += 1) {
    const read = readDeletedPage(await graph.ask(call), root)
    if (isUnread(read)) return read
    deleted.add(read.people)
    if (read.next === undefined) return deleted
    call = { ...call, url: read.next }
  }
  return { unread: 'the list does not end' }
}

/** What was read for ids and for names; each has its reading. */
export interface PeopleReading {
  byId: ReadonlyMap<string, UserReading>
  byName: ReadonlyMap<string, NameReading>
}

/** Reads people by object id and by name, side by side; whom the filters did not find is asked for once more, by name. */
export async function readPeople(
  graph: ApplicationGraph,
  ids: readonly string[],
  names: readonly string[],
): Promise<PeopleReading> {
  const filters = Array.from({ length: Math.ceil(names.length / namesInFilter) }, (_, index) =>
    names.slice(index * namesInFilter, (index + 1) * namesInFilter),
  )
  const outcomes = await graph.askAll([...ids.map(userCall), ...filters.map(findUsersCall)])
  const byId = new Map(ids.map((id, index) => [id, readUser(at(outcomes, index))]))
  const byName = new Map<string, NameReading>()
  for (const [index, asked] of filters.entries()) {
    const found = readUsers(at(outcomes, ids.length + index))
    for (const name of asked) byName.set(name, { asked, found, direct: undefined })
  }
  await readAlone(graph, byName)
  const missed = [...byName].filter(([name, { asked, found }]) => isMissed(name, asked, found))
  const direct = await graph.askAll(missed.map(([name]) => namedUserCall(name)))
  for (const [index, [name, reading]] of missed.entries())
    byName.set(name, { ...reading, direct: readUser(at(direct, index)) })
  return { byId, byName }
}

/** One name that Graph compares otherwise than we do spoils the filter for its neighbours, so each is asked for alone. */
async function readAlone(graph: ApplicationGraph, byName: Map<string, NameReading>): Promise<void> {
  const spoilt = [...byName].filter(
    ([, { asked, found }]) => asked.length > 1 && !isUnread(found) && !isObeyed(asked, found),
  )
  const outcomes = await graph.askAll(spoilt.map(([name]) => findUsersCall([name])))
  for (const [index, [name]] of spoilt.entries())
    byName.set(name, { asked: [name], found: readUsers(at(outcomes, index)), direct: undefined })
}

/** The groups of people, by object id, every page. */
export async function readGroups(
  graph: ApplicationGraph,
  root: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, GroupsReading>> {
  const outcomes = await graph.askAll(ids.map(userGroupsCall))
  const readings = new Map<string, GroupsReading>()
  for (const [index, id] of ids.entries()) readings.set(id, await allPages(graph, root, at(outcomes, index)))
  return readings
}

async function allPages(graph: ApplicationGraph, root: string, outcome: Outcome): Promise<GroupsReading> {
  const first = readUserGroups(outcome, root)
  if (isUnread(first)) return first
  const groups: EntraGroup[] = [...first.groups]
  let { next } = first
  for (let page = 0; next !== undefined; page += 1) {
    if (page === mostPages) return { unread: 'the list does not end' }
    const more = readUserGroups(await graph.ask(moreGroupsCall(next)), root)
    if (isUnread(more)) return more
    groups.push(...more.groups)
    next = more.next
  }
  return { groups, count: first.count }
}

/** A second reading, for somebody who would lose something. */
export type Witness =
  /** Of the groups of somebody who is there. */
  | { of: 'groups'; id: string; ids: ReadonlySet<string> | Unread }
  /** Of the user itself. */
  | { of: 'user'; id: string; read: UserReading }
  /** Of a name that nobody has. */
  | { of: 'name'; id: string; read: UsersReading }

const witnessCalls = {
  groups: memberGroupsCall,
  user: userCall,
  name: (name: string) => findUsersCall([name]),
} as const

/** @returns in the order of what was asked for */
export async function readWitnesses(
  graph: ApplicationGraph,
  asked: readonly Pick<Witness, 'of' | 'id'>[],
): Promise<Witness[]> {
  const outcomes = await graph.askAll(asked.map(({ of, id }) => witnessCalls[of](id)))
  return asked.map(({ of, id }, index): Witness => {
    const outcome = at(outcomes, index)
    if (of === 'groups') return { of, id, ids: readMemberGroups(outcome) }
    return of === 'user' ? { of, id, read: readUser(outcome) } : { of, id, read: readUsers(outcome) }
  })
}

function at(outcomes: readonly Outcome[], index: number): Outcome {
  const outcome = outcomes[index]
  if (outcome === undefined) throw new TypeError('fewer outcomes than calls')
  return outcome
}
