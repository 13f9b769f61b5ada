import { Cached } from '../cached.ts'
import type { Clock } from '../clock.ts'
import type { IdentityToken } from '../configuration/azureIdentity.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { SecretStore, StoredSecret } from '../configuration/secretStore.ts'
import { AppError } from '../failure.ts'
import { withLimit } from '../outgoing/limit.ts'
import { type ClientCredential, readCredential } from './credential.ts'

/** A credential and the version of the secret that it came from. */
export interface VersionedCredential {
  credential: ClientCredential
  version: string
}

/** How long a credential is used before the vault is asked again, in milliseconds. */
const freshFor = 5 * 60_000

/** How long it still serves while the vault cannot be asked. */
const staleFor = 12 * 60 * 60_000

/** Time for a token of the managed identity, in milliseconds: its SDK has no limit of its own. */
const tokenLimit = 8000

/** Gives the client credential that belongs to a configuration. */
export class CredentialSource {
  readonly #store: SecretStore
  readonly #secretName: string
  readonly #identity: () => Promise<IdentityToken>
  readonly #clock: Clock
  #held: { key: string; cached: Cached<VersionedCredential> } | undefined

  constructor(store: SecretStore, secretName: string, identity: () => Promise<IdentityToken>, clock: Clock) {
    this.#store = store
    this.#secretName = secretName
    this.#identity = identity
    this.#clock = clock
  }

  /** @throws AppError secret_missing, secret_invalid, vault_* */
  async get(inForce: InForce): Promise<VersionedCredential> {
    const { credentialKind, credentialVersion, clientId } = inForce.configuration
    const key = [credentialKind, credentialVersion, clientId, inForce.version].join(' ')
    if (this.#held?.key !== key) this.#hold(key, () => this.load(inForce))
    return this.#cached().get()
  }

  /**
   * After Entra ID refused a credential: the newest one, if it is another. An operator may have rotated it in the vault,
   * past the version that the configuration names.
   * @returns undefined when there is no other to try
   */
  async renew(inForce: InForce, refused: VersionedCredential): Promise<VersionedCredential | undefined> {
    if (refused.credential.kind === 'managed-identity') return undefined
    const latest = await this.#load(inForce, undefined)
    if (latest.version === refused.version && sameCredential(latest.credential, refused.credential)) return undefined
    if (this.#held !== undefined) this.#hold(this.#held.key, () => this.#load(inForce, undefined))
    return latest
  }

  #hold(key: string, load: () => Promise<VersionedCredential>): void {
    this.#held = { key, cached: new Cached(load, this.#clock, { freshFor, staleFor }) }
  }

  #cached(): Cached<VersionedCredential> {
    if (this.#held === undefined) throw new TypeError('get() before a credential was asked for')
    return this.#held.cached
  }

  /** The credential of a configuration, read now: the version that it names, else the latest. @throws AppError as get() */
  load(inForce: InForce): Promise<VersionedCredential> {
    return this.#load(inForce, inForce.configuration.credentialVersion)
  }

  async #load({ configuration, fileCredential }: InForce, version: string | undefined): Promise<VersionedCredential> {
    if (configuration.credentialKind === 'managed-identity') {
      const audience = `${configuration.tokenExchangeAudience}/.default`
      return { credential: { kind: 'managed-identity', assertion: () => this.#assertion(audience) }, version: '' }
    }
    const fromFile = fileCredential && {
      value: fileCredential,
      version: 'file',
      contentType: undefined,
      expiresOn: undefined,
    }
    const stored: StoredSecret | undefined =
      (version === undefined ? undefined : await this.#store.read(this.#secretName, version)) ??
      (await this.#store.read(this.#secretName)) ??
      fromFile
    if (stored === undefined) throw new AppError({ code: 'secret_missing', secret: this.#secretName })
    const credential = await readCredential(configuration.credentialKind, this.#secretName, stored)
    return { credential, version: stored.version }
  }

  async #assertion(audience: string): Promise<string> {
    try {
      const asked = this.#identity().then((identity) => identity.getToken(audience))
      const token = await withLimit(asked, tokenLimit, () => Object.assign(new Error(), { name: 'TimeoutError' }))
      if (token !== null) return token.token
    } catch (cause) {
      throw new AppError(
        { code: 'identity_unavailable', reason: cause instanceof Error ? cause.name : 'unknown' },
        { cause },
      )
    }
    throw new AppError({ code: 'identity_unavailable', reason: 'no token' })
  }
}

function sameCredential(a: ClientCredential, b: ClientCredential): boolean {
  if (a.kind === 'secret' && b.kind === 'secret') return a.secret.equals(b.secret)
  return a.kind === 'certificate' && b.kind === 'certificate' && a.thumbprintSha256 === b.thumbprintSha256
}
