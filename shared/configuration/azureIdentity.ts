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
  const clientId = env.AZURE_CLIENT_ID
  return clientId === undefined || clientId === ''
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId })
}
