import { ApiError, accessDenied, badRequest, errorCodes, noObject, showGroup, showUser } from './micetroAnswers.ts'
import { type ApiAnswer, type ApiRoute, type Call, done, textOf } from './micetroCall.ts'
import { listPage, readFilter } from './micetroQuery.ts'
import type { AuthenticationType, SimulatedUser } from './micetroStore.ts'

const types: readonly string[] = ['Internal', 'AD', 'ADGroup', 'RADIUS', 'External']

/** The documented calls about users. */
export const userRoutes: readonly ApiRoute[] = [
  { method: 'GET', pattern: 'Users', answer: listUsers },
  { method: 'POST', pattern: 'Users', changes: 'users', answer: createUser },
  { method: 'GET', pattern: 'Users/:user/Groups', answer: listMemberships },
  { method: 'GET', pattern: 'Users/Users/:user', answer: showOne },
  { method: 'PUT', pattern: 'Users/Users/:user', changes: 'users', answer: changeUser },
  { method: 'DELETE', pattern: 'Users/Users/:user', changes: 'users', answer: removeUser },
  { method: 'GET', pattern: 'Users/:name', answer: showOne },
  { method: 'PUT', pattern: 'Users/:name', changes: 'users', answer: changeUser },
  { method: 'DELETE', pattern: 'Users/:name', changes: 'users', answer: removeUser },
]

function listUsers({ store, behaviour, episodes, given, who }: Call): ApiAnswer {
  if (!store.mayAdministerUsers(who)) throw accessDenied()
  const conditions = readFilter(textOf(given.filter))
  const properties = ['name', 'fullName', 'email', 'description', 'authenticationType', 'ref']
  const { rows, total } = listPage(
    [...store.users.values()],
    {
      conditions,
      offset: textOf(given.offset),
      limit: textOf(given.limit),
      sortBy: textOf(given.sortBy),
      sortOrder: textOf(given.sortOrder),
    },
    new Set(behaviour.offersExternalId ? [...properties, 'externalID'] : properties),
    behaviour.ignoresCase,
  )
  episodes.lookedUp(
    who,
    conditions,
    rows.map(({ ref }) => ref),
  )
  const users = rows.map((user) => showUser(user, store, behaviour, behaviour.listsShowGroups))
  return { status: 200, result: { users, totalResults: total } }
}

/** By reference below the collection, or by a unique name in place of it. */
function userOf({ store, who, path }: Call): SimulatedUser {
  if (!store.mayAdministerUsers(who)) throw accessDenied()
  const asked = path.name ?? `Users/${path.user}`
  const user = store.user(asked)
  if (user === undefined) throw noObject(asked)
  return user
}

function showOne(call: Call): ApiAnswer {
  return { status: 200, result: { user: showUser(userOf(call), call.store, call.behaviour, true) } }
}

function listMemberships(call: Call): ApiAnswer {
  const { store, behaviour } = call
  const groups = store.groupsOf(userOf(call).ref).map((group) => showGroup(group, store, behaviour))
  return { status: 200, result: { groups, totalResults: groups.length } }
}

/** What may be written, each with its type checked. `groups` and `roles` are taken and, as on real servers, ignored. */
function readProperties({ behaviour }: Call, given: Record<string, unknown>): Partial<SimulatedUser> {
  const properties: Partial<SimulatedUser> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === 'groups' || name === 'roles') continue
    const known =
      name === 'name' ||
      name === 'fullName' ||
      name === 'email' ||
      name === 'description' ||
      name === 'password' ||
      name === 'authenticationType' ||
      (name === 'externalID' && behaviour.offersExternalId)
    if (!known) {
      if (behaviour.unofferedProperties === 'ignore') continue
      throw badRequest(`Unknown property "${name}"`)
    }
    if (typeof value !== 'string') throw badRequest(`The property "${name}" has to be a text`)
    if (name === 'authenticationType') {
      if (!isAuthenticationType(value)) throw badRequest(`Unknown authentication type "${value}"`)
      properties.authenticationType = value
    } else {
      properties[name] = value
    }
  }
  return properties
}

function isAuthenticationType(value: string): value is AuthenticationType {
  return types.includes(value)
}

function createUser(call: Call): ApiAnswer {
  const { store, behaviour, given, episodes } = call
  const { name, authenticationType, ...rest } = readProperties(call, objectOf(given.user, 'user'))
  if (!textOf(name) || name === undefined) throw badRequest('The property "name" is missing')
  if (authenticationType === undefined) throw badRequest('The property "authenticationType" is missing')
  const fold = (text: string): string => (behaviour.ignoresCase ? text.toLowerCase() : text)
  if ([...store.users.values()].some((user) => fold(user.name) === fold(name))) {
    throw new ApiError(400, errorCodes.exists, `A user with the name "${name}" already exists`)
  }
  const { ref } = store.addUser({ name, authenticationType, ...rest })
  const saveComment = textOf(given.saveComment)
  episodes.wrote(ref, saveComment, { kind: 'created' })
  if (behaviour.createAnswer === 'none') episodes.mayAskAgain(saveComment)
  switch (behaviour.createAnswer) {
    case 'ref':
      return { status: 201, result: { ref } }
    case 'objRefs':
      return { status: 201, result: { objRefs: [ref] } }
    case 'none':
      return { status: 201 }
  }
}

function changeUser(call: Call): ApiAnswer {
  const { behaviour, given, episodes } = call
  const user = userOf(call)
  if (given.ref !== undefined && given.ref !== user.ref) throw badRequest('"ref" is not the reference of the path')
  const changes = readProperties(call, readPropertyForm(call))
  if (changes.name !== undefined && changes.name !== user.name) throw badRequest('The name cannot be changed')
  if (given.deleteUnspecified === true) {
    for (const name of ['fullName', 'email', 'description'] as const) changes[name] ??= ''
  }
  for (const name of ['fullName', 'email', 'description', 'externalID', 'authenticationType'] as const) {
    const from = user[name]
    const to = changes[name]
    if (to === undefined || to === from) continue
    episodes.wrote(user.ref, textOf(given.saveComment), { kind: 'changed', property: name, from, to })
  }
  Object.assign(user, changes)
  return done(behaviour.doneStatus)
}

/** `[{name, value}]` in the SOAP definition and the ansible collection, a plain object in the REST guide. */
function readPropertyForm({ behaviour, given }: Call): Record<string, unknown> {
  const { properties } = given
  const form = Array.isArray(properties) ? 'list' : 'object'
  if (behaviour.propertyForms !== 'both' && behaviour.propertyForms !== form) {
    throw badRequest(`"properties" has to be ${behaviour.propertyForms === 'list' ? 'a list' : 'an object'}`)
  }
  if (!Array.isArray(properties)) return objectOf(properties, 'properties')
  return Object.fromEntries(
    properties.map((each: unknown) => {
      const { name, value } = objectOf(each, 'properties')
      return [String(name), value]
    }),
  )
}

function removeUser(call: Call): ApiAnswer {
  call.store.removeUser(userOf(call).ref)
  return { status: 204 }
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest(`"${name}" is missing`)
  return { ...value }
}
