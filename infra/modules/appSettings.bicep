import { hostingOptions, micetroOptions, secretNames, credentialKind, graphScopes, wiring } from 'types.bicep'

metadata description = 'All app settings of one function app. The resource replaces every setting, so nothing else may set one.'

@description('Required. Function app.')
param siteName string

@description('Required. Decides which of the platform\'s settings are needed.')
param hosting hostingOptions

@description('Required. Container of the deployed package, as an address.')
param packageContainerUrl string

@description('Required. What the platform made.')
param made wiring

@description('Required. How the application proves itself.')
param credential credentialKind

@description('Required. Tenant id, or organizations.')
param tenantId string

@description('Required. Client id of the registration.')
param clientId string

@description('Required. Cloud as the application names it.')
param entraCloud string

@description('Required. Micetro.')
param micetro micetroOptions

@description('Required. Names of functions that this app does not serve.')
param disabledFunctions string[]

var flex = hosting.plan == 'FC1'

var application = {
  KEY_VAULT_URL: made.vaultUrl
  ENTRA_CONFIG_SECRET: secretNames.configuration
  ENTRA_CREDENTIAL_SECRET: made.credentialSecretName
  SIGN_IN_KEY_SECRET: secretNames.signInKey
  MICETRO_PASSWORD_SECRET: secretNames.micetroPassword
  ENTRA_CANDIDATE_SECRET: secretNames.candidate
  ENTRA_TENANT_ID: tenantId
  ENTRA_CLIENT_ID: clientId
  ENTRA_REDIRECT_URI: made.redirectUri
  ENTRA_SCOPE: join(graphScopes, ' ')
  ENTRA_CREDENTIAL_KIND: credential
  ENTRA_CLOUD: entraCloud
  // Only a custom cloud has these two; empty counts as not set.
  ENTRA_AUTHORITY_HOST: ''
  GRAPH_ENDPOINT: ''
  MICETRO_API_URLS: join(micetro.apiUrls, ',')
  MICETRO_API_USER: micetro.apiUser
  MICETRO_WEB_URL: micetro.webUrl
  MICETRO_CA_CERTIFICATES: micetro.?caCertificates ?? ''
  CENTRAL_CALLBACK_URL: micetro.?centralCallbackUrl ?? ''
  // Empty counts as not set: once an hour.
  RECONCILE_SCHEDULE: micetro.?reconcileSchedule ?? ''
}

var platform = {
  // Which identity the Azure SDK asks for; a user-assigned one is not found without it.
  AZURE_CLIENT_ID: made.identityClientId
  // The address, not the account's name: from a name the host makes an address of the commercial cloud.
  AzureWebJobsStorage__blobServiceUri: made.blobEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: made.identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: made.insightsConnectionString
  ...(empty(made.insightsAuthentication)
    ? {}
    : { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: made.insightsAuthentication })
  AzureWebJobsDisableHomepage: 'true'
}

// Flex Consumption has these in functionAppConfig and refuses them as settings. The package comes by its address and the
// identity, because the content share of the other plans would need a storage key.
var otherPlans = {
  FUNCTIONS_EXTENSION_VERSION: '~4'
  FUNCTIONS_WORKER_RUNTIME: 'node'
  WEBSITE_RUN_FROM_PACKAGE: '${packageContainerUrl}/app.zip'
  WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: made.identityId
}

resource site 'Microsoft.Web/sites@2024-04-01' existing = {
  name: siteName
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: site
  name: 'appsettings'
  properties: {
    ...application
    ...platform
    ...(flex ? {} : otherPlans)
    ...toObject(disabledFunctions, name => 'AzureWebJobs.${name}.Disabled', name => 'true')
  }
}
