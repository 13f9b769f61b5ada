using 'main.registered.bicep'

// US Government. infra/scripts/deploy.sh makes the registration and sets ENTRA_CLIENT_ID.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'micetro-sign-in')
param location = readEnvironmentVariable('AZURE_LOCATION', 'usgovvirginia')
param entraClientId = readEnvironmentVariable('ENTRA_CLIENT_ID', '00000000-0000-0000-0000-000000000000')

// Department of Defense tenants: usgov-dod.
param entraCloud = 'usgov'

// Flex Consumption was not offered in US Government when this was written.
param hosting = { plan: 'EP1', nodeVersion: '22' }

param micetro = {
  apiUrls: split(readEnvironmentVariable('MICETRO_API_URLS', 'https://micetro.example.com/mmws/api'), ',')
  apiUser: readEnvironmentVariable('MICETRO_API_USER', 'entra-sign-in')
  webUrl: readEnvironmentVariable('MICETRO_WEB_URL', 'https://micetro.example.com/')
  centralCallbackUrl: readEnvironmentVariable('CENTRAL_CALLBACK_URL', '')
  caCertificates: readEnvironmentVariable('MICETRO_CA_CERTIFICATES', '')
}

// Only when it is set or changed; left empty, the vault keeps the password that it has.
param micetroPassword = readEnvironmentVariable('MICETRO_API_PASSWORD', '')

// Who runs the deployment and uploads the package.
param publisherPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')

param alertEmails = []
