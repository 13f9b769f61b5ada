using 'main.registered.bicep'

// Commercial cloud with a registration that exists: the way for an installation that used the vendor's script.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'micetro-sign-in')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param entraClientId = readEnvironmentVariable('ENTRA_CLIENT_ID', '00000000-0000-0000-0000-000000000000')

param hosting = { plan: 'FC1', nodeVersion: '22' }

param micetro = {
  apiUrls: split(readEnvironmentVariable('MICETRO_API_URLS', 'https://micetro.example.com/mmws/api'), ',')
  apiUser: readEnvironmentVariable('MICETRO_API_USER', 'entra-sign-in')
  webUrl: readEnvironmentVariable('MICETRO_WEB_URL', 'https://micetro.example.com/')
  centralCallbackUrl: readEnvironmentVariable('CENTRAL_CALLBACK_URL', '')
  caCertificates: readEnvironmentVariable('MICETRO_CA_CERTIFICATES', '')
}

// Only when it is set or changed; left empty, the vault keeps the password that it has.
param micetroPassword = readEnvironmentVariable('MICETRO_API_PASSWORD', '')

param alertEmails = []
