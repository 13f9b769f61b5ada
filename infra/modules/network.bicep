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

@description('Optional. DNS servers. Empty: Azure\'s own.')
param dnsServers string[] = []

@description('Optional. Route table of the subnet for outgoing calls.')
param routeTableId string = ''

@description('Optional. Network security group of both subnets.')
param networkSecurityGroupId string = ''

@description('Required. Outgoing calls come from one fixed address.')
param natGateway bool

resource outgoing 'Microsoft.Network/publicIPAddresses@2024-05-01' = if (natGateway) {
  name: 'pip-${name}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource nat 'Microsoft.Network/natGateways@2024-05-01' = if (natGateway) {
  name: 'nat-${name}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: outgoing.id }] }
}

var security = empty(networkSecurityGroupId) ? {} : { networkSecurityGroup: { id: networkSecurityGroupId } }

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    ...(empty(dnsServers) ? {} : { dhcpOptions: { dnsServers: dnsServers } })
    // Subnets stand inside: as resources of their own, a later deployment would take them off the network first.
    subnets: [
      {
        name: integrationSubnet
        properties: {
          // Half of a /24: two plans may share it, and each counts with up to 40 addresses.
          addressPrefix: cidrSubnet(addressPrefix, 25, 0)
          delegations: [{ name: 'functions', properties: { serviceName: delegation } }]
          ...(empty(routeTableId) ? {} : { routeTable: { id: routeTableId } })
          ...(natGateway ? { natGateway: { id: nat.id } } : {})
          ...security
        }
      }
      {
        name: endpointSubnet
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 2)
          privateEndpointNetworkPolicies: 'Disabled'
          ...security
        }
      }
    ]
  }
}

@description('Address that outgoing calls come from; empty: no fixed one.')
output outgoingAddress string = natGateway ? outgoing!.properties.ipAddress : ''
