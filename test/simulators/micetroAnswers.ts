import type { MicetroBehaviour } from './micetroBehaviour.ts'
import type { MicetroStore, SimulatedGroup, SimulatedUser } from './micetroStore.ts'
import { Refusal } from './server.ts'

/** An error as the web API tells it: `{"error": {"code", "message"}}`. */
export class ApiError extends Refusal<number> {
  get body(): unknown {
    return { error: { code: this.code, message: this.message } }
  }
}

/** The two numbers that are known from public sources; the others are ours, so nothing may depend on them. */
export const errorCodes = {
  noObject: 2049,
  noResource: 16544,
  accessDenied: 2052,
  badRequest: 2050,
  exists: 2051,
  badSession: 4097,
} as const

export const badRequest = (message: string): ApiError => new ApiError(400, errorCodes.badRequest, message)
export const accessDenied = (): ApiError =>
  new ApiError(403, errorCodes.accessDenied, 'Access denied: the permission "Administer users/groups/roles" is needed')
export const noObject = (ref: string): ApiError =>
  new ApiError(404, errorCodes.noObject, `No object found for the reference "${ref}"`)
export const noResource = (): ApiError => new ApiError(404, errorCodes.noResource, 'Resource not found')

type Shown = Record<string, unknown>

interface Shower {
  store: MicetroStore
  behaviour: MicetroBehaviour
}

/** The name that this release shows: the ansible collection knows `All users` without the suffix. */
export function groupName(group: SimulatedGroup, { builtInSuffix }: MicetroBehaviour): string {
  return builtInSuffix ? group.name : group.name.replace(/ \(built-in\)$/, '')
}

export function showUser(user: SimulatedUser, { store, behaviour }: Shower): Shown {
  const { password: _, externalID, authenticator, ...shown } = user
  return {
    ...shown,
    ...(behaviour.offersExternalId && { externalID }),
    ...(behaviour.offersAuthenticator && { authenticator }),
    ...(behaviour.listsShowGroups && {
      groups: store
        .groupsOf(user.ref)
        .map((group) => ({ ref: group.ref, objType: 'Groups', name: groupName(group, behaviour) })),
      roles: [],
    }),
  }
}

export function showGroup(group: SimulatedGroup, { store, behaviour }: Shower): Shown {
  const { builtInFlag, offersGroupExternalId } = behaviour
  return {
    ref: group.ref,
    name: groupName(group, behaviour),
    description: group.description,
    adIntegrated: group.adIntegrated,
    ...(builtInFlag !== 'absent' && { [builtInFlag]: group.builtIn }),
    ...(offersGroupExternalId && { externalID: group.externalID }),
    groupMembers: [...group.members].map((ref) => ({ ref, objType: 'Users', name: store.user(ref)?.name ?? '' })),
    roles: [],
  }
}

/** The machine-readable definition, as far as somebody may want to ask it which properties exist. */
export function apiDefinition(behaviour: MicetroBehaviour): unknown {
  const { version, offersExternalId, offersGroupExternalId, offersAuthenticator, builtInFlag } = behaviour
  const text = { type: 'string' }
  const references = {
    type: 'array',
    items: { type: 'object', properties: { ref: text, objType: text, name: text } },
  }
  return {
    swagger: '2.0',
    info: { title: 'Micetro REST API (simulated)', version },
    basePath: '/mmws/api',
    paths: { '/Users': {}, '/Users/{userRef}': {}, '/Groups': {}, '/{groupRef}/{userRef}': {} },
    definitions: {
      User: {
        type: 'object',
        properties: {
          ref: text,
          name: text,
          password: text,
          fullName: text,
          description: text,
          email: text,
          authenticationType: text,
          ...(offersExternalId && { externalID: text }),
          ...(offersAuthenticator && { authenticator: text }),
          groups: references,
          roles: references,
        },
      },
      Group: {
        type: 'object',
        properties: {
          ref: text,
          name: text,
          description: text,
          adIntegrated: { type: 'boolean' },
          ...(builtInFlag !== 'absent' && { [builtInFlag]: { type: 'boolean' } }),
          ...(offersGroupExternalId && { externalID: text }),
          groupMembers: references,
          roles: references,
        },
      },
    },
  }
}
