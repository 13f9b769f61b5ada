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

param alertEmails = []
