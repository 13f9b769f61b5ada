metadata description = 'What the identities of a pipeline may do, the same for a subscription and for a group. Creates nothing.'

import { assignedRoles, setSecret } from 'types.bicep'

@export()
@description('Roles that no built-in one stands for, by the part of their name that is unique.')
var pipelineRoles = {
  whatIf: {
    name: 'what-if'
    description: 'Shows what a deployment would change, and changes nothing.'
    permissions: [
      {
        actions: [
          '*/read'
          'Microsoft.Resources/deployments/whatIf/action'
          'Microsoft.Resources/deployments/validate/action'
        ]
      }
    ]
  }
  // Made here, so that the pipeline needs no right to make roles: who may write a role can give any right to anybody.
  setSecret: { name: 'set a secret', ...setSecret }
}

@export()
@description('Roles that the pipeline may assign, the one that is made here apart.')
var assignableRoles = map(items(assignedRoles), role => role.value)

@export()
type grant = {
  principalId: string

  @description('Id of the role, without the scope.')
  role: string

  @description('Empty: none.')
  condition: string
}

@export()
@description('Lets the holder assign and take away these roles and no others. Source: Microsoft\'s page on delegating role assignments with conditions.')
func onlyThese(roles string[]) string =>
  '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${join(roles, ', ')}})) AND ((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/delete\'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${join(roles, ', ')}}))'

@export()
@description('Contributor and, with a condition, Role Based Access Control Administrator for the one; the role that looks for the other.')
func grantsOf(deploy string, whatIf string, whatIfRole string, assignable string[]) grant[] => [
  { principalId: deploy, role: 'b24988ac-6180-42a0-ab88-20f7382dd24c', condition: '' }
  { principalId: deploy, role: 'f58310d9-a9f6-439a-9e8d-f62e7b41a168', condition: onlyThese(assignable) }
  { principalId: whatIf, role: whatIfRole, condition: '' }
]
