import {
  accessOptions
  centralFunction
  centralSiteName
  clouds
  credentialKind
  hostingOptions
  micetroOptions
  siteName
  timerFunction
  wiring
} from 'types.bicep'

metadata description = 'The settings of the function apps; last, because they hold the client id.'

@description('Required. Ending of the names.')
param token string

@description('Required. Who may call.')
param access accessOptions

@description('Required. What the platform made.')
param made wiring

@description('Required. Where the code runs.')
param hosting hostingOptions

@description('Required. How the application proves itself.')
param credential credentialKind

@description('Required. Client id of the registration.')
param clientId string

@description('Required. Accept accounts of other organisations.')
param multiTenant bool

@description('Required. Micetro.')
param micetro micetroOptions

@description('Optional. Cloud as the application names it, where it is not the one of the subscription: usgov-dod.')
param entraCloud string = ''

var cloud = empty(entraCloud) ? clouds[environment().name].entraCloud : entraCloud
var hasCentralApp = !empty(access.?centralAddresses)

module mainSettings 'appSettings.bicep' = {
  params: {
    siteName: siteName(token)
    packageContainerUrl: made.packageContainerUrl
    made: made
    hosting: hosting
    credential: credential
    tenantId: multiTenant ? 'organizations' : tenant().tenantId
    clientId: clientId
    entraCloud: cloud
    micetro: micetro
    // Served by the app that only Central can reach.
    disabledFunctions: hasCentralApp ? [centralFunction] : []
  }
}

module centralSettings 'appSettings.bicep' = if (hasCentralApp) {
  params: {
    siteName: centralSiteName(token)
    packageContainerUrl: made.centralPackageContainerUrl
    made: made
    hosting: hosting
    credential: credential
    tenantId: multiTenant ? 'organizations' : tenant().tenantId
    clientId: clientId
    entraCloud: cloud
    micetro: micetro
    disabledFunctions: [timerFunction]
  }
}
