import { ApiError, badRequest, errorCodes, groupName, noObject, showGroup } from './micetroAnswers.ts'
import { type ApiAnswer, type ApiRoute, type Call, done, textOf } from './micetroCall.ts'
import { listPage } from './micetroQuery.ts'
import type { SimulatedGroup } from './micetroStore.ts'

const filterable = new Set(['name', 'description', 'adIntegrated', 'builtIn', 'builtin', 'ref'])

/** The documented calls about groups. */
export const groupRoutes: readonly ApiRoute[] = [
  { method: 'GET', pattern: 'Groups', answer: listGroups },
  { method: 'PUT', pattern: 'Groups/:group/Users/:user', changes: true, answer: addMember },
  { method: 'DELETE', pattern: 'Groups/:group/Users/:user', changes: true, answer: removeMember },
]

function listGroups({ store, behaviour, given }: Call): ApiAnswer {
  const groups = [...store.groups.values()].map((group) => showGroup(group, { store, behaviour }))
  const { rows, total } = listPage(groups, given, filterable, behaviour)
  return { status: 200, result: { groups: rows, ...total } }
}

function membership({ store, behaviour, path }: Call): { group: SimulatedGroup; name: string; user: string } {
  const group = store.groups.get(`Groups/${path.group}`)
  if (group === undefined) throw noObject(`Groups/${path.group}`)
  const user = store.users.get(`Users/${path.user}`)
  if (user === undefined) throw noObject(`Users/${path.user}`)
  if (group.builtIn) throw badRequest(`The built-in group "${groupName(group, behaviour)}" cannot be changed`)
  return { group, name: user.name, user: user.ref }
}

/** So that our code cannot count on one: an error of the request for one change, a missing right for the other. */
const readOnly = (name: string): string => `The group "${name}" is managed by another system`

function addMember(call: Call): ApiAnswer {
  const { group, name, user } = membership(call)
  if (group.readOnly) throw badRequest(readOnly(group.name))
  const { repeatedMember, doneStatus } = call.behaviour
  if (group.members.has(user)) {
    if (repeatedMember === 'error') throw badRequest(`The user "${name}" is already a member of "${group.name}"`)
    return done(repeatedMember)
  }
  group.members.add(user)
  call.episodes.wrote(user, textOf(call.given.saveComment), { kind: 'added', group: group.name })
  return done(doneStatus)
}

function removeMember(call: Call): ApiAnswer {
  const { group, name, user } = membership(call)
  if (group.readOnly) throw new ApiError(403, errorCodes.accessDenied, readOnly(group.name))
  const { doneStatus, repeatedRemoval } = call.behaviour
  if (!group.members.delete(user)) {
    if (repeatedRemoval === 404) throw noObject(`${group.ref}/${user}`)
    if (repeatedRemoval === 'error') throw badRequest(`The user "${name}" is not a member of "${group.name}"`)
    return done(repeatedRemoval)
  }
  call.episodes.wrote(user, textOf(call.given.saveComment), { kind: 'removed', group: group.name })
  return done(doneStatus)
}
