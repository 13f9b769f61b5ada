extension microsoftGraphV1

import { registrationOptions, credentialKind, clouds, graphScopes, openIdScopes } from 'types.bicep'

metadata description = 'The application in Entra ID, its permissions and its credential. scripts/registration.sh makes the same where this extension is not available.'

@description('Required. Key of the registration; never changes. A registration made by hand has none.')
param uniqueName string

@description('Required. Addresses that Entra ID may send the browser back to.')
param redirectUris string[]

@description('Required. Audience, owners, consent, assignment.')
param registration registrationOptions

@description('Required. How the application proves itself.')
param credential credentialKind

@description('Required. Object id of the managed identity.')
param identityPrincipalId string

var assignmentRequired = registration.?assignmentRequired ?? false
var certificate = registration.?certificate ?? ''

// The same in every cloud; everything else about Graph is looked up.
var graphAppId = '00000003-0000-0000-c000-000000000000'

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: graphAppId
}

var permissions = concat(graphScopes, openIdScopes)
// For the application itself, with nobody signed in; only by the option, for they read the whole tenant.
var applicationPermissions = (registration.?betweenSignIns ?? false) ? ['User.Read.All', 'GroupMember.Read.All'] : []

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: registration.?displayName ?? 'Micetro sign-in'
  description: 'Signs users in to Micetro and keeps their accounts and group memberships in step.'
  signInAudience: (registration.?multiTenant ?? false) ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'
  web: {
    redirectUris: redirectUris
    implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false }
  }
  requiredResourceAccess: [
    {
      resourceAppId: graphAppId
      // By name: ids are easily confused with those of application permissions.
      resourceAccess: concat(
        map(filter(graph.oauth2PermissionScopes, scope => contains(permissions, scope.value)), scope => {
          id: scope.id
          type: 'Scope'
        }),
        map(filter(graph.appRoles, role => contains(applicationPermissions, role.value)), role => {
          id: role.id
          type: 'Role'
        })
      )
    }
  ]
  // Whoever assigns a group to the application limits the claim by it, below the 200 groups above which there is no claim.
  groupMembershipClaims: 'ApplicationGroup'
  optionalClaims: { idToken: [{ name: 'email', essential: false, additionalProperties: [] }] }
  owners: { relationships: registration.?owners ?? [], relationshipSemantics: 'append' }

  // The identity's own token is the credential: there is no secret to store, leak or renew.
  resource federated 'federatedIdentityCredentials' = if (credential == 'managed-identity') {
    name: '${uniqueName}/function-app'
    description: 'Managed identity of the function app'
    issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
    subject: identityPrincipalId
    audiences: [clouds[environment().name].tokenExchangeAudience]
  }
}

// Apart, because naming keyCredentials at all replaces them: a deployment without a certificate leaves them as they are.
module withCertificate 'registrationCertificate.bicep' = if (credential == 'certificate' && !empty(certificate)) {
  params: { uniqueName: application.uniqueName, displayName: application.displayName, certificate: certificate }
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
  appRoleAssignmentRequired: assignmentRequired
  owners: { relationships: registration.?owners ?? [], relationshipSemantics: 'append' }
  // Shown among the enterprise applications of the portal.
  tags: ['WindowsAzureActiveDirectoryIntegratedApp']
}

// requiredResourceAccess only fills the consent page; this is the consent.
resource consent 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = if (registration.grantAdminConsent) {
  clientId: servicePrincipal.id
  resourceId: graph.id
  consentType: 'AllPrincipals'
  scope: join(permissions, ' ')
}

// The consent to application permissions: one assignment of a role each.
resource applicationConsent 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for name in registration.grantAdminConsent ? applicationPermissions : []: {
    principalId: servicePrincipal.id
    resourceId: graph.id
    appRoleId: filter(graph.appRoles, role => role.value == name)[0].id
  }
]

@description('Client id.')
output clientId string = application.appId

@description('Object id of the enterprise application, where users and groups are assigned.')
output servicePrincipalId string = servicePrincipal.id
