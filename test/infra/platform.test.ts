import { expect, test } from 'vitest'
import { type JsonObject, listOf, objectOf } from './armExpression.ts'
import type { Deployed, Resource } from './armTemplate.ts'
import { describeTemplates, ofType, only, texts, type Way } from './compiled.ts'

const ways: Way[] = ['main', 'main.usgov', 'main.group']

/** The last parts of an id, without the generated ones. */
const shortId = (id: string | undefined): string =>
  (id ?? '').replace(/^.*?\/providers\//, '').replaceAll(/[-a-z]*u[0-9a-f]{12}/g, '*')

const roles: Record<string, string> = {
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
}

function assignments(deployed: Deployed): string[] {
  const custom = only(deployed, 'Microsoft.Authorization/roleDefinitions')
  return ofType(deployed, 'Microsoft.Authorization/roleAssignments')
    .map(({ scope, properties }) => {
      const role = String(properties.roleDefinitionId).split('/').at(-1) ?? ''
      const name = role === custom.name ? 'set a secret' : (roles[role] ?? role)
      return `${properties.principalId}: ${name} on ${shortId(scope)}`
    })
    .sort()
}

const site = (deployed: Deployed, name: string): Resource => {
  const found = ofType(deployed, 'Microsoft.Web/sites').find((each) => each.name.startsWith(name))
  if (found === undefined) throw new Error(`no site ${name}`)
  return found
}

const newNetwork = { network: { kind: 'new', addressPrefix: '10.20.30.0/24' } }

describeTemplates('deployed platform', ({ deployed, template, parameters, snapshot }) => {
  test.each(ways)('%s: role assignments are exactly these', (way) => {
    const vault = (name: string) => `Microsoft.KeyVault/vaults/*/secrets/${name}`
    expect(assignments(deployed(way))).toEqual([
      `identity-principal-id: Key Vault Secrets User on ${vault('micetro-api-password')}`,
      `identity-principal-id: Key Vault Secrets User on ${vault('micetro-entra-candidate')}`,
      `identity-principal-id: Key Vault Secrets User on ${vault('micetro-entra-client-credential')}`,
      `identity-principal-id: Key Vault Secrets User on ${vault('micetro-entra-config')}`,
      `identity-principal-id: Key Vault Secrets User on ${vault('micetro-sign-in-key')}`,
      'identity-principal-id: Monitoring Metrics Publisher on Microsoft.Insights/components/*',
      'identity-principal-id: Storage Blob Data Owner on Microsoft.Storage/storageAccounts/*',
      `identity-principal-id: set a secret on ${vault('micetro-entra-candidate')}`,
      `identity-principal-id: set a secret on ${vault('micetro-entra-client-credential')}`,
      `identity-principal-id: set a secret on ${vault('micetro-entra-config')}`,
    ])
  })

  test.each<[Way, JsonObject]>([
    ['main', {}],
    ['main.usgov', {}],
    ['main.group', { hosting: { plan: 'P1v3', nodeVersion: '22' } }],
  ])('%s: who deploys gets the package containers and nothing else, whatever the plan', (way, changes) => {
    const access = { centralAddresses: ['192.0.2.10/32'] }
    const all = deployed(way, { ...changes, access, publisherPrincipalId: 'publisher-id' })
    const container = 'Microsoft.Storage/storageAccounts/*/blobServices/default/containers'
    expect(assignments(all).filter((each) => each.startsWith('publisher-id'))).toEqual([
      `publisher-id: Storage Blob Data Contributor on ${container}/packages`,
      `publisher-id: Storage Blob Data Contributor on ${container}/packages-central`,
    ])
    // A person or a pipeline: Azure looks the type up, and refuses a wrong one.
    const given = ofType(all, 'Microsoft.Authorization/roleAssignments').map((each) => each.properties)
    for (const each of given.filter(({ principalId }) => principalId === 'publisher-id'))
      expect(each).not.toHaveProperty('principalType')
  })

  test('a role to set secrets that is there already is used, and none is made', () => {
    const all = deployed('main', { vaultWriterRoleId: '/roleDefinitions/given-role' })
    expect(ofType(all, 'Microsoft.Authorization/roleDefinitions')).toEqual([])
    const setters = ofType(all, 'Microsoft.Authorization/roleAssignments')
      .filter((each) => each.properties.roleDefinitionId === '/roleDefinitions/given-role')
      .map((each) => shortId(each.scope).split('/').at(-1))
    expect(setters).toEqual(['micetro-entra-config', 'micetro-entra-candidate', 'micetro-entra-client-credential'])
  })

  test('the custom role may set a secret and disable a version, and nothing else', () => {
    const { properties } = only(deployed('main'), 'Microsoft.Authorization/roleDefinitions')
    const secrets = 'Microsoft.KeyVault/vaults/secrets'
    expect(properties.permissions).toEqual([
      { dataActions: [`${secrets}/setSecret/action`, `${secrets}/update/action`] },
    ])
    expect(properties.assignableScopes).toEqual([expect.stringMatching(/\/resourceGroups\/rg-[^/]+$/)])
  })

  test('every secret that a role is given on is there before the role assignment', () => {
    const all = deployed('main')
    const secrets = ofType(all, 'Microsoft.KeyVault/vaults/secrets').map((each) => each.id)
    for (const { scope } of ofType(all, 'Microsoft.Authorization/roleAssignments')) {
      if (scope?.includes('/secrets/')) expect(secrets).toContain(scope)
    }
    const waits = ofType(all, 'Microsoft.Authorization/roleAssignments')
      .filter((each) => each.scope?.includes('/secrets/'))
      .map((each) => each.body.dependsOn)
    for (const wait of waits) expect(wait).toEqual(expect.arrayContaining(['configuration', 'clientCredential']))
    expect(waits[0]).toEqual(expect.arrayContaining(['signInKey', 'passwordPlaceholder', 'password', 'candidate']))
  })

  test('a certificate has a secret of its own name, for which no placeholder is made', () => {
    const all = deployed('main', { credential: 'certificate' })
    const secrets = ofType(all, 'Microsoft.KeyVault/vaults/secrets').map((each) => each.name.split('/')[1])
    expect(secrets.sort()).toEqual([
      'micetro-api-password',
      'micetro-entra-candidate',
      'micetro-entra-config',
      'micetro-sign-in-key',
    ])
    const onSecrets = assignments(all).filter((each) => each.includes('/secrets/'))
    expect(onSecrets.map((each) => each.replace(/^.*?: (.*) on .*\/(.*)$/, '$1: $2'))).toEqual([
      'Key Vault Secrets User: micetro-api-password',
      'Key Vault Secrets User: micetro-entra-candidate',
      'Key Vault Secrets User: micetro-entra-certificate',
      'Key Vault Secrets User: micetro-entra-config',
      'Key Vault Secrets User: micetro-sign-in-key',
      'set a secret: micetro-entra-candidate',
      'set a secret: micetro-entra-config',
    ])
    expect(only(all, 'Microsoft.Web/sites/config').properties.ENTRA_CREDENTIAL_SECRET).toBe('micetro-entra-certificate')
  })

  test('the sign-in key is 32 random bytes, made once', () => {
    const key = (all: Deployed) =>
      ofType(all, 'Microsoft.KeyVault/vaults/secrets').find((each) => each.name.endsWith('/micetro-sign-in-key'))
    const first = key(deployed('main'))
    const value = String(first?.properties.value)
    expect(Buffer.from(value, 'base64')).toHaveLength(32)
    expect(Buffer.from(value, 'base64').toString('base64')).toBe(value)
    expect(key(deployed('main'))?.properties.value).not.toBe(value)
    expect(first?.body['@options']).toEqual({ onlyIfNotExists: [] })
  })

  test('no deployment overwrites a secret, but for a password that is given', () => {
    const secrets = (all: Deployed) =>
      ofType(all, 'Microsoft.KeyVault/vaults/secrets')
        .filter((each) => each.body['@options'] === undefined)
        .map((each) => each.name.split('/')[1])
    expect(secrets(deployed('main'))).toEqual([])
    expect(secrets(deployed('main', { micetroPassword: 'given' }))).toEqual(['micetro-api-password'])
  })

  test('the vault has roles, soft delete, purge protection and an audit log', () => {
    const all = deployed('main')
    expect(only(all, 'Microsoft.KeyVault/vaults').properties).toMatchObject({
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      enablePurgeProtection: true,
    })
    const audit = only(all, 'Microsoft.Insights/diagnosticSettings')
    expect(shortId(audit.scope)).toBe('Microsoft.KeyVault/vaults/*')
    expect(audit.properties.logs).toEqual([{ categoryGroup: 'audit', enabled: true }])
    expect(String(audit.properties.workspaceId)).toMatch(/\/workspaces\/log-vault-\w+$/)
  })

  test.each(ways)('%s: nothing in the template asks for a key or holds a connection string', (way) => {
    for (const { path, text } of texts(template(way))) {
      expect(text, path).not.toMatch(/listKeys|listAccountSas|listServiceSas|AccountKey=|SharedAccessKey|sig=/i)
    }
  })

  test.each(ways)('%s: storage and telemetry accept no key', (way) => {
    const all = deployed(way)
    expect(only(all, 'Microsoft.Storage/storageAccounts').properties).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
    })
    expect(only(all, 'Microsoft.Insights/components').properties.DisableLocalAuth).toBe(true)
    const features = ofType(all, 'Microsoft.OperationalInsights/workspaces').map((each) => each.properties.features)
    expect(features).toEqual([{ disableLocalAuth: true }, { disableLocalAuth: true }])
  })

  test.each(ways)('%s: no secret is a plain parameter, a default or an output', (way) => {
    const check = (part: JsonObject, path: string) => {
      for (const [name, each] of Object.entries(objectOf(part.parameters ?? {}, path))) {
        const declared = objectOf(each, name)
        if (/password|secret(?!Name)|seed|key$/i.test(name))
          expect(declared.type, `${path}.${name}`).toBe('securestring')
      }
      for (const [name, each] of Object.entries(objectOf(part.outputs ?? {}, path))) {
        for (const { text } of texts(objectOf(each, name).value)) {
          expect(text, `${path}.${name}`).not.toMatch(/micetroPassword|signInKeySeed|getSecret/)
        }
      }
      const resources = part.resources ?? {}
      for (const resource of Object.values(resources)) {
        const nested = objectOf(resource, path).properties
        const inner = nested === undefined || typeof nested !== 'object' ? undefined : objectOf(nested, path).template
        if (inner !== undefined) check(objectOf(inner, path), `${path}/${objectOf(resource, path).name}`)
      }
    }
    check(template(way), way)
  })

  test.each(ways)('%s: the site is closed to everything but HTTPS with TLS 1.2 and tokens', (way) => {
    const all = deployed(way)
    const { properties } = only(all, 'Microsoft.Web/sites')
    expect(properties).toMatchObject({ httpsOnly: true, clientAffinityEnabled: false })
    const { linuxFxVersion: _, alwaysOn: __, ...siteConfig } = objectOf(properties.siteConfig, 'siteConfig')
    expect(siteConfig).toEqual({
      minTlsVersion: '1.2',
      scmMinTlsVersion: '1.2',
      ...(way === 'main.usgov' ? { ftpsState: 'Disabled' } : {}),
      http20Enabled: true,
      remoteDebuggingEnabled: false,
      ipSecurityRestrictionsDefaultAction: 'Allow',
      ipSecurityRestrictions: [],
      scmIpSecurityRestrictionsUseMain: false,
    })
    const policies = ofType(all, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies')
    expect(policies.map((each) => [each.name.split('/')[1], each.properties.allow])).toEqual([
      ['ftp', false],
      ['scm', false],
    ])
  })

  test('Flex Consumption gets nothing that it refuses', () => {
    const { properties } = only(deployed('main', newNetwork), 'Microsoft.Web/sites')
    expect(properties).not.toHaveProperty('vnetRouteAllEnabled')
    for (const refused of ['ftpsState', 'linuxFxVersion', 'alwaysOn'])
      expect(properties.siteConfig).not.toHaveProperty(refused)
  })

  test('the commercial example runs on Flex Consumption, with its package by identity', () => {
    const all = deployed('main')
    expect(only(all, 'Microsoft.Web/serverfarms').body.sku).toEqual({ name: 'FC1', tier: 'FlexConsumption' })
    const { body, properties } = only(all, 'Microsoft.Web/sites')
    const identityId = only(all, 'Microsoft.ManagedIdentity/userAssignedIdentities').id
    expect(body.identity).toEqual({ type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } })
    expect(properties.functionAppConfig).toMatchObject({
      deployment: {
        storage: {
          value: expect.stringMatching(/^https:\/\/st\w+\.blob\.core\.windows\.net\/packages$/),
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId },
        },
      },
      runtime: { name: 'node', version: '22' },
    })
  })

  test.each([
    ['EP1', 'ElasticPremium', false],
    ['P1v3', 'PremiumV3', true],
  ])('%s takes the place of Flex Consumption where a cloud has none', (plan, tier, alwaysOn) => {
    const all = deployed('main.usgov', { hosting: { plan, nodeVersion: '24' } })
    expect(only(all, 'Microsoft.Web/serverfarms').body.sku).toEqual({ name: plan, tier })
    const { properties } = only(all, 'Microsoft.Web/sites')
    expect(properties).not.toHaveProperty('functionAppConfig')
    expect(properties.siteConfig).toMatchObject({ linuxFxVersion: 'NODE|24', alwaysOn })
  })

  test('without a network nothing is joined and nothing is private', () => {
    const all = deployed('main')
    expect(only(all, 'Microsoft.Web/sites').properties).not.toHaveProperty('virtualNetworkSubnetId')
    expect(ofType(all, 'Microsoft.Network/privateEndpoints')).toEqual([])
    expect(only(all, 'Microsoft.KeyVault/vaults').properties.publicNetworkAccess).toBe('Enabled')
  })

  test.each([
    [
      'main' as Way,
      'Microsoft.App/environments',
      'privatelink.vaultcore.azure.net',
      'privatelink.blob.core.windows.net',
    ],
    [
      'main.usgov' as Way,
      'Microsoft.Web/serverFarms',
      'privatelink.vaultcore.usgovcloudapi.net',
      'privatelink.blob.core.usgovcloudapi.net',
    ],
  ])(
    '%s: a new network takes the function in and vault and storage behind endpoints',
    (way, delegation, vault, blob) => {
      const all = deployed(way, newNetwork)
      const network = only(all, 'Microsoft.Network/virtualNetworks')
      expect(network.properties.subnets).toEqual([
        {
          name: 'functions',
          properties: {
            addressPrefix: '10.20.30.0/25',
            delegations: [{ name: 'functions', properties: { serviceName: delegation } }],
          },
        },
        {
          name: 'endpoints',
          properties: { addressPrefix: '10.20.30.128/26', privateEndpointNetworkPolicies: 'Disabled' },
        },
      ])
      expect(only(all, 'Microsoft.Web/sites').properties).toMatchObject({
        virtualNetworkSubnetId: `${network.id}/subnets/functions`,
        ...(way === 'main' ? {} : { vnetRouteAllEnabled: true }),
      })
      expect(network.properties).not.toHaveProperty('dhcpOptions')
      const endpoints = ofType(all, 'Microsoft.Network/privateEndpoints')
      expect(endpoints.map((each) => objectOf(each.properties.subnet, 'subnet').id)).toEqual([
        `${network.id}/subnets/endpoints`,
        `${network.id}/subnets/endpoints`,
      ])
      const targets = endpoints.flatMap((each) =>
        listOf(each.properties.privateLinkServiceConnections, 'connections').map((connection) => {
          const { privateLinkServiceId, groupIds } = objectOf(
            objectOf(connection, 'connection').properties,
            'properties',
          )
          return [shortId(String(privateLinkServiceId)), groupIds]
        }),
      )
      expect(targets).toEqual([
        ['Microsoft.KeyVault/vaults/*', ['vault']],
        ['Microsoft.Storage/storageAccounts/*', ['blob']],
      ])
      expect(ofType(all, 'Microsoft.Network/privateDnsZones').map((each) => each.name)).toEqual([vault, blob])
      for (const link of ofType(all, 'Microsoft.Network/privateDnsZones/virtualNetworkLinks')) {
        expect(link.properties.virtualNetwork).toEqual({ id: network.id })
      }
      for (const type of ['Microsoft.KeyVault/vaults', 'Microsoft.Storage/storageAccounts']) {
        expect(only(all, type).properties).toMatchObject({
          publicNetworkAccess: 'Disabled',
          networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' },
        })
      }
    },
  )

  test('a new network keeps its DNS servers, routes and security group at every deployment', () => {
    const routes = '/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/routeTables/r'
    const group = '/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/networkSecurityGroups/n'
    const wanted = { dnsServers: ['10.0.0.4', '10.0.0.5'], routeTableId: routes, networkSecurityGroupId: group }
    const all = deployed('main', { network: { ...newNetwork.network, ...wanted } })
    const { dhcpOptions, subnets } = only(all, 'Microsoft.Network/virtualNetworks').properties
    expect(dhcpOptions).toEqual({ dnsServers: ['10.0.0.4', '10.0.0.5'] })
    const [out, endpoints] = listOf(subnets, 'subnets').map((each) => objectOf(each, 'subnet').properties)
    expect(out).toMatchObject({ routeTable: { id: routes }, networkSecurityGroup: { id: group } })
    expect(endpoints).toMatchObject({ networkSecurityGroup: { id: group } })
    expect(endpoints).not.toHaveProperty('routeTable')
  })

  test('a new network has one outgoing address when told to, and none otherwise', () => {
    const all = deployed('main', { network: { ...newNetwork.network, natGateway: true } })
    const address = only(all, 'Microsoft.Network/publicIPAddresses')
    expect(address.properties).toEqual({ publicIPAllocationMethod: 'Static' })
    const gateway = only(all, 'Microsoft.Network/natGateways')
    expect(gateway.properties).toEqual({ publicIpAddresses: [{ id: address.id }] })
    const [out, endpoints] = listOf(only(all, 'Microsoft.Network/virtualNetworks').properties.subnets, 'subnets')
    expect(out).toMatchObject({ name: 'functions', properties: { natGateway: { id: gateway.id } } })
    expect(objectOf(endpoints, 'subnet').properties).not.toHaveProperty('natGateway')
    expect(all.outputs.outgoingAddress).toBe('203.0.113.7')
    for (const network of [newNetwork.network, { kind: 'none' }]) {
      const without = deployed('main', { network })
      expect(ofType(without, 'Microsoft.Network/publicIPAddresses')).toEqual([])
      expect(without.outputs.outgoingAddress).toBe('')
    }
  })

  test('an existing network is joined, with its own zones when they are named', () => {
    const subnets = '/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/v/subnets'
    const zones = '/subscriptions/s/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones'
    const network = { kind: 'existing', integrationSubnetId: `${subnets}/out`, endpointSubnetId: `${subnets}/in` }
    const own = deployed('main', { network })
    expect(only(own, 'Microsoft.Web/sites').properties.virtualNetworkSubnetId).toBe(`${subnets}/out`)
    expect(ofType(own, 'Microsoft.Network/privateDnsZones/virtualNetworkLinks')[0]?.properties.virtualNetwork).toEqual({
      id: '/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/v',
    })
    const named = deployed('main', { network: { ...network, vaultZoneId: `${zones}/a`, blobZoneId: `${zones}/b` } })
    expect(ofType(named, 'Microsoft.Network/privateDnsZones')).toEqual([])
    const outgoingOnly = deployed('main', { network: { kind: 'existing', integrationSubnetId: `${subnets}/out` } })
    expect(ofType(outgoingOnly, 'Microsoft.Network/privateEndpoints')).toEqual([])
    expect(only(outgoingOnly, 'Microsoft.KeyVault/vaults').properties.publicNetworkAccess).toBe('Enabled')
  })

  test('Central gets an app of its own that only its addresses can reach', () => {
    const all = deployed('main', { access: { centralAddresses: ['192.0.2.10/32', '192.0.2.11/32'] } })
    const central = objectOf(site(all, 'func-central-').properties.siteConfig, 'siteConfig')
    expect(central).toMatchObject({
      ipSecurityRestrictionsDefaultAction: 'Deny',
      ipSecurityRestrictions: [
        { action: 'Allow', ipAddress: '192.0.2.10/32', priority: 100 },
        { action: 'Allow', ipAddress: '192.0.2.11/32', priority: 101 },
      ],
    })
    const browsers = objectOf(site(all, 'func-micetro-').properties.siteConfig, 'siteConfig')
    expect(browsers).toMatchObject({ ipSecurityRestrictionsDefaultAction: 'Allow', ipSecurityRestrictions: [] })
    expect(ofType(all, 'Microsoft.Storage/storageAccounts/blobServices/containers').map((each) => each.name)).toEqual([
      expect.stringMatching(/\/packages$/),
      expect.stringMatching(/\/packages-central$/),
    ])
    expect(all.outputs.centralUrl).toMatch(/^https:\/\/func-central-.*\/central\/auth_cb$/)
  })

  test('the users of one site can be restricted as well', () => {
    const all = deployed('main', { access: { browserAddresses: ['198.51.100.0/24'] } })
    expect(only(all, 'Microsoft.Web/sites').properties.siteConfig).toMatchObject({
      ipSecurityRestrictionsDefaultAction: 'Deny',
      ipSecurityRestrictions: [{ ipAddress: '198.51.100.0/24' }],
    })
  })

  test.each(ways)('%s: these tests see what the compiler itself evaluates', (way) => {
    const predicted = objectOf(snapshot(way), 'snapshot').predictedResources
    const types = (Array.isArray(predicted) ? predicted : []).map((each) =>
      String(objectOf(each, 'resource').type).replace(/@.*$/, ''),
    )
    // The compiler does not know the value of a secure parameter, and lists both resources that depend on it.
    const twice = types.indexOf('Microsoft.KeyVault/vaults/secrets')
    expect(parameters(way).micetroPassword).toBe('')
    types.splice(twice, 1)
    expect(
      deployed(way)
        .resources.map((each) => each.type)
        .sort(),
    ).toEqual(types.sort())
  })
})
