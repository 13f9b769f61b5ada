import type { IncomingMessage } from 'node:http'
import type { Directory, DirectoryGroup, DirectoryRole, DirectoryUser } from '../directory.ts'
import type { ResolvedToken } from '../entraId/accessTokens.ts'
import type { GraphFaults } from '../graph.ts'
import { denied, GraphError } from './graphError.ts'
import { type Entity, listPage } from './listPage.ts'

export interface GraphRequest {
  request: IncomingMessage
  url: URL
  token: ResolvedToken
  directory: Directory
  faults: GraphFaults
}

export interface GraphAnswer {
  body: Record<string, unknown>
  /** The connection breaks in the middle of the body. */
  cutOff?: boolean
}

const groupProperties = [
  'id',
  'displayName',
  'description',
  'securityEnabled',
  'mailEnabled',
  'groupTypes',
  'onPremisesSamAccountName',
  'onPremisesNetBiosName',
  'onPremisesDomainName',
  'onPremisesSyncEnabled',
] as const

/** Permissions any of which shows the properties of groups. */
const groupReaders = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All']

const hasAny = (granted: readonly string[], wanted: readonly string[]): boolean =>
  wanted.some((name) => granted.includes(name))

/** Answers one request whose token is valid. @throws GraphError as Graph words it */
export function answerGraph(context: GraphRequest): GraphAnswer {
  const { request, url } = context
  const path = decodeURIComponent(url.pathname)
  if (!/^\/(v1\.0|beta)\//.test(path)) throw new GraphError(400, 'BadRequest', 'Invalid version.')
  if (request.method !== 'GET') throw new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed.')
  const resource = path.replace(/^\/[^/]+\//, '')
  if (resource === 'me') return profile(context)
  if (resource === 'me/transitiveMemberOf') return memberships(context, false)
  if (resource === 'me/transitiveMemberOf/microsoft.graph.group') return memberships(context, true)
  if (resource === 'groups') return tenantGroups(context)
  const [, appId] = /^servicePrincipals\(appId='([^']+)'\)$/.exec(resource) ?? []
  if (appId !== undefined) return servicePrincipal(context, appId)
  const [, principalId] = /^servicePrincipals\/([^/]+)\/oauth2PermissionGrants$/.exec(resource) ?? []
  if (principalId !== undefined) return permissionGrants(context, principalId)
  throw new GraphError(400, 'BadRequest', `Resource not found for the segment '${resource.split('/')[0]}'.`)
}

function signedIn({ user }: ResolvedToken): DirectoryUser {
  if (user === undefined) {
    throw new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.')
  }
  return user
}

const usual = ['displayName', 'givenName', 'mail', 'surname', 'userPrincipalName', 'id', 'jobTitle', 'mobilePhone']

function profile({ url, token, faults }: GraphRequest): GraphAnswer {
  const user = signedIn(token)
  if (faults.forbidProfile || !hasAny(token.scopes, ['User.Read', 'User.Read.All', 'Directory.Read.All'])) {
    throw denied()
  }
  const [givenName, ...surnames] = user.displayName.split(' ')
  const all: Record<string, unknown> = {
    id: user.oid,
    displayName: user.displayName,
    givenName: givenName ?? null,
    surname: surnames.join(' ') || null,
    mail: user.mail,
    userPrincipalName: user.userPrincipalName,
    userType: user.guest ? 'Guest' : 'Member',
    accountEnabled: true,
    jobTitle: null,
    mobilePhone: null,
  }
  const names = url.searchParams.get('$select')?.split(',') ?? usual
  const body: Record<string, unknown> = {
    '@odata.context': `${url.origin}/v1.0/$metadata#users${url.searchParams.has('$select') ? `(${names.join(',')})` : ''}/$entity`,
  }
  for (const name of names) {
    if (!Object.hasOwn(all, name)) throw unknownProperty(name, 'user')
    body[name] = all[name]
  }
  return { body }
}

const unknownProperty = (name: string, type: string): GraphError =>
  new GraphError(
    400,
    'BadRequest',
    `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`,
  )

function groupEntity(group: DirectoryGroup, url: URL, cast: boolean, readable: boolean): Entity {
  const names: readonly string[] = url.searchParams.get('$select')?.split(',') ?? groupProperties
  const type = { '@odata.type': '#microsoft.graph.group' }
  const all: Record<string, unknown> = { ...group, description: null }
  const entity: Entity = cast && readable ? { id: group.id } : { ...type, id: group.id }
  for (const name of names) {
    if (!groupProperties.some((one) => one === name)) throw unknownProperty(name, 'group')
    if (name !== 'id') entity[name] = readable ? all[name] : null
  }
  return entity
}

function roleEntity(role: DirectoryRole, url: URL, readable: boolean): Entity {
  const entity: Entity = { '@odata.type': '#microsoft.graph.directoryRole', id: role.id }
  const names = url.searchParams.get('$select')?.split(',') ?? ['displayName', 'roleTemplateId']
  // Properties of groups alone are left out of a role, as OData has it for a mixed collection.
  if (names.includes('displayName')) entity.displayName = readable ? role.displayName : null
  if (names.includes('roleTemplateId')) entity.roleTemplateId = readable ? role.roleTemplateId : null
  return entity
}

function isAdvanced(request: IncomingMessage, url: URL): boolean {
  const level = request.headers.consistencylevel
  return typeof level === 'string' && level.toLowerCase() === 'eventual' && url.searchParams.get('$count') === 'true'
}

function memberships(context: GraphRequest, cast: boolean): GraphAnswer {
  const { request, url, token, faults } = context
  const user = signedIn(token)
  if (cast && !isAdvanced(request, url)) {
    throw new GraphError(
      400,
      'Request_UnsupportedQuery',
      'The specified filter to the reference property query is currently not supported.',
    )
  }
  if (faults.forbidGroups || !hasAny(token.scopes, ['User.Read', 'User.Read.All', ...groupReaders])) throw denied()
  // Without the permission Graph gives ids and no error (Microsoft's page "Limited information returned").
  const readable = user.mayReadGroups && hasAny(token.scopes, groupReaders)
  const groups = user.groups.map((group) => () => groupEntity(group, url, cast, readable))
  const roles = cast ? [] : user.roles.map((role) => () => roleEntity(role, url, readable))
  return listPage([...groups, ...roles], cast ? 'groups' : 'directoryObjects', isAdvanced(request, url), url, faults)
}

function tenantGroups({ request, url, token, directory, faults }: GraphRequest): GraphAnswer {
  const granted = token.user === undefined ? token.roles : token.scopes
  if (faults.forbidGroups || !hasAny(granted, ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'])) {
    throw denied()
  }
  const tenantId = token.user?.tenantId ?? token.app.tenantId
  const groups = directory.groups
    .filter((group) => group.tenantId === tenantId)
    .map((group) => () => groupEntity(group, url, true, true))
  return listPage(groups, 'groups', isAdvanced(request, url), url, faults)
}

const principalReaders = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All']

function servicePrincipal({ url, token, directory }: GraphRequest, appId: string): GraphAnswer {
  if (!hasAny([...token.roles, ...token.scopes], principalReaders)) throw denied()
  const app = directory.apps.find(({ clientId }) => clientId === appId)
  if (app === undefined) {
    throw new GraphError(404, 'Request_ResourceNotFound', `Resource '${appId}' does not exist.`)
  }
  return {
    body: {
      '@odata.context': `${url.origin}/v1.0/$metadata#servicePrincipals/$entity`,
      id: app.servicePrincipalId,
      appId: app.clientId,
      displayName: app.displayName,
      appRoleAssignmentRequired: app.assignmentRequired,
    },
  }
}

function permissionGrants({ url, token, directory, faults }: GraphRequest, principalId: string): GraphAnswer {
  if (!hasAny([...token.roles, ...token.scopes], ['DelegatedPermissionGrant.Read.All', 'Directory.Read.All'])) {
    throw denied()
  }
  const app = directory.apps.find(({ servicePrincipalId }) => servicePrincipalId === principalId)
  if (app === undefined) {
    throw new GraphError(404, 'Request_ResourceNotFound', `Resource '${principalId}' does not exist.`)
  }
  const grant: Entity = {
    id: `grant-${principalId}`,
    clientId: app.servicePrincipalId,
    consentType: 'AllPrincipals',
    principalId: null,
    resourceId: '00000003-0000-0000-c000-000000000000',
    scope: app.grantedScopes.join(' '),
  }
  const grants = app.grantedScopes.length === 0 ? [] : [() => grant]
  return listPage(grants, 'oauth2PermissionGrants', false, url, faults)
}
