import * as v from 'valibot'
import { ApiError, accessDenied, badRequest, errorCodes, noObject, showGroup, showUser } from './micetroAnswers.ts'
import { type ApiAnswer, type ApiRoute, type Call, done, textOf } from './micetroCall.ts'
import { listPage } from './micetroQuery.ts'
import type { SimulatedUser } from './micetroStore.ts'

const text = v.exactOptional(v.string())

/** What may be written. `groups` and `roles` are taken and, as on real servers, ignored. */
const writable = {
  name: text,
  fullName: text,
  email: text,
  description: text,
  password: text,
  authenticationType: v.exactOptional(
    v.picklist(['Internal', 'AD', 'ADGroup', 'RADIUS', 'External'], 'unknown authentication type'),
  ),
  groups: v.optional(v.unknown()),
  roles: v.optional(v.unknown()),
}
const writableUser = v.strictObject({ ...writable, externalID: text, authenticator: text })

/** The documented calls about users. */
export const userRoutes: readonly ApiRoute[] = [
  { method: 'GET', pattern: 'Users', answer: listUsers },
  { method: 'POST', pattern: 'Users', changes: true, answer: createUser },
  { method: 'GET', pattern: 'Users/:user/Groups', answer: listMemberships },
  { method: 'PUT', pattern: 'Users/Users/:user', changes: true, answer: changeUser },
]

const filterable = ['ref', 'name', 'fullName', 'email', 'description', 'authenticationType']

function listUsers({ store, behaviour, episodes, given, who }: Call): ApiAnswer {
  if (!store.mayAdministerUsers(who)) throw accessDenied()
  const { rows, total, conditions } = listPage(
    [...store.users.values()],
    given,
    new Set(behaviour.offersExternalId ? [...filterable, 'externalID'] : filterable),
    behaviour,
  )
  episodes.lookedUp(
    who,
    conditions,
    rows.map(({ ref }) => ref),
  )
  const users = rows.map((user) => showUser(user, { store, behaviour }))
  return { status: 200, result: { users, ...total } }
}

function userOf({ store, who, path }: Call): SimulatedUser {
  if (!store.mayAdministerUsers(who)) throw accessDenied()
  const ref = `Users/${path.user}`
  const user = store.users.get(ref)
  if (user === undefined) throw noObject(ref)
  return user
}

function listMemberships(call: Call): ApiAnswer {
  const { store, behaviour } = call
  const groups = store.groupsOf(userOf(call).ref).map((group) => showGroup(group, { store, behaviour }))
  return { status: 200, result: { groups, totalResults: groups.length } }
}

function readProperties({ behaviour }: Call, given: unknown): Partial<SimulatedUser> {
  const { success, output, issues } = v.safeParse(writableUser, given)
  if (!success) throw badRequest(`${v.getDotPath(issues[0]) ?? 'user'}: ${issues[0].message}`)
  // A release refuses what it does not have.
  const unoffered = { externalID: !behaviour.offersExternalId, authenticator: !behaviour.offersAuthenticator }
  for (const [name, missing] of Object.entries(unoffered)) {
    if (missing && name in output) throw badRequest(`${name}: unknown property`)
  }
  const { groups: _groups, roles: _roles, ...properties } = output
  return properties
}

function createUser(call: Call): ApiAnswer {
  const { store, behaviour, given, episodes } = call
  const { name, authenticationType, ...rest } = readProperties(call, given.user)
  if (textOf(name) === undefined || name === undefined) throw badRequest('The property "name" is missing')
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
  for (const name of ['fullName', 'email', 'description', 'externalID', 'authenticationType'] as const) {
    const from = user[name]
    const to = changes[name]
    if (to === undefined || to === from) continue
    episodes.wrote(user.ref, textOf(given.saveComment), { kind: 'changed', property: name, from, to })
  }
  Object.assign(user, changes)
  return done(behaviour.doneStatus)
}

const propertyList = v.array(v.object({ name: v.string(), value: v.unknown() }))

/** `[{name, value}]` in the SOAP definition and the ansible collection, a plain object in the REST guide. */
function readPropertyForm({ behaviour, given }: Call): unknown {
  const list = v.safeParse(propertyList, given.properties)
  const form = list.success ? 'list' : 'object'
  if (behaviour.propertyForms !== 'both' && behaviour.propertyForms !== form) {
    throw badRequest(`"properties" has to be ${behaviour.propertyForms === 'list' ? 'a list' : 'an object'}`)
  }
  return list.success ? Object.fromEntries(list.output.map(({ name, value }) => [name, value])) : given.properties
}
