import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { isMultiTenant } from '../configuration/clouds.ts'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'
import { AppError } from '../failure.ts'
import type { Send } from '../outgoing/http.ts'
import type { ClientCredential } from './credential.ts'
import type { Endpoints } from './endpoints.ts'
import { createMsalClient, createTokenTransport } from './msalClient.ts'
import { judgeTokenAnswer, tokenCallFailed } from './redeemCode.ts'

/** An app-only token for Microsoft Graph: proof that the credential is accepted, without any user. */
export interface AppToken {
  accessToken: string
}

export interface AppTokenContext {
  send: Send
  clock: Clock
  endpoints(configuration: EntraConfiguration): Promise<Endpoints>
}

const schema = v.object({ access_token: v.string() })

/** The tenant to which the application itself can sign in; common and organizations are none. */
export function tenantForApp({ tenantId, allowedTenants }: EntraConfiguration): string | undefined {
  return isMultiTenant(tenantId) ? allowedTenants[0] : tenantId
}

/**
 * Client credentials grant (RFC 6749 4.4), the cheapest way to have Entra ID judge the credential.
 * @param tenantId the tenant that issues the token; undefined: there is none
 * @throws AppError entra_*
 */
export async function fetchAppToken(
  context: AppTokenContext,
  configuration: EntraConfiguration,
  tenantId: string | undefined,
  credential: ClientCredential,
  signal: AbortSignal,
): Promise<AppToken> {
  if (tenantId === undefined)
    throw new AppError({ code: 'config_invalid', problems: ['allowed_tenants names no tenant'] })
  const own = { ...configuration, tenantId }
  const endpoints = await context.endpoints(own)
  const transport = createTokenTransport(context.send, signal)
  const client = await createMsalClient(own, endpoints, credential, transport)
  try {
    await client.acquireTokenByClientCredential({ scopes: [`${configuration.graph}/.default`], skipCache: true })
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    if (transport.last === undefined) throw tokenCallFailed(transport, endpoints, cause)
  }
  if (transport.last === undefined) throw new AppError({ code: 'entra_malformed', problem: 'no answer was seen' })
  const refusal = judgeTokenAnswer(transport.last, context.clock.now())
  if (refusal !== undefined) throw new AppError(refusal.failure)
  const parsed = v.safeParse(schema, transport.last.body)
  if (!parsed.success)
    throw new AppError({ code: 'entra_malformed', problem: 'the token endpoint gave no access token' })
  return { accessToken: parsed.output.access_token }
}

const rolesSchema = v.object({ roles: v.optional(v.array(v.string()), []) })

/**
 * The application permissions that a token names, to tell which one is missing; whether it is valid, Graph judges.
 * @returns undefined where the token cannot be read: it is meant for Graph, and its form may change
 */
export function rolesOf({ accessToken }: AppToken): readonly string[] | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    const parsed = v.safeParse(rolesSchema, payload)
    return parsed.success ? parsed.output.roles : undefined
  } catch {
    return undefined
  }
}
