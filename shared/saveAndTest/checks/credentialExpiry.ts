import { type Check, failed, passed, skipped, warning } from '../check.ts'

const day = 24 * 60 * 60 * 1000

/** Days before its end at which an administrator is reminded. */
const remindAt = 30

/** When the credential ends: of a certificate from itself, of a secret from what Key Vault was told. */
export const credentialExpiryCheck: Check = {
  name: 'credential_expiry',
  needs: ['vault'],
  timeout: 15_000,
  async run({ engine, credential }) {
    const { credential: own } = await credential()
    if (own.kind === 'managed-identity') return passed('A managed identity has no credential that ends.')
    if (own.expiresOn === undefined) {
      return skipped(
        'Key Vault was not told when the client secret ends. Entra ID shows it under "Certificates & secrets".',
      )
    }
    const days = Math.floor((own.expiresOn.getTime() - engine.clock.now()) / day)
    const on = own.expiresOn.toISOString().slice(0, 10)
    const hint = 'Make a new one in the app registration and save it here; the old one goes on working meanwhile.'
    if (days < 0) return failed(`It ended on ${on}.`, hint)
    if (days < remindAt) return warning(`It ends on ${on}, in ${days} days.`, hint)
    return passed(`It ends on ${on}.`)
  },
}
