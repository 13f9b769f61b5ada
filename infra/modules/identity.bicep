metadata description = 'The identity of the application towards Azure and, as a federated credential, towards Entra ID.'

@description('Required. Name of the identity.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

// User-assigned: a system-assigned identity cannot be a federated credential, and would not exist before the site.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id.')
output id string = identity.id

@description('Object id; the subject of the federated credential.')
output principalId string = identity.properties.principalId

@description('Client id, by which code asks for this identity.')
output clientId string = identity.properties.clientId
