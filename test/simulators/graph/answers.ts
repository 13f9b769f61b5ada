import type { Directory, DirectoryGroup, DirectoryUser } from '../directory.ts'
import type { ResolvedToken } from '../entraId/accessTokens.ts'
import type { GraphFaults } from '../graph.ts'
import { denied, GraphError, notFound } from './graphError.ts'
import { type Entity, listPage } from './listPage.ts'
import { peopleResources } from './people.ts'

/** A call, by itself or in a batch. */
export interface Asked {
  method: string
  /** By names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Parsed; undefined where there is none. */
  body: unknown
}

export interface GraphContext {
  request: Asked
  url: URL
  token: ResolvedToken
  directory: Directory
  faults: GraphFaults
}

export interface GraphRequest extends GraphContext {
  /** What stands in the place of the path's group, if it has one. */
  name: string
  /** The name stands in parentheses, where it may begin with anything. */
  quoted: boolean
}

export interface Resource {
  /** Default: GET. */
  method?: 'POST'
  /** Below the version, decoded. */
  path: RegExp
  /** Permissions any of which lets the call pass, as its page lists them: of the user's token, and of an app-only one. */
  delegated: readonly string[]
  application: readonly string[]
  /** The fault that forbids it. */
  fault?: keyof GraphFaults
  answer(request: GraphRequest): Entity
}

const groupReaders = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All']
const principalReaders = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All']
const grantReaders = ['DelegatedPermissionGrant.Read.All', 'Directory.Read.All']

/** Every call that is simulated; a further one is a further row. */
const resources = (): readonly Resource[] => [
  ...peopleResources,
  {
    path: /^me$/,
    delegated: ['User.Read', 'User.Read.All', 'Directory.Read.All'],
    application: [],
    fault: 'forbidProfile',
    answer: profile,
  },
  {
    path: /^me\/transitiveMemberOf\/microsoft\.graph\.group$/,
    delegated: ['User.Read', 'User.Read.All', ...groupReaders],
    application: [],
    fault: 'forbidGroups',
    answer: memberships,
  },
  { path: /^groups$/, delegated: groupReaders, application: groupReaders, fault: 'forbidGroups', answer: tenantGroups },
  {
    path: /^servicePrincipals\(appId='([^']+)'\)$/,
    delegated: principalReaders,
    application: principalReaders,
    answer: servicePrincipal,
  },
  {
    path: /^servicePrincipals\/([^/]+)\/oauth2PermissionGrants$/,
    delegated: grantReaders,
    application: grantReaders,
    answer: permissionGrants,
  },
]

/** Answers one request whose token is valid. @throws GraphError as Graph words it */
export function answerGraph(context: GraphContext): Entity {
  const { request, url, token, faults } = context
  const path = decodeURIComponent(url.pathname)
  if (!path.startsWith('/v1.0/')) throw new GraphError(400, 'BadRequest', 'Invalid version.')
  const asked = path.slice('/v1.0/'.length)
  for (const { path: pattern, method = 'GET', delegated, application, fault, answer } of resources()) {
    const [match, name = ''] = pattern.exec(asked) ?? []
    if (match === undefined) continue
    if (request.method !== method)
      throw new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed.')
    if (asked.startsWith('me') && token.user === undefined) {
      throw new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.')
    }
    const wanted = token.user === undefined ? application : delegated
    if ((fault && faults[fault]) || !isGranted(token, wanted)) throw denied()
    return answer({ ...context, name, quoted: match.includes("('") })
  }
  throw new GraphError(400, 'BadRequest', `Resource not found for the segment '${asked.split('/')[0]}'.`)
}

/** Whether the token has any of the permissions. */
export function isGranted({ user, roles, scopes }: ResolvedToken, wanted: readonly string[]): boolean {
  return wanted.some((name) => (user === undefined ? roles : scopes).includes(name))
}

/** The properties that were selected, or all. */
export function select(all: Entity, url: URL, type: string): Entity {
  const names = url.searchParams.get('$select')?.split(',') ?? Object.keys(all)
  const unknown = names.find((name) => !Object.hasOwn(all, name))
  if (unknown === undefined) return Object.fromEntries(names.map((name) => [name, all[name]]))
  const message = `Parsing OData Select and Expand failed: Could not find a property named '${unknown}' on type 'microsoft.graph.${type}'.`
  throw new GraphError(400, 'BadRequest', message)
}

function signedIn({ user }: ResolvedToken): DirectoryUser {
  if (user === undefined) throw new TypeError('an app-only token has no user')
  return user
}

function profile({ url, token }: GraphRequest): Entity {
  const { oid, displayName, mail, userPrincipalName } = signedIn(token)
  const chosen = url.searchParams.get('$select')
  return {
    '@odata.context': `${url.origin}/v1.0/$metadata#users${chosen === null ? '' : `(${chosen})`}/$entity`,
    ...select({ id: oid, displayName, mail, userPrincipalName }, url, 'user'),
  }
}

/** @param readable without the permission Graph gives ids and no error ("Limited information returned"). */
export function groupEntity({ tenantId: _, ...group }: DirectoryGroup, url: URL, readable: boolean): Entity {
  const shown = select({ ...group, description: null }, url, 'group')
  if (readable) return { id: group.id, ...shown }
  const hidden = Object.keys(shown).map((name) => [name, null])
  return { '@odata.type': '#microsoft.graph.group', ...Object.fromEntries(hidden), id: group.id }
}

/** "Advanced query capabilities on Microsoft Entra ID objects". */
export function isAdvanced({ headers }: Asked, url: URL): boolean {
  return String(headers.consistencylevel).toLowerCase() === 'eventual' && url.searchParams.get('$count') === 'true'
}

function memberships({ request, url, token }: GraphRequest): Entity {
  if (!isAdvanced(request, url)) {
    throw new GraphError(
      400,
      'Request_UnsupportedQuery',
      'The specified filter to the reference property query is currently not supported.',
    )
  }
  const readable = isGranted(token, groupReaders)
  const groups = signedIn(token).groups.map((group) => () => groupEntity(group, url, readable))
  return listPage(groups, 'groups', true, url)
}

function tenantGroups({ request, url, token, directory }: GraphRequest): Entity {
  const tenantId = token.user?.tenantId ?? token.app.tenantId
  const groups = directory.groups
    .filter((group) => group.tenantId === tenantId)
    .map((group) => () => groupEntity(group, url, true))
  return listPage(groups, 'groups', isAdvanced(request, url), url)
}

function servicePrincipal({ url, directory, name }: GraphRequest): Entity {
  const app = directory.apps.find(({ clientId }) => clientId === name)
  if (app === undefined) throw notFound(name)
  const { servicePrincipalId: id, clientId: appId, displayName, assignmentRequired } = app
  return {
    '@odata.context': `${url.origin}/v1.0/$metadata#servicePrincipals/$entity`,
    ...select({ id, appId, displayName, appRoleAssignmentRequired: assignmentRequired }, url, 'servicePrincipal'),
  }
}

function permissionGrants({ url, directory, name }: GraphRequest): Entity {
  const app = directory.apps.find(({ servicePrincipalId }) => servicePrincipalId === name)
  if (app === undefined) throw notFound(name)
  const grant: Entity = {
    id: `grant-${name}`,
    clientId: name,
    consentType: 'AllPrincipals',
    principalId: null,
    resourceId: '00000003-0000-0000-c000-000000000000',
    scope: app.grantedScopes.join(' '),
  }
  return listPage(app.grantedScopes.length === 0 ? [] : [() => grant], 'oauth2PermissionGrants', false, url)
}
