import { createAgents } from '../outgoing/http.ts'
import { withLimit } from '../outgoing/limit.ts'

/** Asks for an access token; what the SDKs of Azure call a TokenCredential. */
export interface IdentityToken {
  getToken(scopes: string | string[], options?: object): Promise<{ token: string; expiresOnTimestamp: number } | null>
}

/** Time for one try, in milliseconds; the SDK has no limit of its own. */
const tryFor = 2500

/** Asks once more after a failure or no answer: a token may be asked for as often as one likes. */
export function patient(identity: IdentityToken): IdentityToken {
  return {
    async getToken(scopes, options) {
      const ask = () =>
        withLimit(identity.getToken(scopes, options), tryFor, () =>
          Object.assign(new Error('the managed identity took too long'), { name: 'TimeoutError' }),
        )
      return ask().catch(ask)
    },
  }
}

/**
 * The identity of this application towards Azure: its managed identity; under the Core Tools on a developer's machine,
 * which has none, the account of the Azure CLI.
 */
export async function createIdentity(env: Readonly<Record<string, string | undefined>>): Promise<IdentityToken> {
  const { AzureCliCredential, ManagedIdentityCredential } = await import('@azure/identity')
  if (env.AZURE_FUNCTIONS_ENVIRONMENT === 'Development' && env.IDENTITY_ENDPOINT === undefined)
    return new AzureCliCredential()
  const { httpAgent, httpsAgent } = createAgents()
  // The platform's endpoint speaks plain http on the instance itself.
  const agent = env.IDENTITY_ENDPOINT?.startsWith('https:') ? httpsAgent : httpAgent
  const clientId = env.AZURE_CLIENT_ID
  return patient(
    new ManagedIdentityCredential({ agent, ...(clientId !== undefined && clientId !== '' && { clientId }) }),
  )
}
