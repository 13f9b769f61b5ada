extension microsoftGraphV1

metadata description = 'Makes one certificate the credential of an existing registration.'

@description('Required. Key of the registration.')
param uniqueName string

@description('Required. Its name, which the extension wants with every write.')
param displayName string

@description('Required. Public part of the certificate, DER in base64.')
param certificate string

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  keyCredentials: [{ displayName: 'Key Vault', type: 'AsymmetricX509Cert', usage: 'Verify', key: certificate }]
}
