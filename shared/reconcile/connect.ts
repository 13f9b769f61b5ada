import { isMultiTenant } from '../configuration/clouds.ts'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { fetchAppToken, rolesOf } from '../entra/appToken.ts'
import { AppError } from '../failure.ts'
import { ApplicationGraph, type ApplicationPermission } from '../graph/batch.ts'

/** What a run needs of Microsoft Graph, with admin consent. */
export const neededPermissions: readonly ApplicationPermission[] = ['User.Read.All', 'GroupMember.Read.All']

/** Those of the needed application permissions that a token does not have; none where it does not tell. */
export function missingIn(accessToken: string): readonly ApplicationPermission[] {
  const roles = rolesOf({ accessToken })
  return roles === undefined ? [] : neededPermissions.filter((name) => !roles.includes(name))
}

/** The tenant whose people a run looks for; undefined where names of several tenants count for nothing. */
export function tenantForRun({ tenantId, homeTenant }: EntraConfiguration): string | undefined {
  return isMultiTenant(tenantId) ? homeTenant : tenantId
}

/**
 * Microsoft Graph with the application's own token, which is asked for at the first call.
 * @param until when nothing more is begun, in milliseconds since the epoch
 * @throws AppError config_invalid where there is no tenant to ask
 */
export function connectGraph(engine: Engine, inForce: InForce, signal: AbortSignal, until: number): ApplicationGraph {
  const { configuration } = inForce
  const tenantId = tenantForRun(configuration)
  if (tenantId === undefined) {
    const problems = [
      `a run between sign-ins needs a home tenant (home_tenant) when tenant_id is ${configuration.tenantId}`,
    ]
    throw new AppError({ code: 'config_invalid', problems })
  }
  const { send, clock, random } = engine
  return new ApplicationGraph({
    graph: configuration.graph,
    fetchToken: () => fetchToken(engine, inForce, tenantId, signal),
    missingIn,
    send,
    clock,
    random,
    signal,
    until,
  })
}

/** A credential that was rotated in the vault costs no run, as it costs no sign-in. */
async function fetchToken(engine: Engine, inForce: InForce, tenantId: string, signal: AbortSignal): Promise<string> {
  const { configuration } = inForce
  const held = await engine.credentials.get(inForce)
  try {
    return (await fetchAppToken(engine, configuration, tenantId, held.credential, signal)).accessToken
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code !== 'entra_refused') throw error
    const other = error.failure.error === 'invalid_client' ? await engine.credentials.renew(inForce, held) : undefined
    if (other === undefined) throw error
    return (await fetchAppToken(engine, configuration, tenantId, other.credential, signal)).accessToken
  }
}
