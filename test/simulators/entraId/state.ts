import type { LRUCache } from 'lru-cache'
import type { AppRegistration, Directory, DirectoryUser, Tenant } from '../directory.ts'
import { findTenant } from '../directory.ts'
import type { AccessTokens } from './accessTokens.ts'
import type { AssertionKeys } from './clientAuthentication.ts'
import { EntraError } from './entraError.ts'
import type { RequestedScopes } from './scopes.ts'
import type { KeyRing } from './signingKeys.ts'
import type { TokenCore } from './tokenCore.ts'
import type { FaultQueue } from './tokenFaults.ts'

/** The first segment of an address: one tenant, or any. */
export interface Authority {
  /** Tenant id, `common` or `organizations`. */
  name: string
  tenant: Tenant | undefined
}

/** What is known of a code beside what the token core keeps. */
export interface IssuedGrant {
  clientId: string
  oid: string
  authority: string
  requested: RequestedScopes
}

/** Settings of the simulator that may be changed while it runs. */
export interface EntraBehaviour {
  /**
   * What happens to a user who is not assigned (AADSTS50105). The real one shows a page of its own; `redirect` goes
   * back with `access_denied`.
   */
  unassigned: 'page' | 'redirect'
  /** Root of the one Microsoft Graph that scopes may name. */
  graphUrl: string
  /** Public keys of the issuers of federated credentials. */
  assertionKeys: AssertionKeys
}

/** Everything that the endpoints share. */
export interface EntraState {
  directory: Directory
  behaviour: EntraBehaviour
  /** Origin that servers call. */
  host: string
  /** Origin that browsers are sent to. */
  browserHost: string
  keys: KeyRing
  core: TokenCore
  accessTokens: AccessTokens
  faults: FaultQueue
  codes: LRUCache<string, IssuedGrant>
}

/**
 * @param metadata whether metadata was asked for, which names the error differently
 * @throws EntraError 90002 for a tenant that does not exist
 */
export function findAuthority(directory: Directory, name: string, metadata: boolean): Authority {
  if (name === 'common' || name === 'organizations') return { name, tenant: undefined }
  const tenant = findTenant(directory, name)
  if (tenant !== undefined) return { name: tenant.id, tenant }
  throw new EntraError(
    metadata ? 'invalid_tenant' : 'invalid_request',
    90002,
    `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  )
}

/** @throws EntraError 700016 for an application that the tenant does not know */
export function findApp(directory: Directory, clientId: string, { tenant }: Authority): AppRegistration {
  const app = directory.apps.find((one) => one.clientId.toLowerCase() === clientId.toLowerCase())
  if (app === undefined || (tenant !== undefined && app.tenantId !== tenant.id && !app.multiTenant)) {
    throw new EntraError(
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${tenant?.name ?? 'Microsoft Accounts'}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    )
  }
  return app
}

/** @throws EntraError 50194 for a single-tenant application at an address for any tenant */
export function checkAudience(app: AppRegistration, { name, tenant }: Authority): void {
  if (tenant !== undefined || app.multiTenant) return
  throw new EntraError(
    'invalid_request',
    50194,
    `Application '${app.clientId}'(${app.displayName}) is not configured as a multi-tenant application. Usage of the /${name} endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.`,
  )
}

/**
 * Entra ID compares exactly, but for the port of localhost ("Redirect URI (reply URL) outline and restrictions").
 * @throws EntraError 50011 for an address that is not registered
 */
export function checkRedirectUri({ redirectUris, clientId }: AppRegistration, uri: string, error: string): void {
  const withoutPort = (text: string): string => text.replace(/^(https?:\/\/localhost):\d+(?=\/|$)/, '$1')
  if (redirectUris.some((one) => one === uri || withoutPort(one) === withoutPort(uri))) return
  throw new EntraError(
    error,
    50011,
    `The redirect URI '${uri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.`,
  )
}

/** Whether the user is signed in at this authority at all. */
export function belongs(user: DirectoryUser, { tenant }: Authority): boolean {
  // An account is always sent to its own organisation by `common`, so a guest object is never chosen there.
  return tenant === undefined ? !user.guest : user.tenantId === tenant.id
}
