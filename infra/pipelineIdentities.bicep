import { clouds } from 'modules/types.bicep'

metadata description = 'The two identities of a pipeline: one deploys, one only shows what a deployment would change. They sign in by federation, without a secret. A person with the rights of an owner deploys this once, into a group that exists.'

@description('Optional. Name of the installation that the pipeline deploys.')
@minLength(1)
@maxLength(40)
param environmentName string = 'micetro-sign-in'

@description('Optional. Region of the identities.')
param location string = resourceGroup().location

@description('Optional. Where the pipeline deploys to: the subscription (main.bicep, main.registered.bicep), or the group of this deployment alone (main.group.bicep).')
param reach 'subscription' | 'group' = 'subscription'

@description('Optional. Repository on GitHub, owner/name. The two subjects below are made of it.')
param repository string = ''

@description('Optional. Who vouches for the pipeline. Default: GitHub. For Azure DevOps the issuer that the service connections show.')
param issuer string = 'https://token.actions.githubusercontent.com'

@description('Optional. Subject that may deploy. Default: the environment production of the repository. For Azure DevOps, and for a repository whose subjects are made in another way, the one that is shown there.')
param deploySubject string = empty(repository)
  ? fail('Give repository, or deploySubject and whatIfSubject.')
  : 'repo:${repository}:environment:production'

@description('Optional. Subject that may only look. Default: the environment what-if of the repository.')
param whatIfSubject string = empty(repository)
  ? fail('Give repository, or deploySubject and whatIfSubject.')
  : 'repo:${repository}:environment:what-if'

var token = uniqueString(resourceGroup().id, environmentName)
var pipelines = [
  { name: 'deploy', subject: deploySubject }
  { name: 'what-if', subject: whatIfSubject }
]

resource identities 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = [
  for pipeline in pipelines: {
    name: 'id-micetro-${pipeline.name}-${token}'
    location: location
  }
]

resource trust 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = [
  for (pipeline, index) in pipelines: {
    parent: identities[index]
    name: pipeline.name
    properties: {
      issuer: issuer
      subject: pipeline.subject
      audiences: [clouds[environment().name].tokenExchangeAudience]
    }
  }
]

module onSubscription 'modules/pipelineRightsOfSubscription.bicep' = if (reach == 'subscription') {
  scope: subscription()
  params: {
    token: token
    deployPrincipalId: identities[0].properties.principalId
    whatIfPrincipalId: identities[1].properties.principalId
  }
}

module onGroup 'modules/pipelineRightsOfGroup.bicep' = if (reach == 'group') {
  params: {
    token: token
    deployPrincipalId: identities[0].properties.principalId
    whatIfPrincipalId: identities[1].properties.principalId
  }
}

// The variables of the pipeline; nothing here is a secret.

@description('Identity that deploys.')
output deployName string = identities[0].name

@description('AZURE_CLIENT_ID of the job that deploys.')
output deployClientId string = identities[0].properties.clientId

@description('Object id of the identity that deploys: AZURE_PRINCIPAL_ID, and one of REGISTRATION_OWNERS.')
output deployPrincipalId string = identities[0].properties.principalId

@description('Identity that only shows what would change.')
output whatIfName string = identities[1].name

@description('AZURE_WHAT_IF_CLIENT_ID.')
output whatIfClientId string = identities[1].properties.clientId

@description('Object id of the identity that only shows what would change.')
output whatIfPrincipalId string = identities[1].properties.principalId

@description('VAULT_WRITER_ROLE_ID: the role that the pipeline would not be allowed to make.')
output vaultWriterRoleId string = reach == 'group'
  ? onGroup!.outputs.vaultWriterRoleId
  : onSubscription!.outputs.vaultWriterRoleId
