import {
  accessOptions
  centralSiteName
  credentialKind
  hostingOptions
  micetroOptions
  networkOptions
  siteName
  telemetryOptions
} from 'modules/types.bicep'

metadata description = 'Everything in a resource group that exists, for whoever has no rights on the subscription, with a registration that is made elsewhere.'

@description('Required. Name of the installation.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Required. Region; one that offers the plan: deploy.sh looks at what Azure lists for FC1, for a list written here would age.')
@minLength(1)
param location string

@description('Required. The Micetro that users sign in to.')
param micetro micetroOptions

@description('Optional. Password of the Micetro API account. Empty: it stays as it is.')
@secure()
param micetroPassword string = ''

@description('Optional. Where the code runs.')
param hosting hostingOptions = { plan: 'EP1', nodeVersion: '22' }

@description('Optional. How the application proves itself to Entra ID. The safe choice is the default: no secret at all.')
param credential credentialKind = 'managed-identity'

@description('Required. Client id of the registration.')
@minLength(36)
@maxLength(36)
param entraClientId string

@description('Optional. The registration accepts accounts of other organisations.')
param multiTenant bool = false

@description('Optional. Cloud as the application names it; empty: that of the subscription. usgov-dod has no subscription cloud of its own.')
param entraCloud '' | 'commercial' | 'usgov' | 'usgov-dod' | 'china' = ''

@description('Optional. How the application reaches Micetro, vault and storage.')
param network networkOptions = { kind: 'none' }

@description('Optional. Who may call, and under which name.')
param access accessOptions = {}

@description('Optional. Who gets alerts by mail.')
param alertEmails string[] = []

@description('Optional. Object id of the person or pipeline that deploys: it uploads the package, and keeps the one before to go back to.')
param publisherPrincipalId string = ''

@description('Optional. What logs may cost, and who may send them.')
param telemetry telemetryOptions = {}

@description('Optional. Role that may set a secret, as pipelineIdentities.bicep makes it. Empty: this deployment makes one, which RBAC Administrators may not.')
param vaultWriterRoleId string = ''

@description('Do not set: ending of the names. Group and subscription are in it, so that installations in one tenant have names of their own.')
param token string = uniqueString(resourceGroup().id, environmentName, location)

var tags = { 'azd-env-name': environmentName, application: 'micetro-entra-sign-in' }

module platform 'modules/platform.bicep' = {
  params: {
    token: token
    location: location
    tags: tags
    hosting: hosting
    network: network
    access: access
    credential: credential
    micetroPassword: micetroPassword
    publisherPrincipalId: publisherPrincipalId
    vaultWriterRoleId: vaultWriterRoleId
    telemetry: telemetry
    alertEmails: alertEmails
  }
}

module configuration 'modules/configuration.bicep' = {
  params: {
    token: token
    access: access
    made: platform.outputs.wiring
    hosting: hosting
    credential: credential
    clientId: entraClientId
    multiTenant: multiTenant
    micetro: micetro
    entraCloud: entraCloud
  }
}

// Read by scripts/deploy.sh and by people; nothing here is a secret.

@description('Resource group.')
output resourceGroupName string = resourceGroup().name

@description('Function app that browsers use.')
output site string = siteName(token)

@description('Function app that only Central can reach; empty: there is none.')
output centralSite string = empty(access.?centralAddresses) ? '' : centralSiteName(token)

@description('Address of the application.')
output appUrl string = platform.outputs.appUrl

@description('Address that Azure itself gives the application, for a look at /health before a name of yours is ready.')
output probeUrl string = platform.outputs.probeUrl

@description('Address that outgoing calls come from, for a firewall in front of Micetro; empty: no fixed one.')
output outgoingAddress string = platform.outputs.outgoingAddress

@description('Address that Central posts to.')
output centralUrl string = platform.outputs.centralUrl

@description('Redirect URI of the registration.')
output redirectUri string = platform.outputs.wiring.redirectUri

@description('Central\'s own callback, a second redirect URI; empty: there is none.')
output centralCallbackUrl string = micetro.?centralCallbackUrl ?? ''

@description('Client id of the registration.')
output clientId string = entraClientId

@description('How the application proves itself.')
output credentialInUse string = credential

@description('Object id of the managed identity, the subject of the federated credential.')
output identityPrincipalId string = platform.outputs.identityPrincipalId

@description('Vault.')
output vaultName string = platform.outputs.vaultName

@description('Storage account of the packages.')
output storageName string = platform.outputs.storageName

@description('Plan, which decides how a package is deployed.')
output plan string = hosting.plan
