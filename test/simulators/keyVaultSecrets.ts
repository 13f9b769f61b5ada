import { randomBytes } from 'node:crypto'

export interface SecretVersionOptions {
  contentType?: string | undefined
  expiresOn?: Date | undefined
  /** Default now; a vault keeps whole seconds. */
  createdOn?: Date
}

/** One version of a secret; times are in seconds, as on the wire. */
export interface SimulatedSecretVersion {
  version: string
  value: string
  contentType: string | undefined
  enabled: boolean
  exp: number | undefined
  created: number
  updated: number
}

interface Named {
  /** Oldest first. */
  versions: SimulatedSecretVersion[]
  /** Seconds; undefined: not deleted. */
  deletedOn: number | undefined
  /** The next change is refused because the recovery is under way. */
  recovering: boolean
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)

/** What a vault holds. */
export class VaultSecrets {
  readonly #secrets = new Map<string, Named>()

  /** Makes a new version, whoever may do so. @returns its version */
  set(name: string, value: string, options: SecretVersionOptions = {}): string {
    const created = seconds(options.createdOn ?? new Date())
    const version: SimulatedSecretVersion = {
      version: randomBytes(16).toString('hex'),
      value,
      contentType: options.contentType,
      enabled: true,
      exp: options.expiresOn && seconds(options.expiresOn),
      created,
      updated: created,
    }
    const known = this.#secrets.get(name.toLowerCase())
    if (known === undefined) {
      this.#secrets.set(name.toLowerCase(), { versions: [version], deletedOn: undefined, recovering: false })
    } else {
      known.versions.push(version)
    }
    return version.version
  }

  /** Oldest first, those of a deleted secret included. */
  versions(name: string): readonly SimulatedSecretVersion[] {
    return this.#secrets.get(name.toLowerCase())?.versions ?? []
  }

  /** The named or else the latest version of a secret that is not deleted. */
  find(name: string, version?: string): SimulatedSecretVersion | undefined {
    if (this.deletedOn(name) !== undefined) return undefined
    const versions = this.versions(name)
    return version === undefined ? versions.at(-1) : versions.find((each) => each.version === version)
  }

  deletedOn(name: string): number | undefined {
    return this.#secrets.get(name.toLowerCase())?.deletedOn
  }

  softDelete(name: string): void {
    this.#known(name).deletedOn = seconds(new Date())
  }

  /** The next change is refused, because a recovery takes its time. */
  recover(name: string): void {
    const secret = this.#known(name)
    secret.deletedOn = undefined
    secret.recovering = true
  }

  disable(name: string, version: string): void {
    const found = this.find(name, version)
    if (found === undefined) throw new TypeError(`the simulated vault has no ${name} ${version}`)
    found.enabled = false
  }

  /** Whether a change is refused now because of a recovery; the one after it is not. */
  takeRecovering(name: string): boolean {
    const secret = this.#secrets.get(name.toLowerCase())
    if (secret === undefined || !secret.recovering) return false
    secret.recovering = false
    return true
  }

  #known(name: string): Named {
    const secret = this.#secrets.get(name.toLowerCase())
    if (secret === undefined) throw new TypeError(`the simulated vault has no ${name}`)
    return secret
  }
}
