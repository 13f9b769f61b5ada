import { integrationSubnet, endpointSubnet } from 'types.bicep'

metadata description = 'A virtual network for installations that have none to join.'

@description('Required. Name of the network.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Address space, /24 or larger.')
param addressPrefix string

@description('Required. Service that the integration subnet is delegated to.')
param delegation 'Microsoft.App/environments' | 'Microsoft.Web/serverFarms'

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    // Subnets stand inside: as resources of their own, a later deployment would take them off the network first.
    subnets: [
      {
        name: integrationSubnet
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [{ name: 'functions', properties: { serviceName: delegation } }]
        }
      }
      {
        name: endpointSubnet
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}
