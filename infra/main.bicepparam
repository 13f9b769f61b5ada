using 'main.bicep'

// Commercial cloud. azd and infra/scripts/deploy.sh fill these variables; write values here instead if you prefer.
// Variables without a default must be set, at every deployment anew.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'micetro-sign-in')
param location = readEnvironmentVariable('AZURE_LOCATION')

param micetro = {
  apiUrls: split(readEnvironmentVariable('MICETRO_API_URLS'), ',')
  apiUser: readEnvironmentVariable('MICETRO_API_USER')
  webUrl: readEnvironmentVariable('MICETRO_WEB_URL')
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
