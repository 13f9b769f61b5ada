import type { Authority, EntraState } from './state.ts'

/** The OpenID metadata of an authority, with the members that Entra ID gives. */
export function openIdMetadata({ name, tenant }: Authority, state: EntraState): Record<string, unknown> {
  const { host, browserHost, behaviour } = state
  return {
    token_endpoint: `${host}/${name}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    jwks_uri: `${host}/${name}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerOf({ name, tenant }, state),
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${behaviour.graphUrl}/oidc/userinfo`,
    authorization_endpoint: `${browserHost}/${name}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${host}/${name}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${browserHost}/${name}/oauth2/v2.0/logout`,
    claims_supported: [
      'sub',
      'iss',
      'cloud_instance_name',
      'cloud_instance_host_name',
      'cloud_graph_host_name',
      'msgraph_host',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'acr',
      'nonce',
      'preferred_username',
      'name',
      'tid',
      'ver',
      'at_hash',
      'c_hash',
      'email',
    ],
    kerberos_endpoint: `${host}/${name}/kerberos`,
    tenant_region_scope: tenant === undefined ? null : 'EU',
    cloud_instance_name: new URL(host).host,
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: new URL(behaviour.graphUrl).host,
    rbac_url: 'https://pas.windows.net',
  }
}

export const issuerOf = ({ tenant }: Authority, { host }: EntraState): string =>
  `${host}/${tenant?.id ?? '{tenantid}'}/v2.0`

/** Which names the sign-in host has, for clients that were not told (MSAL's instance discovery). */
export function instanceMetadata({ host }: EntraState, tenant: string): Record<string, unknown> {
  const name = new URL(host).host
  return {
    tenant_discovery_endpoint: `${host}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: name, preferred_cache: name, aliases: [name] }],
  }
}
