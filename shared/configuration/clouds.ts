/**
 * The national clouds of Microsoft. Vendor host names stand here and nowhere else; a new cloud is a new row.
 * Source: Microsoft's pages "National clouds authentication" and "Microsoft Graph national cloud deployments".
 */
export interface Cloud {
  /** Origin of the sign-in service. */
  login: string
  /** Root of Microsoft Graph. */
  graph: string
  /** Audience of a managed identity's token that serves as a federated credential. */
  tokenExchangeAudience: string
}

export const clouds = {
  commercial: {
    login: 'https://login.microsoftonline.com',
    graph: 'https://graph.microsoft.com',
    tokenExchangeAudience: 'api://AzureADTokenExchange',
  },
  usgov: {
    login: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us',
    tokenExchangeAudience: 'api://AzureADTokenExchangeUSGov',
  },
  'usgov-dod': {
    login: 'https://login.microsoftonline.us',
    graph: 'https://dod-graph.microsoft.us',
    tokenExchangeAudience: 'api://AzureADTokenExchangeUSGov',
  },
  china: {
    login: 'https://login.partner.microsoftonline.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    tokenExchangeAudience: 'api://AzureADTokenExchangeChina',
  },
} as const satisfies Record<string, Cloud>

export type KnownCloud = keyof typeof clouds

/** `custom`: the hosts come from app settings, never from a configuration that a page sent. */
export type CloudName = KnownCloud | 'custom'

export const cloudNames = [...(Object.keys(clouds) as KnownCloud[]), 'custom'] as const satisfies readonly CloudName[]

/** Tenant names that stand for "any organisation" instead of naming one. */
export function isMultiTenant(tenantId: string): boolean {
  return ['common', 'organizations', 'consumers'].includes(tenantId.toLowerCase())
}
