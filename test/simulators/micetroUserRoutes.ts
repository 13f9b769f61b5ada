import { ApiError, accessDenied, badRequest, errorCodes, noObject, showGroup, showUser } from './micetroAnswers.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import { type ApiAnswer, type ApiRoute, type Call, done, textOf } from './micetroCall.ts'
import { listPage } from './micetroQuery.ts'
import type { SimulatedUser } from './micetroStore.ts'

const types: readonly string[] = ['Internal', 'AD', 'ADGroup', 'RADIUS', 'External']

/** What a user of this release has, beside its memberships and the password that is never shown. */
const propertiesOf = ({ offersExternalId }: MicetroBehaviour): string[] => [
  'ref',
  'name',
  'fullName',
  'email',
  'description',
  'authenticationType',
  ...(offersExternalId ? ['externalID'] : []),
]

/** The documented calls about users. */
export const userRoutes: readonly ApiRoute[] = [
  { method: 'GET', pattern: 'Users', answer: listUsers },
  { method: 'POST', pattern: 'Users', changes: true, answer: createUser },
  { method: 'GET', pattern: 'Users/:user/Groups', answer: listMemberships },
  { method: 'PUT', pattern: 'Users/Users/:user', changes: true, answer: changeUser },
]

function listUsers({ store, behaviour, episodes, given, who }: Call): ApiAnswer {
  if (!store.mayAdministerUsers(who)) throw accessDenied()
  const { rows, total, conditions } = listPage(
    [...store.users.values()],
    given,
    new Set(propertiesOf(behaviour)),
    behaviour.ignoresCase,
  )
  episodes.lookedUp(
    who,
    conditions,
    rows.map(({ ref }) => ref),
  )
  const users = rows.map((user) => showUser(user, { store, behaviour }))
  return { status: 200, result: { users, totalResults: total } }
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

/** What may be written, each with its type checked. `groups` and `roles` are taken and, as on real servers, ignored. */
function readProperties({ behaviour }: Call, given: Record<string, unknown>): Partial<SimulatedUser> {
  const writable = new Set(['password', ...propertiesOf(behaviour)])
  const entries = Object.entries(given).filter(([name]) => name !== 'groups' && name !== 'roles' && name !== 'ref')
  for (const [name, value] of entries) {
    if (!writable.has(name)) throw badRequest(`Unknown property "${name}"`)
    if (typeof value !== 'string') throw badRequest(`The property "${name}" has to be a text`)
    if (name === 'authenticationType' && !types.includes(value)) {
      throw badRequest(`Unknown authentication type "${value}"`)
    }
  }
  return Object.fromEntries(entries)
}

function createUser(call: Call): ApiAnswer {
  const { store, behaviour, given, episodes } = call
  const { name, authenticationType, ...rest } = readProperties(call, objectOf(given.user, 'user'))
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

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest(`"${name}" is missing`)
  return { ...value }
}
