/**
 * What an application itself may read about the tenant's people: api/user-get, api/user-list with `$filter`,
 * api/user-list-transitivememberof, api/directoryobject-getmembergroups and api/directory-deleteditems-list.
 */
import type { DirectoryUser } from '../directory.ts'
import { type GraphRequest, groupEntity, isAdvanced, isGranted, type Resource, select } from './answers.ts'
import { readFilter } from './filter.ts'
import { GraphError, notFound } from './graphError.ts'
import { type Entity, listPage } from './listPage.ts'

const userReaders = ['User.Read.All', 'Directory.Read.All']
const groupReaders = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All']

/** The properties that are there without `$select`. */
const usual = 'displayName,id,mail,userPrincipalName'

export const peopleResources: readonly Resource[] = [
  { path: /^users$/, delegated: userReaders, application: userReaders, answer: listUsers },
  { path: /^users\/([^/]+)$/, delegated: userReaders, application: userReaders, answer: oneUser },
  { path: /^users\('(.+)'\)$/, delegated: userReaders, application: userReaders, answer: oneUser },
  {
    path: /^users\/([^/]+)\/transitiveMemberOf\/microsoft\.graph\.group$/,
    delegated: [],
    application: [...userReaders, ...groupReaders],
    answer: userGroups,
  },
  {
    path: /^users\/([^/]+)\/getMemberGroups$/,
    method: 'POST',
    delegated: [],
    application: userReaders,
    answer: memberGroups,
  },
  {
    path: /^directory\/deletedItems\/microsoft\.graph\.user$/,
    delegated: userReaders,
    application: userReaders,
    answer: deletedUsers,
  },
]

/** People of the tenant that issued the token. */
function peopleOf({ token, directory }: GraphRequest): readonly DirectoryUser[] {
  const tenantId = token.tenantId ?? token.user?.tenantId ?? token.app.tenantId
  return directory.users.filter((user) => user.tenantId === tenantId)
}

/** By object id or by user principal name; mail is no key, and what is no id is taken for a name. */
function find(request: GraphRequest): DirectoryUser {
  const name = request.name.replaceAll("''", "'")
  if (request.name.startsWith('$') && !request.quoted) throw new GraphError(400, 'BadRequest', 'Invalid segment.')
  const wanted = name.toLowerCase()
  const user = peopleOf(request).find(
    ({ oid, userPrincipalName }) => oid === wanted || userPrincipalName.toLowerCase() === wanted,
  )
  if (user === undefined) throw notFound(name)
  return user
}

function userEntity(user: DirectoryUser, url: URL): Entity {
  const { oid: id, displayName, mail, userPrincipalName, accountEnabled } = user
  const all = { id, displayName, mail, userPrincipalName, accountEnabled, userType: user.guest ? 'Guest' : 'Member' }
  const chosen = new URL(url)
  if (!url.searchParams.has('$select')) chosen.searchParams.set('$select', usual)
  return select({ ...all, deletedDateTime: user.deletedDateTime }, chosen, 'user')
}

function oneUser(request: GraphRequest): Entity {
  const { url } = request
  const chosen = url.searchParams.get('$select')
  return {
    '@odata.context': `${url.origin}/v1.0/$metadata#users${chosen === null ? '' : `(${chosen})`}/$entity`,
    ...userEntity(find(request), url),
  }
}

function listUsers(request: GraphRequest): Entity {
  const { url } = request
  const filter = url.searchParams.get('$filter')
  const found = peopleOf(request).filter(filter === null ? () => true : readFilter(filter))
  const users = found.map((user) => () => userEntity(user, url))
  return listPage(users, 'users', isAdvanced(request.request, url), url, ['$filter'])
}

function userGroups(request: GraphRequest): Entity {
  const { url, token } = request
  if (!isAdvanced(request.request, url)) {
    throw new GraphError(400, 'Request_UnsupportedQuery', 'Invalid search request.')
  }
  const readable = isGranted(token, groupReaders)
  return listPage(
    find(request).groups.map((group) => () => groupEntity(group, url, readable)),
    'groups',
    true,
    url,
  )
}

function memberGroups(request: GraphRequest): Entity {
  // Both permissions are needed, unless one of them includes the other.
  if (!isGranted(request.token, groupReaders))
    throw new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
  const { body } = request.request
  const only =
    typeof body === 'object' && body !== null && 'securityEnabledOnly' in body ? body.securityEnabledOnly : undefined
  if (typeof only !== 'boolean') throw new GraphError(400, 'BadRequest', 'securityEnabledOnly is missing.')
  const groups = find(request).groups.filter(({ securityEnabled }) => !only || securityEnabled)
  return {
    '@odata.context': `${request.url.origin}/v1.0/$metadata#Collection(Edm.String)`,
    value: groups.map(({ id }) => id),
  }
}

function deletedUsers(request: GraphRequest): Entity {
  const { url, directory, token } = request
  const tenantId = token.tenantId ?? token.app.tenantId
  const users = directory.deletedUsers
    .filter((user) => user.tenantId === tenantId)
    .map((user) => {
      // The object id, without hyphens, stands in front of the name that is free again.
      const userPrincipalName = `${user.oid.replaceAll('-', '')}${user.userPrincipalName}`
      return () => userEntity({ ...user, userPrincipalName }, url)
    })
  return listPage(users, 'users', isAdvanced(request.request, url), url)
}
