targetScope = 'subscription'

import {
  accessOptions
  centralSiteName
  credentialKind
  hostingOptions
  micetroOptions
  networkOptions
  siteName
} from 'modules/types.bicep'

metadata description = 'The same as main.bicep for a registration that is made elsewhere: by scripts/registration.sh, which deploy.sh calls, in clouds without the Graph extension, or by another team.'

@description('Required. Name of the installation; part of the resource group and the tags.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Required. Region.')
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

@description('Optional. Principal that uploads packages; needed on EP1 and P1v3.')
param publisherPrincipalId string = ''

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, application: 'micetro-entra-sign-in' }

// The one resource of this file: the modules below need it as their scope, and a scope must be a symbol.
resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module platform 'modules/platform.bicep' = {
  scope: group
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
    alertEmails: alertEmails
  }
}

module configuration 'modules/configuration.bicep' = {
  scope: group
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
output resourceGroupName string = group.name

@description('Function app that browsers use.')
output site string = siteName(token)

@description('Function app that only Central can reach; empty: there is none.')
output centralSite string = empty(access.?centralAddresses) ? '' : centralSiteName(token)

@description('Address of the application.')
output appUrl string = platform.outputs.appUrl

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
