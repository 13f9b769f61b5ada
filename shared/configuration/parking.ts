import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { AppError } from '../failure.ts'
import { Secret } from '../secret.ts'
import { configurationSchema, type SavedConfiguration } from './entraConfiguration.ts'
import type { SecretStore, StoredSecret } from './secretStore.ts'

/** What Test sign-in tries before it is saved. */
export interface ParkedCandidate {
  configuration: SavedConfiguration
  /** Undefined: the credential that is there already. */
  credential: Secret | undefined
}

/** How long a candidate may be used, in milliseconds. Key Vault does not enforce an end, so it is enforced here. */
export const parkedFor = 15 * 60_000

const schema = v.object({
  configuration: configurationSchema,
  credential: v.optional(v.string()),
  /** Milliseconds since the epoch. */
  parkedAt: v.number(),
})

type Place = Pick<SecretStore, 'read' | 'listVersions' | 'write' | 'disable'>

/**
 * Holds a candidate with its credential for one Test sign-in: in the vault, because the callback may reach another
 * instance, and because a browser must not carry a credential about. There is one at a time.
 */
export class Parking {
  readonly #place: Place
  readonly #name: string
  readonly #clock: Clock

  /** @param vault undefined: local development, where candidates stay in memory */
  constructor(vault: SecretStore | undefined, name: string, clock: Clock) {
    this.#place = vault ?? new MemoryPlace()
    this.#name = name
    this.#clock = clock
  }

  /** Parks a candidate. @returns its version. @throws AppError vault_* */
  async park({ configuration, credential }: ParkedCandidate): Promise<string> {
    const parked: v.InferInput<typeof schema> = {
      configuration,
      ...(credential !== undefined && { credential: credential.reveal() }),
      parkedAt: this.#clock.now(),
    }
    // No end date: the vault would raise its alarm about a credential that is about to expire.
    return this.#place.write(this.#name, new Secret(JSON.stringify(parked)), { contentType: 'application/json' })
  }

  /**
   * Ends every candidate but one.
   * @throws AppError vault_*
   */
  async endOthers(version: string): Promise<void> {
    const others = (await this.#place.listVersions(this.#name)).filter((each) => each.version !== version)
    await Promise.all(others.map((each) => this.end(each.version)))
  }

  /** @throws AppError candidate_gone, vault_* */
  async read(version: string): Promise<ParkedCandidate> {
    const stored = await this.#place.read(this.#name, version)
    const parsed = stored === undefined ? undefined : v.safeParse(schema, parseJson(stored.value.reveal()))
    if (!parsed?.success || this.#clock.now() - parsed.output.parkedAt > parkedFor)
      throw new AppError({ code: 'candidate_gone' })
    const { configuration, credential } = parsed.output
    return { configuration, credential: credential === undefined ? undefined : new Secret(credential) }
  }

  /** A candidate that was tried cannot be read again. @throws AppError vault_* */
  async end(version: string): Promise<void> {
    await this.#place.disable(this.#name, version)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As a vault would, for one process. */
class MemoryPlace implements Place {
  readonly #versions = new Map<string, StoredSecret>()

  async read(_name: string, version?: string): Promise<StoredSecret | undefined> {
    return this.#versions.get(version ?? '')
  }

  async listVersions(): Promise<{ version: string; createdOn: undefined }[]> {
    return [...this.#versions.keys()].map((version) => ({ version, createdOn: undefined }))
  }

  async write(_name: string, value: Secret): Promise<string> {
    const version = randomUUID().replaceAll('-', '')
    this.#versions.set(version, { value, version, contentType: undefined, expiresOn: undefined })
    return version
  }

  async disable(_name: string, version: string): Promise<void> {
    this.#versions.delete(version)
  }
}
