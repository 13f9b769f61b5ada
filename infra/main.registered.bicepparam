using 'main.registered.bicep'

// Commercial cloud with a registration that exists: the way for an installation that used the vendor's script.
// Variables without a default must be set, at every deployment anew.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'micetro-sign-in')
param location = readEnvironmentVariable('AZURE_LOCATION')
param entraClientId = readEnvironmentVariable('ENTRA_CLIENT_ID')

param hosting = { plan: 'FC1', nodeVersion: '22' }

param micetro = {
  apiUrls: split(readEnvironmentVariable('MICETRO_API_URLS'), ',')
  apiUser: readEnvironmentVariable('MICETRO_API_USER')
  webUrl: readEnvironmentVariable('MICETRO_WEB_URL')
  centralCallbackUrl: readEnvironmentVariable('CENTRAL_CALLBACK_URL', '')
  caCertificates: readEnvironmentVariable('MICETRO_CA_CERTIFICATES', '')
}

// Only when it is set or changed; left empty, the vault keeps the password that it has.
param micetroPassword = readEnvironmentVariable('MICETRO_API_PASSWORD', '')

// Who deploys, a person or a pipeline: uploads the package and keeps the one before. azd and deploy.sh know it.
param publisherPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')

// Only for a pipeline whose rights come from pipelineIdentities.bicep, which prints it.
param vaultWriterRoleId = readEnvironmentVariable('VAULT_WRITER_ROLE_ID', '')

// Each workspace stops for the day at the cap, and an alert says so. The second one: docs/operate.md.
param telemetry = { dailyCapGigabytes: 1, tokenOnly: true }

param alertEmails = []
