targetScope = 'subscription'

import { assignableRoles, grantsOf, pipelineRoles } from 'pipelineTypes.bicep'

metadata description = 'Gives the identities of a pipeline their rights in a subscription.'

@description('Required. Ending of the names.')
param token string

@description('Required. Object id of the identity that deploys.')
param deployPrincipalId string

@description('Required. Object id of the identity that only looks.')
param whatIfPrincipalId string

var secretSetter = guid(subscription().id, token, 'setSecret')

resource roles 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in items(pipelineRoles): {
    name: guid(subscription().id, token, role.key)
    properties: {
      roleName: 'Micetro sign-in: ${role.value.name} (${token})'
      description: role.value.description
      type: 'CustomRole'
      assignableScopes: [subscription().id]
      permissions: role.value.permissions
    }
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in grantsOf(
    deployPrincipalId,
    whatIfPrincipalId,
    guid(subscription().id, token, 'whatIf'),
    concat(assignableRoles, [secretSetter])
  ): {
    name: guid(subscription().id, grant.principalId, grant.role)
    properties: {
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      ...(empty(grant.condition) ? {} : { condition: grant.condition, conditionVersion: '2.0' })
    }
    dependsOn: [roles]
  }
]

@description('Role that may set a secret.')
output vaultWriterRoleId string = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretSetter)
