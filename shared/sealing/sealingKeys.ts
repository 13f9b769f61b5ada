import { Cached } from '../cached.ts'
import type { Clock } from '../clock.ts'
import type { SecretStore, StoredSecret } from '../configuration/secretStore.ts'
import { AppError } from '../failure.ts'
import { deriveSealingKey, type SealingKey } from './sealingKey.ts'

const minute = 60_000

/** Another instance may have a newer key, which shows in a state that no key of ours made. */
const lasting = { freshFor: 5 * minute, staleFor: 12 * 60 * minute }

interface VersionedKey {
  key: SealingKey
  version: string
}

/** The keys that seal attempts. The newest one is nearly always enough; the one before it is read when it is not. */
export class SealingKeys {
  readonly #store: SecretStore
  readonly #secret: string
  readonly #clock: Clock
  readonly #newest: Cached<VersionedKey>
  #older: { than: string; keys: Cached<readonly SealingKey[]> } | undefined

  constructor(store: SecretStore, secret: string, clock: Clock) {
    this.#store = store
    this.#secret = secret
    this.#clock = clock
    // What it sealed a key opens however old it is, so nobody waits for a newer one.
    this.#newest = new Cached(() => this.#readNewest(), clock, { ...lasting, patience: 0 })
  }

  /** The newest key, which seals. @throws AppError secret_missing, secret_invalid, vault_* */
  async get(): Promise<SealingKey> {
    return (await this.#newest.get()).key
  }

  /** As get(), for somebody who is still to come (see Cached.ahead). */
  async ahead(): Promise<void> {
    await this.#newest.ahead()
  }

  /** The newest key, read anew unless the one at hand is younger than so many milliseconds. @throws AppError as get() */
  async refresh(unlessYoungerThan: number): Promise<SealingKey> {
    return (await this.#newest.refresh(unlessYoungerThan)).key
  }

  /** The key before the newest one, which still opens what it sealed; none where there is none. @throws AppError as get() */
  async older(): Promise<readonly SealingKey[]> {
    const { version } = await this.#newest.get()
    if (this.#older?.than !== version) {
      const keys = new Cached(() => this.#readOlder(version), this.#clock, lasting)
      this.#older = { than: version, keys }
    }
    return this.#older.keys.get()
  }

  async #readNewest(): Promise<VersionedKey> {
    const stored = (await this.#latest()) ?? (await this.#firstOf(await this.#store.listVersions(this.#secret)))
    if (stored === undefined) throw new AppError({ code: 'secret_missing', secret: this.#secret })
    return { key: deriveSealingKey(stored.value, this.#secret), version: stored.version }
  }

  /** What the vault calls the latest version; undefined where that one is disabled or holds no key. */
  async #latest(): Promise<StoredSecret | undefined> {
    try {
      return await this.#store.read(this.#secret)
    } catch (error) {
      if (error instanceof AppError && error.failure.code === 'secret_invalid') return undefined
      throw error
    }
  }

  async #readOlder(than: string): Promise<readonly SealingKey[]> {
    const versions = await this.#store.listVersions(this.#secret)
    const stored = await this.#firstOf(versions.slice(versions.findIndex(({ version }) => version === than) + 1))
    return stored === undefined ? [] : [deriveSealingKey(stored.value, this.#secret)]
  }

  async #firstOf([first]: readonly { version: string }[]): Promise<StoredSecret | undefined> {
    return first && this.#store.read(this.#secret, first.version)
  }
}
