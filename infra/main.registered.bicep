targetScope = 'subscription'

import {
  accessOptions
  credentialKind
  hostingOptions
  micetroOptions
  networkOptions
  telemetryOptions
} from 'modules/types.bicep'

metadata description = 'The same as main.bicep for a registration that is made elsewhere: by scripts/registration.sh, which deploy.sh calls, in clouds without the Graph extension, or by another team.'

@description('Required. Name of the installation; part of the resource group and the tags.')
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

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, application: 'micetro-entra-sign-in' }

// The one resource of this file: the modules below need it as their scope, and a scope must be a symbol.
resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module installation 'main.group.bicep' = {
  scope: group
  params: {
    environmentName: environmentName
    token: token
    location: location
    micetro: micetro
    micetroPassword: micetroPassword
    hosting: hosting
    credential: credential
    entraClientId: entraClientId
    multiTenant: multiTenant
    entraCloud: entraCloud
    network: network
    access: access
    alertEmails: alertEmails
    publisherPrincipalId: publisherPrincipalId
    vaultWriterRoleId: vaultWriterRoleId
    telemetry: telemetry
  }
}

// Read by scripts/deploy.sh and by people; nothing here is a secret.

@description('Resource group.')
output resourceGroupName string = installation.outputs.resourceGroupName

@description('Function app that browsers use.')
output site string = installation.outputs.site

@description('Function app that only Central can reach; empty: there is none.')
output centralSite string = installation.outputs.centralSite

@description('Address of the application.')
output appUrl string = installation.outputs.appUrl

@description('Address that Azure itself gives the application, for a look at /health before a name of yours is ready.')
output probeUrl string = installation.outputs.probeUrl

@description('Address that outgoing calls come from, for a firewall in front of Micetro; empty: no fixed one.')
output outgoingAddress string = installation.outputs.outgoingAddress

@description('Address that Central posts to.')
output centralUrl string = installation.outputs.centralUrl

@description('Redirect URI of the registration.')
output redirectUri string = installation.outputs.redirectUri

@description('Central\'s own callback, a second redirect URI; empty: there is none.')
output centralCallbackUrl string = installation.outputs.centralCallbackUrl

@description('Client id of the registration.')
output clientId string = installation.outputs.clientId

@description('How the application proves itself.')
output credentialInUse string = installation.outputs.credentialInUse

@description('Object id of the managed identity, the subject of the federated credential.')
output identityPrincipalId string = installation.outputs.identityPrincipalId

@description('Vault.')
output vaultName string = installation.outputs.vaultName

@description('Storage account of the packages.')
output storageName string = installation.outputs.storageName

@description('Plan, which decides how a package is deployed.')
output plan string = installation.outputs.plan
