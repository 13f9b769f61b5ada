import { createAgents } from '../outgoing/http.ts'

/** Asks for an access token; what the SDKs of Azure call a TokenCredential. */
export interface IdentityToken {
  getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number } | null>
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
  return new ManagedIdentityCredential({ agent, ...(clientId !== undefined && clientId !== '' && { clientId }) })
}
