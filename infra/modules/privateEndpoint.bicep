metadata description = 'One private endpoint and its name in a private DNS zone.'

@description('Required. Name of the endpoint.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Resource that is reached.')
param targetId string

@description('Required. Part of the resource that is reached.')
param group 'vault' | 'blob'

@description('Required. Subnet that the endpoint is in.')
param subnetId string

@description('Required. Zone that the clients\' names end in.')
param zoneName string

@description('Optional. Existing zone; without it one is made and linked to the network of the subnet.')
param existingZoneId string = ''

// The network of a subnet that may be in another resource group or subscription.
var parts = split(subnetId, '/')
var networkId = resourceId(parts[2], parts[4], 'Microsoft.Network/virtualNetworks', parts[8])

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = if (empty(existingZoneId)) {
  name: zoneName
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = if (empty(existingZoneId)) {
    name: 'link-${uniqueString(subnetId)}'
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: name, properties: { privateLinkServiceId: targetId, groupIds: [group] } }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        { name: group, properties: { privateDnsZoneId: empty(existingZoneId) ? zone.id : existingZoneId } }
      ]
    }
  }
}
