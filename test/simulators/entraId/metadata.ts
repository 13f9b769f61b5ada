import type { Authority, EntraState } from './state.ts'

/** The OpenID metadata of an authority, with those of Entra ID's members that clients read. */
export function openIdMetadata(authority: Authority, state: EntraState): Record<string, unknown> {
  const { host, browserHost } = state
  const { name } = authority
  return {
    token_endpoint: `${host}/${name}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    jwks_uri: `${host}/${name}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerOf(authority, state),
    authorization_endpoint: `${browserHost}/${name}/oauth2/v2.0/authorize`,
    cloud_instance_name: new URL(host).host,
  }
}

export const issuerOf = ({ tenant }: Authority, { host }: EntraState): string =>
  `${host}/${tenant?.id ?? '{tenantid}'}/v2.0`
