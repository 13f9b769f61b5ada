import { assignedRoles, secretNames, setSecret, credentialKind } from 'types.bicep'

metadata description = 'The vault, the secrets that must exist from the start, and who may read or set each of them.'

@description('Required. Ending of the name.')
param token string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Identity of the function apps.')
param identityName string

@description('Required. Workspace for the audit log.')
param workspaceId string

@description('Required. True: reachable through its private endpoint only.')
param privateOnly bool

@description('Required. How the application proves itself.')
param credential credentialKind

@description('Optional. Role that may set a secret. Empty: one is made, which who deploys must have the right to.')
param vaultWriterRoleId string = ''

@description('Optional. Password of the Micetro API account. Empty: it stays as it is.')
@secure()
param micetroPassword string = ''

@description('Do not set: randomness for the key that seals the sign-in cookie, used on the first deployment only.')
@secure()
param signInKeySeed string = '${newGuid()}${newGuid()}'

// The names of the assignments below are made of its id, known before the deployment, so that what-if can show them.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: privateOnly ? 'Disabled' : 'Enabled'
    // Azure Resource Manager, which writes the secrets below, is one of the trusted services.
    networkAcls: { bypass: 'AzureServices', defaultAction: privateOnly ? 'Deny' : 'Allow' }
  }
}

// The first 42 hexadecimal digits of two GUIDs are valid base64 characters, and 'A=' closes 44 characters that decode to
// exactly 32 bytes with about 160 random bits. Templates have no other source of randomness, and a deployment script
// would need a storage key. An existing key is left alone, so that a later deployment ends nobody's sign-in.
@onlyIfNotExists()
resource signInKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: secretNames.signInKey
  properties: {
    value: '${take(replace(signInKeySeed, '-', ''), 42)}A='
    contentType: 'application/octet-stream;base64'
  }
}

// A role assignment whose scope is one secret needs that secret to be there, so the ones that are filled later start with
// a harmless value: an empty configuration is a valid one, and the content type "placeholder" stands for no value at all.
// Existing values are never overwritten.
@onlyIfNotExists()
resource configuration 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: secretNames.configuration
  properties: { value: '{}', contentType: 'application/json' }
}

// A certificate owns the secret of its name: it is there first (docs/deploy.md), and only the vault writes that secret.
var credentialName = credential == 'certificate' ? secretNames.certificate : secretNames.credential

@onlyIfNotExists()
resource clientCredential 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (credential != 'certificate') {
  parent: vault
  name: secretNames.credential
  properties: { value: 'not set yet: save a credential at /config', contentType: 'placeholder' }
}

@onlyIfNotExists()
resource passwordPlaceholder 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (empty(micetroPassword)) {
  parent: vault
  name: secretNames.micetroPassword
  properties: { value: 'not set yet: see docs/deploy.md', contentType: 'placeholder' }
}

resource password 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(micetroPassword)) {
  parent: vault
  name: secretNames.micetroPassword
  properties: { value: micetroPassword, contentType: 'text/plain' }
}

@onlyIfNotExists()
resource candidate 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: secretNames.candidate
  properties: { value: 'nothing is being tried: see Test sign-in at /config', contentType: 'placeholder' }
}

var readNames = [
  secretNames.configuration
  credentialName
  secretNames.signInKey
  secretNames.micetroPassword
  secretNames.candidate
]
var setNames = concat(
  [secretNames.configuration, secretNames.candidate],
  credential == 'certificate' ? [] : [secretNames.credential]
)

resource readSecrets 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = [
  for name in readNames: {
    parent: vault
    name: name
  }
]

resource setSecrets 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = [
  for name in setNames: {
    parent: vault
    name: name
  }
]

var readRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', assignedRoles.readSecret)

resource readers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, index) in readNames: {
    name: guid(vault.id, name, identity.id, readRole)
    scope: readSecrets[index]
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: readRole
    }
    dependsOn: [signInKey, configuration, clientCredential, passwordPlaceholder, password, candidate]
  }
]

resource setRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (empty(vaultWriterRoleId)) {
  name: guid(vault.id, 'secret-setter')
  properties: {
    roleName: 'Micetro sign-in: set a secret of ${vault.name}'
    description: setSecret.description
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: setSecret.permissions
  }
}

var setRoleId = empty(vaultWriterRoleId) ? setRole.id : vaultWriterRoleId

resource setters 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, index) in setNames: {
    name: guid(vault.id, name, identity.id, setRoleId)
    scope: setSecrets[index]
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: setRoleId
    }
    dependsOn: [configuration, clientCredential, candidate]
  }
]

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

@description('Resource id.')
output id string = vault.id

@description('Name.')
output name string = vault.name

@description('Address without a trailing slash; its suffix follows the cloud.')
output url string = 'https://${vault.name}${environment().suffixes.keyvaultDns}'

@description('Name of the secret that holds the credential.')
output credentialName string = credentialName
