using 'main.bicep'

// Commercial cloud. azd and infra/scripts/deploy.sh fill these variables; write values here instead if you prefer.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'micetro-sign-in')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

param micetro = {
  apiUrls: split(readEnvironmentVariable('MICETRO_API_URLS', 'https://micetro.example.com/mmws/api'), ',')
  apiUser: readEnvironmentVariable('MICETRO_API_USER', 'entra-sign-in')
  webUrl: readEnvironmentVariable('MICETRO_WEB_URL', 'https://micetro.example.com/')
  centralCallbackUrl: readEnvironmentVariable('CENTRAL_CALLBACK_URL', '')
  caCertificates: readEnvironmentVariable('MICETRO_CA_CERTIFICATES', '')
}

// Only when it is set or changed; left empty, the vault keeps the password that it has.
param micetroPassword = readEnvironmentVariable('MICETRO_API_PASSWORD', '')

param registration = {
  displayName: 'Micetro sign-in'
  grantAdminConsent: bool(readEnvironmentVariable('GRANT_ADMIN_CONSENT', 'true'))
  assignmentRequired: false
  owners: []
}

param alertEmails = []
