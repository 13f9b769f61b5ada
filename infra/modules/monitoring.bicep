import { assignedRoles, telemetryOptions } from 'types.bicep'

metadata description = 'Logs: a workspace for the vault, another one for the application, and Application Insights on top of that.'

@description('Required. Ending of the names.')
param token string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Identity of the function apps.')
param identityName string

@description('Required. What logs may cost, and who may send them.')
param telemetry telemetryOptions

var cap = telemetry.?dailyCapGigabytes ?? 1
var tokenOnly = telemetry.?tokenOnly ?? true

// The names of the assignments below are made of its id, known before the deployment, so that what-if can show them.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

// Two, because each has a daily cap: the vault logs refused calls of anybody who knows its name, and they must not be able
// to end the log of the application.
resource workspaces 'Microsoft.OperationalInsights/workspaces@2023-09-01' = [
  for name in ['micetro', 'vault']: {
    name: 'log-${name}-${token}'
    location: location
    tags: tags
    properties: {
      sku: { name: 'PerGB2018' }
      retentionInDays: 90
      features: { disableLocalAuth: tokenOnly }
      workspaceCapping: { dailyQuotaGb: cap == 0 ? -1 : cap }
    }
  }
]

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-micetro-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspaces[0].id
    // The instrumentation key in the connection string then opens nothing: telemetry needs a token of the identity.
    DisableLocalAuth: tokenOnly
  }
}

var publisherRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', assignedRoles.sendTelemetry)

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, identity.id, publisherRole)
  scope: component
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: publisherRole
  }
}

@description('Resource id of the workspace under Application Insights.')
output workspaceId string = workspaces[0].id

@description('Resource id of the workspace with the vault\'s audit log.')
output vaultWorkspaceId string = workspaces[1].id

@description('Resource id of Application Insights.')
output componentId string = component.id

@description('Where telemetry goes. No secret while only tokens count.')
output connectionString string = component.properties.ConnectionString

@description('Telemetry is sent with a token of the identity.')
output tokenOnly bool = tokenOnly
