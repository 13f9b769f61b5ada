metadata description = 'Shapes and constants that several modules share. Creates nothing.'

@export()
@description('Path of the sign-in callback. Entra ID compares it character by character, so it is written once.')
var callbackPath = '/mmws/auth_cb/microsoft'

@export()
@description('Names of the secrets in the vault.')
var secretNames = {
  configuration: 'micetro-entra-config'
  credential: 'micetro-entra-client-credential'
  // Belongs to the certificate of the same name, so that only the vault itself can set it.
  certificate: 'micetro-entra-certificate'
  signInKey: 'micetro-sign-in-key'
  micetroPassword: 'micetro-api-password'
  candidate: 'micetro-entra-candidate'
}

@export()
@description('Function app that browsers use. Names are made here, so that they are known before the deployment.')
func siteName(token string) string => 'func-micetro-${token}'

@export()
@description('Function app that only Central can reach.')
func centralSiteName(token string) string => 'func-central-${token}'

@export()
@description('Name of the function behind /central/auth_cb.')
var centralFunction = 'central'

@export()
@description('The timer, which one app is enough for.')
var timerFunction = 'reconcile'

@export()
@description('Subnet for outgoing calls.')
var integrationSubnet = 'functions'

@export()
@description('Subnet for private endpoints.')
var endpointSubnet = 'endpoints'

@export()
@description('Delegated Graph permissions that the application asks for at sign-in.')
var graphScopes = ['User.Read', 'GroupMember.Read.All']

@export()
@description('Delegated permissions of OpenID Connect; MSAL asks for them by itself.')
var openIdScopes = ['openid', 'profile', 'email', 'offline_access']

@export()
@description('What differs between the clouds of Microsoft and is not in environment().')
var clouds = {
  AzureCloud: { entraCloud: 'commercial', tokenExchangeAudience: 'api://AzureADTokenExchange' }
  AzureUSGovernment: { entraCloud: 'usgov', tokenExchangeAudience: 'api://AzureADTokenExchangeUSGov' }
  AzureChinaCloud: { entraCloud: 'china', tokenExchangeAudience: 'api://AzureADTokenExchangeChina' }
}

@export()
@description('Built-in roles that a deployment assigns. The identity of a pipeline may assign these and no others.')
var assignedRoles = {
  // Key Vault Secrets User
  readSecret: '4633458b-17de-408a-b874-0445c86b69e6'
  // Storage Blob Data Owner: what Microsoft documents for AzureWebJobsStorage by identity; the host makes its own containers.
  hostStorage: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  // Storage Blob Data Contributor
  publishPackage: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  // Monitoring Metrics Publisher
  sendTelemetry: '3913510d-42f4-4e42-8a64-420c390055eb'
}

@export()
@description('Setting a secret, and disabling a version. The built-in role that may, Key Vault Secrets Officer, may also delete and restore it.')
var setSecret = {
  description: 'Writes a new version of a secret, and disables a version. Cannot read, list, delete or restore it.'
  permissions: [
    {
      dataActions: [
        'Microsoft.KeyVault/vaults/secrets/setSecret/action'
        // A candidate is disabled once it was tried, which is an update of its version.
        'Microsoft.KeyVault/vaults/secrets/update/action'
      ]
    }
  ]
}

@export()
@description('How the application proves itself to Entra ID.')
type credentialKind = 'managed-identity' | 'certificate' | 'secret'

@export()
@description('The Micetro that users sign in to.')
@sealed()
type micetroOptions = {
  @description('Required. Base addresses of the web API, https://host/mmws/api, in order of preference.')
  apiUrls: string[]

  @description('Required. Login name of the Micetro account that writes users and memberships.')
  apiUser: string

  @description('Required. Web page where a signed-in user lands.')
  webUrl: string

  @description('Optional. Certificates of a private authority in PEM, if Micetro has a certificate of one.')
  caCertificates: string?

  @description('Optional. Address of Central\'s own callback, needed when sign-ins start at Central\'s login button.')
  centralCallbackUrl: string?

  @description('Optional. NCRONTAB of the timer that works between sign-ins. Default: seven minutes past every hour.')
  reconcileSchedule: string?
}

@export()
@description('Where the code runs.')
@sealed()
type hostingOptions = {
  @description('Required. FC1: Flex Consumption. EP1 (Premium) and P1v3 (Dedicated): for clouds without Flex Consumption.')
  plan: 'FC1' | 'EP1' | 'P1v3'

  @description('Required. Version of Node.js.')
  nodeVersion: '22' | '24'

  @description('Optional. Instances kept warm on FC1; with 0 the first sign-in after a quiet time waits for a start. Default 1.')
  @minValue(0)
  alwaysReady: int?

  @description('Optional. Most instances at once: 40 or more on FC1, at most 20 on EP1. Default 40. P1v3 is scaled by hand or by rules of yours.')
  @minValue(1)
  maximumInstances: int?
}

@export()
@description('The registration of the application in Entra ID.')
@sealed()
type registrationOptions = {
  @description('Optional. Name that users and administrators see. Default: Micetro sign-in.')
  displayName: string?

  @description('Optional. Accept accounts of other organisations; the saved configuration must then name them. Default false.')
  multiTenant: bool?

  @description('Optional. Only users and groups that are assigned may sign in. Default false.')
  assignmentRequired: bool?

  @description('Optional. Object ids of the owners, added to those that there are: people, and the identity of a pipeline that deploys.')
  owners: string[]?

  @description('Required. Consent for the whole organisation. False: somebody with the right to consent does it later.')
  grantAdminConsent: bool

  @description('Optional. Application permissions to read people and their groups, for what the app does between sign-ins. Default false.')
  betweenSignIns: bool?

  @description('Optional. Public part of a certificate, DER in base64, when the credential is a certificate.')
  certificate: string?
}

@export()
@description('Who may call, and under which name.')
@sealed()
type accessOptions = {
  @description('Optional. Host name under which users reach the application, if not the one Azure gives.')
  publicHostName: string?

  @description('Optional. Address ranges of the users\' browsers. Empty: sign-in is open to every address.')
  browserAddresses: string[]?

  @description('Optional. Address ranges of the Central servers. Given: Central gets a function app of its own, open to them only.')
  centralAddresses: string[]?
}

@sealed()
type noNetwork = { kind: 'none' }

@sealed()
type newNetwork = {
  kind: 'new'

  @description('Required. Address space of the network, /24 or larger; peering to Micetro\'s network stays with you.')
  addressPrefix: string

  @description('Optional. DNS servers that know Micetro\'s private name; they must also resolve privatelink names, by forwarding to 168.63.129.16. Default: Azure\'s own.')
  dnsServers: string[]?

  @description('Optional. Route table of the subnet for outgoing calls.')
  routeTableId: string?

  @description('Optional. Network security group of both subnets.')
  networkSecurityGroupId: string?

  @description('Optional. Outgoing calls come from one fixed address, for a firewall in front of Micetro: the output outgoingAddress. Default false.')
  natGateway: bool?
}

@sealed()
type existingNetwork = {
  kind: 'existing'

  @description('Required. Subnet for outgoing calls, delegated to Microsoft.App/environments (FC1) or Microsoft.Web/serverFarms.')
  integrationSubnetId: string

  @description('Optional. Subnet for private endpoints of vault and storage. Without it both stay reachable by their public names.')
  endpointSubnetId: string?

  @description('Optional. Existing zone privatelink.vaultcore.…; without it one is made and linked to the network.')
  vaultZoneId: string?

  @description('Optional. Existing zone privatelink.blob.…; without it one is made and linked to the network.')
  blobZoneId: string?
}

@export()
@description('How the application reaches a Micetro server on a private network, and how vault and storage are reached.')
@discriminator('kind')
type networkOptions = noNetwork | newNetwork | existingNetwork

@export()
@description('Logs and what they may cost.')
@sealed()
type telemetryOptions = {
  @description('Optional. Gigabytes a day that each workspace takes in before it stops until the next day; an alert says so. 0: no limit. Default 1.')
  @minValue(0)
  dailyCapGigabytes: int?

  @description('Optional. Telemetry needs a token of the identity, and the key in the connection string opens nothing. Microsoft documents it for the public cloud; where no logs arrive in another one, set false. Default true.')
  tokenOnly: bool?

  @description('Optional. Hours without a run between sign-ins, while it is enforced, that raise an alert. Default 3.')
  @minValue(1)
  @maxValue(24)
  reconcileSilentHours: int?
}

@export()
@description('What the platform hands to the settings of a function app.')
@sealed()
type wiring = {
  identityId: string
  identityClientId: string
  blobEndpoint: string
  insightsConnectionString: string

  @description('Empty: the key in the connection string is enough.')
  insightsAuthentication: string
  vaultUrl: string
  credentialSecretName: string
  redirectUri: string
  packageContainerUrl: string
  centralPackageContainerUrl: string
}
