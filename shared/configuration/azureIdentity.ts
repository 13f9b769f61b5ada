import type { Agent } from 'node:http'
import { createAgents } from '../outgoing/http.ts'
import { withLimit } from '../outgoing/limit.ts'
import { isLoopback } from './settings.ts'

/** Asks for an access token; what the SDKs of Azure call a TokenCredential. */
export interface IdentityToken {
  getToken(scopes: string | string[], options?: object): Promise<{ token: string; expiresOnTimestamp: number } | null>
}

/** Time for one try, in milliseconds; the SDK has no limit of its own. */
const tryFor = 2500

/**
 * Asks once more after a failure or no answer: a token may be asked for as often as one likes.
 * @param connectionFault why the last connection failed, which the SDK does not say
 */
function patient(identity: IdentityToken, connectionFault: () => string | undefined): IdentityToken {
  return {
    async getToken(scopes, options) {
      const unavailable = (message: string, cause?: unknown): Error =>
        Object.assign(new Error(message, { cause }), { name: 'CredentialUnavailableError', code: connectionFault() })
      const ask = () =>
        withLimit(identity.getToken(scopes, options), tryFor, () => unavailable('the managed identity took too long'))
      return ask()
        .catch(ask)
        .catch((error: unknown) => {
          throw connectionFault() === undefined ? error : unavailable('the managed identity cannot be reached', error)
        })
    },
  }
}

/** @returns tells the code with which the agent's last connection failed, for example ECONNREFUSED; undefined: it did not */
function watchConnections(agent: Agent): () => string | undefined {
  let fault: string | undefined
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (...args) => {
    const socket = connect(...args)
    socket?.once('connect', () => {
      fault = undefined
    })
    socket?.once('error', (error: NodeJS.ErrnoException) => {
      fault = error.code
    })
    return socket
  }
  return () => fault
}

/**
 * The identity of this application towards Azure: its managed identity; under the Core Tools on a developer's machine,
 * which has none, the account of the Azure CLI.
 * @param vault whose token a managed identity asks for at once: the vault names the scope in its first answer only, and
 * the token is there by then
 */
export async function createIdentity(
  env: Readonly<Record<string, string | undefined>>,
  vault?: URL,
): Promise<IdentityToken> {
  const { AzureCliCredential, ManagedIdentityCredential } = await import('@azure/identity')
  if (env.AZURE_FUNCTIONS_ENVIRONMENT === 'Development' && env.IDENTITY_ENDPOINT === undefined)
    return new AzureCliCredential()
  const { httpAgent, httpsAgent } = createAgents()
  // The platform's endpoint speaks plain http on the instance itself.
  const agent = env.IDENTITY_ENDPOINT?.startsWith('https:') ? httpsAgent : httpAgent
  const clientId = env.AZURE_CLIENT_ID
  const credential = new ManagedIdentityCredential({
    agent,
    ...(clientId !== undefined && clientId !== '' && { clientId }),
  })
  const identity = shared(patient(credential, watchConnections(agent)))
  // Should it fail, whoever needs the token asks again and meets the error.
  if (vault !== undefined) identity.getToken(vaultScope(vault)).catch(() => undefined)
  return identity
}

/** A token that is being asked for is not asked for twice; those that came the SDK keeps. */
function shared(identity: IdentityToken): IdentityToken {
  const underWay = new Map<string, ReturnType<IdentityToken['getToken']>>()
  return {
    getToken(scopes) {
      const key = String(scopes)
      let asked = underWay.get(key)
      if (asked === undefined) {
        asked = identity.getToken(scopes).finally(() => underWay.delete(key))
        underWay.set(key, asked)
      }
      return asked
    },
  }
}

/** The resource of a cloud's vaults is the domain that they lie in. A simulated vault on loopback is one of Azure's. */
export function vaultScope(vault: URL): string {
  const domain = isLoopback(vault) ? 'vault.azure.net' : vault.hostname.slice(vault.hostname.indexOf('.') + 1)
  return `https://${domain}/.default`
}
