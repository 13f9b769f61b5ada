import { Cached } from '../cached.ts'
import type { Clock } from '../clock.ts'
import type { IdentityToken } from '../configuration/azureIdentity.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { SecretStore, StoredSecret } from '../configuration/secretStore.ts'
import { AppError } from '../failure.ts'
import { withLimit } from '../outgoing/limit.ts'
import { type ClientCredential, readCredential } from './credential.ts'
import type { Refusal } from './redeemCode.ts'

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

/** A token of the managed identity is asked for again after this long, in milliseconds; its SDK keeps it for hours. */
const tokenFreshFor = 60_000

/**
 * After Entra ID refused a credential, the vault is not asked for a newer one more often than this, and the same
 * credential is not offered again; in milliseconds. Anybody can send a code that is none.
 */
const pauseAfterRefusal = 5000

/** Gives the client credential that belongs to a configuration. */
export class CredentialSource {
  readonly #store: SecretStore
  readonly #secretName: string
  readonly #identity: () => Promise<IdentityToken>
  readonly #clock: Clock
  readonly #tokens = new Map<string, Cached<string>>()
  #held: { key: string; cached: Cached<VersionedCredential> } | undefined
  #renewal: { key: string; at: number; latest: Promise<VersionedCredential> } | undefined
  #refused: { asked: string; credential: ClientCredential; refusal: Refusal; at: number } | undefined

  constructor(store: SecretStore, secretName: string, identity: () => Promise<IdentityToken>, clock: Clock) {
    this.#store = store
    this.#secretName = secretName
    this.#identity = identity
    this.#clock = clock
  }

  /** @throws AppError secret_missing, secret_invalid, vault_* */
  async get(inForce: InForce): Promise<VersionedCredential> {
    return this.#cachedFor(inForce).get()
  }

  /** For somebody who is still to come (see Cached.ahead): the credential, and the token of a managed identity. */
  async ahead(inForce: InForce): Promise<VersionedCredential> {
    const held = await this.#cachedFor(inForce).ahead()
    if (held.credential.kind === 'managed-identity') await this.#tokenCache(audienceOf(inForce.configuration)).ahead()
    return held
  }

  /**
   * After Entra ID refused a credential: the newest one, if it is another. An operator may have rotated it in the vault,
   * past the version that the configuration names. All who ask within the pause share one look.
   * @returns undefined when there is no other to try
   */
  async renew(inForce: InForce, refused: VersionedCredential): Promise<VersionedCredential | undefined> {
    if (refused.credential.kind === 'managed-identity') return undefined
    const key = keyOf(inForce)
    const now = this.#clock.now()
    if (this.#renewal?.key !== key || now - this.#renewal.at >= pauseAfterRefusal) {
      const latest = this.#load(inForce, undefined)
      this.#renewal = { key, at: now, latest }
    }
    const { latest: looking } = this.#renewal
    const latest = await looking
    if (latest.version === refused.version && sameCredential(latest.credential, refused.credential)) return undefined
    if (this.#held !== undefined) this.#hold(this.#held.key, () => this.#load(inForce, undefined))
    return latest
  }

  /**
   * Remembers that Entra ID refused the newest credential there is.
   * @param redirectUri one that is not registered is called invalid_client, too, and says nothing of another one
   */
  refuse(inForce: InForce, redirectUri: string, { credential }: VersionedCredential, refusal: Refusal): void {
    this.#refused = { asked: `${keyOf(inForce)} ${redirectUri}`, credential, refusal, at: this.#clock.now() }
    for (const token of this.#tokens.values()) token.drop()
  }

  /** How Entra ID refused this credential a moment ago, when it did. */
  refusalOf(inForce: InForce, redirectUri: string, { credential }: VersionedCredential): Refusal | undefined {
    const known = this.#refused
    if (known?.asked !== `${keyOf(inForce)} ${redirectUri}`) return undefined
    if (this.#clock.now() - known.at >= pauseAfterRefusal) return undefined
    return sameCredential(known.credential, credential) ? known.refusal : undefined
  }

  #hold(key: string, load: () => Promise<VersionedCredential>): Cached<VersionedCredential> {
    const cached = new Cached(load, this.#clock, { freshFor, staleFor })
    this.#held = { key, cached }
    return cached
  }

  #cachedFor(inForce: InForce): Cached<VersionedCredential> {
    const key = keyOf(inForce)
    if (this.#held?.key === key) return this.#held.cached
    return this.#hold(key, () => this.load(inForce))
  }

  /** The credential of a configuration, read now: the version that it names, else the latest. @throws AppError as get() */
  load(inForce: InForce): Promise<VersionedCredential> {
    return this.#load(inForce, inForce.configuration.credentialVersion)
  }

  async #load({ configuration, fileCredential }: InForce, version: string | undefined): Promise<VersionedCredential> {
    if (configuration.credentialKind === 'managed-identity') {
      const audience = audienceOf(configuration)
      const assertion = (): Promise<string> => this.#tokenCache(audience).get()
      return { credential: { kind: 'managed-identity', assertion }, version: '' }
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

  #tokenCache(audience: string): Cached<string> {
    let cached = this.#tokens.get(audience)
    if (cached === undefined) {
      cached = new Cached(() => this.#assertion(audience), this.#clock, { freshFor: tokenFreshFor })
      this.#tokens.set(audience, cached)
    }
    return cached
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

const audienceOf = ({ tokenExchangeAudience }: InForce['configuration']): string => `${tokenExchangeAudience}/.default`

const keyOf = ({ configuration: { credentialKind, credentialVersion, clientId }, version }: InForce): string =>
  [credentialKind, credentialVersion, clientId, version].join(' ')

function sameCredential(a: ClientCredential, b: ClientCredential): boolean {
  if (a.kind === 'secret' && b.kind === 'secret') return a.secret.equals(b.secret)
  if (a.kind === 'certificate' && b.kind === 'certificate') return a.thumbprintSha256 === b.thumbprintSha256
  return a.kind === 'managed-identity' && b.kind === 'managed-identity'
}
