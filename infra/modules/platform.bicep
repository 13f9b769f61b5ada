import {
  accessOptions
  callbackPath
  centralSiteName
  credentialKind
  endpointSubnet
  hostingOptions
  integrationSubnet
  networkOptions
  siteName
  telemetryOptions
  wiring
} from 'types.bicep'

metadata description = 'Everything but the registration and the settings that depend on it.'

@description('Required. Ending of the names.')
param token string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Where the code runs.')
param hosting hostingOptions

@description('Required. Outgoing network and private endpoints.')
param network networkOptions

@description('Required. Who may call.')
param access accessOptions

@description('Required. How the application proves itself.')
param credential credentialKind

@description('Optional. Password of the Micetro API account. Empty: it stays as it is.')
@secure()
param micetroPassword string = ''

@description('Optional. Principal that uploads packages.')
param publisherPrincipalId string = ''

@description('Optional. Role that may set a secret. Empty: one is made.')
param vaultWriterRoleId string = ''

@description('Required. What logs may cost, and who may send them.')
param telemetry telemetryOptions

@description('Required. Who gets alerts.')
param alertEmails string[]

var centralAddresses = access.?centralAddresses ?? []
var hasCentralApp = !empty(centralAddresses)

var identityName = 'id-micetro-${token}'
var newNetworkName = 'vnet-micetro-${token}'

// Flex Consumption keeps its package under a fixed name, so two apps cannot share a container.
var mainContainer = 'packages'
var centralContainer = 'packages-central'

module identity 'identity.bicep' = {
  params: { name: identityName, location: location, tags: tags }
}

module monitoring 'monitoring.bicep' = {
  params: { token: token, location: location, tags: tags, identityName: identityName, telemetry: telemetry }
  dependsOn: [identity]
}

module newNetwork 'network.bicep' = if (network.kind == 'new') {
  params: {
    name: newNetworkName
    location: location
    tags: tags
    addressPrefix: network.kind == 'new' ? network.addressPrefix : ''
    delegation: hosting.plan == 'FC1' ? 'Microsoft.App/environments' : 'Microsoft.Web/serverFarms'
    dnsServers: network.?dnsServers ?? []
    routeTableId: network.?routeTableId ?? ''
    networkSecurityGroupId: network.?networkSecurityGroupId ?? ''
    natGateway: network.?natGateway ?? false
  }
}

var hasEndpoints = network.kind == 'new' || (network.kind == 'existing' && !empty(network.?endpointSubnetId))
var subnetType = 'Microsoft.Network/virtualNetworks/subnets'
var integrationSubnetId = network.kind == 'new'
  ? resourceId(subnetType, newNetworkName, integrationSubnet)
  : (network.?integrationSubnetId ?? '')
var endpointSubnetId = network.kind == 'new'
  ? resourceId(subnetType, newNetworkName, endpointSubnet)
  : (network.?endpointSubnetId ?? '')

module storage 'storage.bicep' = {
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityName
    packageContainers: hasCentralApp ? [mainContainer, centralContainer] : [mainContainer]
    publisherPrincipalId: publisherPrincipalId
    privateOnly: hasEndpoints
  }
  dependsOn: [identity]
}

module vault 'keyVault.bicep' = {
  params: {
    token: token
    location: location
    tags: tags
    identityName: identityName
    workspaceId: monitoring.outputs.vaultWorkspaceId
    vaultWriterRoleId: vaultWriterRoleId
    privateOnly: hasEndpoints
    credential: credential
    micetroPassword: micetroPassword
  }
  dependsOn: [identity]
}

module vaultEndpoint 'privateEndpoint.bicep' = if (hasEndpoints) {
  params: {
    name: 'pe-vault-${token}'
    location: location
    tags: tags
    targetId: vault.outputs.id
    group: 'vault'
    subnetId: endpointSubnetId
    // .vault.azure.net is served privately as privatelink.vaultcore.azure.net, and alike in the other clouds.
    zoneName: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
    existingZoneId: network.?vaultZoneId ?? ''
  }
  dependsOn: [newNetwork]
}

module storageEndpoint 'privateEndpoint.bicep' = if (hasEndpoints) {
  params: {
    name: 'pe-blob-${token}'
    location: location
    tags: tags
    targetId: storage.outputs.id
    group: 'blob'
    subnetId: endpointSubnetId
    zoneName: 'privatelink.blob.${environment().suffixes.storage}'
    existingZoneId: network.?blobZoneId ?? ''
  }
  dependsOn: [newNetwork]
}

module mainApp 'functionApp.bicep' = {
  params: {
    name: siteName(token)
    location: location
    tags: { ...tags, 'azd-service-name': 'api' }
    hosting: hosting
    identityId: identity.outputs.id
    packageContainerUrl: '${storage.outputs.blobEndpoint}${mainContainer}'
    integrationSubnetId: integrationSubnetId
    allowedAddresses: access.?browserAddresses ?? []
  }
  dependsOn: [newNetwork]
}

// App Service restricts addresses for a whole site, never for a path, and browsers need the other paths. So where Central's
// route is to be restricted it moves to a second app, which runs the same package and is open to Central's servers only.
module centralApp 'functionApp.bicep' = if (hasCentralApp) {
  params: {
    name: centralSiteName(token)
    location: location
    tags: tags
    hosting: hosting
    identityId: identity.outputs.id
    packageContainerUrl: '${storage.outputs.blobEndpoint}${centralContainer}'
    integrationSubnetId: integrationSubnetId
    allowedAddresses: centralAddresses
  }
  dependsOn: [newNetwork]
}

module alerts 'alerts.bicep' = {
  params: {
    token: token
    location: location
    tags: tags
    componentId: monitoring.outputs.componentId
    workspaceId: monitoring.outputs.workspaceId
    vaultWorkspaceId: monitoring.outputs.vaultWorkspaceId
    emails: alertEmails
    reconcileSilentHours: telemetry.?reconcileSilentHours ?? 3
  }
}

module workbook 'workbook.bicep' = {
  params: {
    token: token
    location: location
    tags: tags
    componentId: monitoring.outputs.componentId
    vaultWorkspaceId: monitoring.outputs.vaultWorkspaceId
  }
}

var hostName = access.?publicHostName ?? mainApp.outputs.hostName

@description('What the settings of the function apps are made of.')
output wiring wiring = {
  identityId: identity.outputs.id
  identityClientId: identity.outputs.clientId
  blobEndpoint: storage.outputs.blobEndpoint
  insightsConnectionString: monitoring.outputs.connectionString
  insightsAuthentication: monitoring.outputs.tokenOnly ? 'ClientId=${identity.outputs.clientId};Authorization=AAD' : ''
  vaultUrl: vault.outputs.url
  credentialSecretName: vault.outputs.credentialName
  redirectUri: 'https://${hostName}${callbackPath}'
  packageContainerUrl: '${storage.outputs.blobEndpoint}${mainContainer}'
  centralPackageContainerUrl: '${storage.outputs.blobEndpoint}${centralContainer}'
}

@description('Object id of the managed identity.')
output identityPrincipalId string = identity.outputs.principalId

@description('Address of the application.')
output appUrl string = 'https://${hostName}'

@description('Address that Azure itself gives the application. It answers from the first deployment on, whatever the DNS record and the certificate of a name of yours do.')
output probeUrl string = 'https://${mainApp.outputs.hostName}'

@description('Address that outgoing calls come from; empty: no fixed one.')
output outgoingAddress string = newNetwork.?outputs.outgoingAddress ?? ''

@description('Address that Central posts to.')
output centralUrl string = 'https://${hasCentralApp ? centralApp!.outputs.hostName : hostName}/central/auth_cb'

@description('Name of the vault.')
output vaultName string = vault.outputs.name

@description('Name of the storage account.')
output storageName string = storage.outputs.name
