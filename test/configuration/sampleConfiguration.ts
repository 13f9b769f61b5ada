import {
  type EntraConfiguration,
  resolveConfiguration,
  type SavedConfiguration,
} from '../../shared/configuration/entraConfiguration.ts'

export const tenantId = '11111111-1111-4111-8111-111111111111'
export const clientId = '33333333-3333-4333-8333-333333333333'
export const redirectUri = 'https://signin.contoso.com/mmws/auth_cb/microsoft'

/** The least that is a configuration. */
export const least = { tenant_id: tenantId, client_id: clientId, redirect_uri: redirectUri } as const

export const customCloud = { login: 'https://login.custom.test', graph: 'https://graph.custom.test' }

/** The configuration in force with these values saved. */
export function configurationOf(values: SavedConfiguration = {}): EntraConfiguration {
  return resolveConfiguration([{ source: 'saved', values: { ...least, ...values } }], customCloud).configuration
}
