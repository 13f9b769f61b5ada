import * as v from 'valibot'
import { isMultiTenant } from '../configuration/clouds.ts'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import type { Engine } from '../engine.ts'
import type { ClientCredential } from '../entra/credential.ts'
import { createMsalClient, createTokenTransport } from '../entra/msalClient.ts'
import { judgeTokenAnswer, tokenCallFailed } from '../entra/redeemCode.ts'
import { AppError } from '../failure.ts'

/** An app-only token for Microsoft Graph: proof that the credential is accepted, without any user. */
export interface AppToken {
  accessToken: string
}

const schema = v.object({ access_token: v.string() })

/** The tenant to which the application itself can sign in; common and organizations are none. */
export function tenantForApp({ tenantId, allowedTenants }: EntraConfiguration): string | undefined {
  return isMultiTenant(tenantId) ? allowedTenants[0] : tenantId
}

/**
 * Client credentials grant (RFC 6749 4.4), the cheapest way to have Entra ID judge the credential.
 * @throws AppError entra_*
 */
export async function fetchAppToken(
  engine: Engine,
  configuration: EntraConfiguration,
  credential: ClientCredential,
  signal: AbortSignal,
): Promise<AppToken> {
  const tenantId = tenantForApp(configuration)
  if (tenantId === undefined)
    throw new AppError({ code: 'config_invalid', problems: ['allowed_tenants names no tenant'] })
  const own = { ...configuration, tenantId }
  const endpoints = await engine.endpoints(own)
  const transport = createTokenTransport(engine.send, signal)
  const client = await createMsalClient(own, endpoints, credential, transport)
  try {
    await client.acquireTokenByClientCredential({ scopes: [`${configuration.graph}/.default`], skipCache: true })
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    if (transport.last === undefined) throw tokenCallFailed(transport, endpoints, cause)
  }
  if (transport.last === undefined) throw new AppError({ code: 'entra_malformed', problem: 'no answer was seen' })
  const refusal = judgeTokenAnswer(transport.last, engine.clock.now())
  if (refusal !== undefined) throw new AppError(refusal.failure)
  const parsed = v.safeParse(schema, transport.last.body)
  if (!parsed.success)
    throw new AppError({ code: 'entra_malformed', problem: 'the token endpoint gave no access token' })
  return { accessToken: parsed.output.access_token }
}
