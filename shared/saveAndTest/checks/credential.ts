import { tenantForApp } from '../../entra/appToken.ts'
import { type Check, passed, skipped } from '../check.ts'

const names = { secret: 'client secret', certificate: 'certificate', 'managed-identity': 'managed identity' } as const

/** Entra ID accepts the client id with the credential. */
export const credentialCheck: Check = {
  name: 'credential',
  needs: ['tenant', 'vault'],
  timeout: 15_000,
  async run({ candidate: { configuration }, credential, appToken }) {
    const { credential: own } = await credential()
    if (tenantForApp(configuration) === undefined) return skipped('Without a tenant id only a sign-in shows this.')
    await appToken()
    return passed(`Entra ID accepts the ${names[own.kind]}.`)
  },
}
