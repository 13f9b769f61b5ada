import { assignedRoles } from 'types.bicep'

metadata description = 'Storage of the Functions host (its keys, locks) and of the deployed packages, by identity only.'

@description('Required. Ending of the name.')
@minLength(8)
param token string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Identity of the function apps.')
param identityName string

@description('Required. Containers for packages, one for each function app.')
param packageContainers string[]

@description('Optional. Principal that uploads packages, and keeps the one before to go back to.')
param publisherPrincipalId string = ''

@description('Required. True: reachable through its private endpoint only.')
param privateOnly bool

// The names of the assignments below are made of its id, known before the deployment, so that what-if can show them.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  sku: { name: 'Standard_LRS' }
  kind: 'StorageV2'
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateOnly ? 'Disabled' : 'Enabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: privateOnly ? 'Deny' : 'Allow' }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource packages 'containers' = [
      for container in packageContainers: {
        name: container
        properties: { publicAccess: 'None' }
      }
    ]
  }
}

var hostRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', assignedRoles.hostStorage)

resource host 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identity.id, hostRole)
  scope: account
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: hostRole
  }
}

var publisherRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', assignedRoles.publishPackage)

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (container, index) in packageContainers: if (!empty(publisherPrincipalId)) {
    name: guid(account.id, container, publisherPrincipalId, publisherRole)
    scope: account::blobs::packages[index]
    // No principalType: a person or a pipeline may be the publisher, and a wrong one is refused. It is there for principals
    // that were made a moment ago; a publisher is older.
    properties: { principalId: publisherPrincipalId, roleDefinitionId: publisherRole }
  }
]

@description('Resource id.')
output id string = account.id

@description('Name.')
output name string = account.name

@description('Blob endpoint with a trailing slash; its suffix follows the cloud.')
output blobEndpoint string = account.properties.primaryEndpoints.blob
