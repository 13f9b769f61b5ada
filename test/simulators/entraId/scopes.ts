import type { AppRegistration } from '../directory.ts'
import { EntraError } from './entraError.ts'

const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access'])
const graphAppId = '00000003-0000-0000-c000-000000000000'

export interface RequestedScopes {
  openId: string[]
  /** Delegated permissions of Graph by name; `.default` stands for all that are granted. */
  graph: string[]
}

/**
 * Splits a `scope` parameter.
 * @param graphUrl root of the one resource of this cloud
 * @throws EntraError as Entra ID words it
 */
export function readScopes(scope: string, graphUrl: string): RequestedScopes {
  const openId: string[] = []
  const graph: string[] = []
  for (const text of scope.split(' ').filter(Boolean)) {
    if (openIdScopes.has(text)) {
      openId.push(text)
      continue
    }
    const slash = text.lastIndexOf('/')
    const name = text.slice(slash + 1)
    const resource = slash < 0 ? graphUrl : text.slice(0, slash).replace(/\/$/, '')
    if (resource !== graphUrl && resource !== graphAppId) {
      throw new EntraError(
        'invalid_resource',
        500011,
        `The resource principal named ${resource} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
      )
    }
    if (name !== '.default' && !/^[A-Z]\w*(\.\w+)+$/.test(name)) {
      throw new EntraError(
        'invalid_scope',
        70011,
        `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${text} is not valid.`,
      )
    }
    graph.push(name)
  }
  if (graph.includes('.default') && graph.length > 1) {
    throw new EntraError(
      'invalid_scope',
      70011,
      `The provided value for the input parameter 'scope' is not valid. .default scope can't be combined with resource-specific scopes.`,
    )
  }
  return { openId, graph }
}

/** Whether somebody has consented to every permission. */
export function isConsented(app: AppRegistration, { graph }: RequestedScopes): boolean {
  return graph.every((name) => name === '.default' || app.grantedScopes.includes(name))
}

export const consentError = (app: AppRegistration, error: string, suberror?: string): EntraError =>
  new EntraError(
    error,
    65001,
    `The user or administrator has not consented to use the application with ID '${app.clientId}' named '${app.displayName}'. Send an interactive authorization request for this user and resource.`,
    { suberror },
  )
