import { expect, test } from 'vitest'
import { isObject, type JsonObject, listOf, objectOf } from './armExpression.ts'
import { deploy } from './armTemplate.ts'
import { clouds, describeTemplates, graphAppId, ofType, only, registeredClientId, texts } from './compiled.ts'

const permissions = ['User.Read', 'GroupMember.Read.All', 'openid', 'profile', 'email', 'offline_access']

describeTemplates('registration in Entra ID', ({ deployed, parameters, snapshot, template }) => {
  const changed = (changes: JsonObject): JsonObject => ({
    registration: { ...objectOf(parameters('main').registration, 'registration'), ...changes },
  })

  test('accepts one organisation, and sends the browser to the callback only', () => {
    const all = deployed('main')
    const { properties } = only(all, 'Microsoft.Graph/applications')
    const settings = only(all, 'Microsoft.Web/sites/config').properties
    expect(properties).toMatchObject({
      signInAudience: 'AzureADMyOrg',
      web: {
        redirectUris: [settings.ENTRA_REDIRECT_URI],
        implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      },
    })
    expect(new URL(String(settings.ENTRA_REDIRECT_URI)).pathname).toBe('/mmws/auth_cb/microsoft')
  })

  test("takes Central's callback as well where sign-ins start there", () => {
    const micetro = { ...objectOf(parameters('main').micetro, 'micetro') }
    micetro.centralCallbackUrl = 'https://central.example.com/mmws/auth_cb/microsoft'
    const { web } = only(deployed('main', { micetro }), 'Microsoft.Graph/applications').properties
    expect(objectOf(web, 'web').redirectUris).toEqual([expect.any(String), micetro.centralCallbackUrl])
  })

  test('a custom host name is the one that is registered and set', () => {
    const all = deployed('main', { access: { publicHostName: 'signin.example.com' } })
    const uri = 'https://signin.example.com/mmws/auth_cb/microsoft'
    expect(only(all, 'Microsoft.Graph/applications').properties.web).toMatchObject({ redirectUris: [uri] })
    expect(only(all, 'Microsoft.Web/sites/config').properties.ENTRA_REDIRECT_URI).toBe(uri)
  })

  test('asks for exactly the delegated permissions, found by name', () => {
    const { requiredResourceAccess } = only(deployed('main'), 'Microsoft.Graph/applications').properties
    const [graph, ...others] = Array.isArray(requiredResourceAccess) ? requiredResourceAccess : []
    expect(others).toEqual([])
    const { resourceAppId, resourceAccess } = objectOf(graph, 'requiredResourceAccess')
    expect(resourceAppId).toBe(graphAppId)
    expect(new Set(Array.isArray(resourceAccess) ? resourceAccess : [])).toEqual(
      new Set(permissions.map((name) => ({ id: `scope:${name}`, type: 'Scope' }))),
    )
  })

  test('consents to the same permissions for the whole organisation, when told to', () => {
    const consent = only(deployed('main'), 'Microsoft.Graph/oauth2PermissionGrants').properties
    expect(consent).toEqual({
      clientId: 'principal-id',
      resourceId: 'graph-principal-id',
      consentType: 'AllPrincipals',
      scope: permissions.join(' '),
    })
    const without = deployed('main', changed({ grantAdminConsent: false }))
    expect(ofType(without, 'Microsoft.Graph/oauth2PermissionGrants')).toEqual([])
  })

  test.each([
    [{}, [], []],
    [{ betweenSignIns: true, grantAdminConsent: false }, ['User.Read.All', 'GroupMember.Read.All'], []],
    [{ betweenSignIns: true }, ['User.Read.All', 'GroupMember.Read.All'], ['User.Read.All', 'GroupMember.Read.All']],
  ])('application permissions come by option only, and their consent with it: %j', (options, asked, granted) => {
    const all = deployed('main', changed(options))
    const { requiredResourceAccess } = only(all, 'Microsoft.Graph/applications').properties
    const [graph] = Array.isArray(requiredResourceAccess) ? requiredResourceAccess : []
    const { resourceAccess } = objectOf(graph, 'requiredResourceAccess')
    const roles = listOf(resourceAccess, 'resourceAccess').filter((each) => objectOf(each, 'access').type === 'Role')
    expect(roles).toEqual(asked.map((name) => ({ id: `role:${name}`, type: 'Role' })))
    const assigned = ofType(all, 'Microsoft.Graph/appRoleAssignedTo').map(({ properties }) => properties)
    expect(assigned).toEqual(
      granted.map((name) => ({
        principalId: 'principal-id',
        resourceId: 'graph-principal-id',
        appRoleId: `role:${name}`,
      })),
    )
  })

  test.each([false, true])('assignment required %s: the claim holds assigned groups only', (assignmentRequired) => {
    const all = deployed('main', changed({ assignmentRequired, owners: ['owner-id'] }))
    // Added to those that there are: a pipeline that deploys must not take the person off who made the registration.
    const owners = { relationships: ['owner-id'], relationshipSemantics: 'append' }
    const application = only(all, 'Microsoft.Graph/applications').properties
    const principal = only(all, 'Microsoft.Graph/servicePrincipals').properties
    expect(application).toMatchObject({ groupMembershipClaims: 'ApplicationGroup', owners })
    expect(principal).toMatchObject({
      appId: registeredClientId,
      appRoleAssignmentRequired: assignmentRequired,
      owners,
    })
    expect(objectOf(application.optionalClaims, 'optionalClaims').idToken).toMatchObject([{ name: 'email' }])
  })

  test('the managed identity is the credential, for this tenant and cloud', () => {
    const { properties } = only(deployed('main'), 'Microsoft.Graph/applications/federatedIdentityCredentials')
    expect(properties).toMatchObject({
      issuer: 'https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222/v2.0',
      subject: 'identity-principal-id',
      audiences: ['api://AzureADTokenExchange'],
    })
    const { uniqueName } = only(deployed('main'), 'Microsoft.Graph/applications').properties
    expect(properties.name).toBe(`${uniqueName}/function-app`)
  })

  test('the audience of the credential follows the cloud', () => {
    const { resources } = deploy(template('main'), parameters('main'), clouds['main.usgov'])
    const federated = resources.find((each) => each.type.endsWith('/federatedIdentityCredentials'))
    expect(federated?.properties).toMatchObject({
      issuer: 'https://login.microsoftonline.us/22222222-2222-2222-2222-222222222222/v2.0',
      audiences: ['api://AzureADTokenExchangeUSGov'],
    })
  })

  test('a certificate takes the place of the managed identity, and others stay when none is given', () => {
    const given = deployed('main', { credential: 'certificate', ...changed({ certificate: 'MIIC' }) })
    expect(ofType(given, 'Microsoft.Graph/applications/federatedIdentityCredentials')).toEqual([])
    const writes = ofType(given, 'Microsoft.Graph/applications').map((each) => each.properties.keyCredentials)
    expect(writes.filter((each) => each !== undefined)).toEqual([
      [{ displayName: 'Key Vault', type: 'AsymmetricX509Cert', usage: 'Verify', key: 'MIIC' }],
    ])
    const none = deployed('main', { credential: 'certificate' })
    expect(only(none, 'Microsoft.Graph/applications').properties).not.toHaveProperty('keyCredentials')
  })

  test('owners come from REGISTRATION_OWNERS, commas between them; unset, nobody is named', () => {
    const owners = (other?: 'other') =>
      listOf(objectOf(snapshot('main', other), 'snapshot').predictedResources, 'resources')
        .map((each) => objectOf(each, 'resource').properties)
        .flatMap((each) => (isObject(each) && isObject(each.owners) ? [each.owners.relationships] : []))
    expect(owners('other')).toEqual([
      ['owner-id', 'pipeline-id'],
      ['owner-id', 'pipeline-id'],
    ])
    expect(owners()).toEqual([[], []])
  })

  test('no password is ever made', () => {
    for (const { path } of texts(template('main'))) expect(path).not.toMatch(/passwordCredentials/)
  })

  test('several organisations are accepted only when told to', () => {
    const all = deployed('main', changed({ multiTenant: true }))
    expect(only(all, 'Microsoft.Graph/applications').properties.signInAudience).toBe('AzureADMultipleOrgs')
    expect(only(all, 'Microsoft.Web/sites/config').properties.ENTRA_TENANT_ID).toBe('organizations')
  })

  test('the template for clouds without the Graph extension has no trace of it', () => {
    for (const { path, text } of texts(template('main.usgov')))
      expect(`${path} ${text}`).not.toMatch(/Microsoft\.?Graph/i)
  })
})
