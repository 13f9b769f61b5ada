import { AppError } from '../../failure.ts'
import { deriveSealingKey } from '../../sealing/sealingKey.ts'
import { type Check, passed, skipped, warning } from '../check.ts'

/** Key Vault can be read: the configuration, the credential, the cookie key and Micetro's password. */
export const vaultCheck: Check = {
  name: 'vault',
  needs: [],
  timeout: 15_000,
  async run({ engine: { settings, store } }) {
    if (settings.vaultUrl === undefined)
      return warning('KEY_VAULT_URL is not set: local development.', 'Without a vault nothing can be saved.')
    const { configuration, credential, signInKey, micetroPassword } = settings.secrets
    const [, , key, password] = await Promise.all(
      [configuration, credential, signInKey, micetroPassword].map((name) => store.read(name)),
    )
    if (key === undefined) throw new AppError({ code: 'secret_missing', secret: signInKey })
    deriveSealingKey(key.value, signInKey)
    // Without Micetro there is nobody whose password it could be.
    if (password === undefined && settings.micetro !== undefined)
      throw new AppError({ code: 'secret_missing', secret: micetroPassword })
    return passed(`${settings.vaultUrl.host} can be read.`)
  },
}

/** In the list so that nobody takes "can be read" for "can be written". */
export const vaultWriteCheck: Check = {
  name: 'vault_write',
  needs: [],
  timeout: 5000,
  run: async () => skipped('Key Vault has no trial write; saving shows it.'),
}
