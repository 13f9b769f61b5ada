import { AppError } from '../failure.ts'
import type { Secret } from '../secret.ts'

/** One version of a secret as the vault holds it. */
export interface StoredSecret {
  value: Secret
  version: string
  contentType: string | undefined
  expiresOn: Date | undefined
}

/** One version without its value, for a history. */
export interface SecretVersion {
  version: string
  createdOn: Date | undefined
}

export interface NewVersion {
  contentType: string
  expiresOn?: Date
}

/** Where secrets come from; every error is an AppError that names the secret, never its value. */
export interface SecretStore {
  /** The named or else the latest version; undefined when there is none. */
  read(name: string, version?: string): Promise<StoredSecret | undefined>
  /** Enabled versions, newest first. */
  listVersions(name: string): Promise<SecretVersion[]>
  /** Makes a new version; a deleted secret of the name is recovered first. @returns its version */
  write(name: string, value: Secret, options: NewVersion): Promise<string>
  /** Makes one version unreadable for good; one that is gone or disabled already is no error. */
  disable(name: string, version: string): Promise<void>
}

/** Local development: the values come from settings, and there is one version of each. */
export class SettingsSecretStore implements SecretStore {
  readonly #values: ReadonlyMap<string, Secret>

  constructor(values: ReadonlyMap<string, Secret>) {
    this.#values = values
  }

  async read(name: string): Promise<StoredSecret | undefined> {
    const value = this.#values.get(name)
    return value && { value, version: 'setting', contentType: undefined, expiresOn: undefined }
  }

  async listVersions(): Promise<SecretVersion[]> {
    return []
  }

  async write(): Promise<never> {
    throw new AppError({ code: 'config_invalid', problems: ['nothing can be saved without KEY_VAULT_URL'] })
  }

  disable(): Promise<never> {
    return this.write()
  }
}
