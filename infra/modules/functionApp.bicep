import { hostingOptions } from 'types.bicep'

metadata description = 'One function app on a plan of its own, without app settings: they need the registration, which needs the host name made here.'

@description('Required. Name of the function app.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Plan, version, scale.')
param hosting hostingOptions

@description('Required. User-assigned identity.')
param identityId string

@description('Required. Container of the deployed package, as an address.')
param packageContainerUrl string

@description('Required. Subnet for outgoing calls; empty: none.')
param integrationSubnetId string

@description('Required. Address ranges that may call. Empty: every address.')
param allowedAddresses string[]

var flex = hosting.plan == 'FC1'
var tiers = { FC1: 'FlexConsumption', EP1: 'ElasticPremium', P1v3: 'PremiumV3' }
var kinds = { FC1: 'functionapp', EP1: 'elastic', P1v3: 'linux' }
var maximumInstances = hosting.?maximumInstances ?? 40
var alwaysReady = hosting.?alwaysReady ?? 1

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: kinds[hosting.plan]
  sku: { name: hosting.plan, tier: tiers[hosting.plan] }
  properties: {
    reserved: true
    ...(hosting.plan == 'EP1' ? { maximumElasticWorkerCount: min(maximumInstances, 20) } : {})
  }
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    ...(empty(integrationSubnetId) ? {} : { virtualNetworkSubnetId: integrationSubnetId })
    // Flex Consumption always sends everything through the subnet.
    ...(empty(integrationSubnetId) || flex ? {} : { vnetRouteAllEnabled: true })
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
      ipSecurityRestrictionsDefaultAction: empty(allowedAddresses) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: map(range(0, length(allowedAddresses)), index => {
        name: 'allowed-${index}'
        action: 'Allow'
        priority: 100 + index
        ipAddress: allowedAddresses[index]
      })
      // The deployment site is opened by an Entra ID token alone, and pipelines have no fixed address.
      scmIpSecurityRestrictionsUseMain: false
      // Flex Consumption refuses these three; there the policy below closes FTP.
      ...(flex
        ? {}
        : {
            ftpsState: 'Disabled'
            linuxFxVersion: 'NODE|${hosting.nodeVersion}'
            alwaysOn: hosting.plan == 'P1v3'
          })
    }
    ...(flex
      ? {
          functionAppConfig: {
            deployment: {
              storage: {
                type: 'blobContainer'
                value: packageContainerUrl
                authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
              }
            }
            runtime: { name: 'node', version: hosting.nodeVersion }
            scaleAndConcurrency: {
              instanceMemoryMB: 2048
              maximumInstanceCount: max(maximumInstances, 40)
              ...(alwaysReady == 0 ? {} : { alwaysReady: [{ name: 'http', instanceCount: alwaysReady }] })
            }
          }
        }
      : {})
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('Name.')
output name string = site.name

@description('Host name. Newer sites have a random part in it, so it is read, never put together.')
output hostName string = site.properties.defaultHostName
