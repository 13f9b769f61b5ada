import type { SecretClient } from '@azure/keyvault-secrets'
import * as v from 'valibot'
import type { Clock } from '../clock.ts'
import { AppError, type Failure } from '../failure.ts'
import { createAgents } from '../outgoing/http.ts'
import { withLimit } from '../outgoing/limit.ts'
import { Secret } from '../secret.ts'
import type { IdentityToken } from './azureIdentity.ts'
import type { NewVersion, SecretStore, SecretVersion, StoredSecret } from './secretStore.ts'
import { isLoopback } from './settings.ts'

/** A deployment makes secrets with this content type before anybody has set them, because roles need them to exist. */
const placeholder = 'placeholder'

/**
 * Times for a read, in milliseconds: the SDK has no limit of its own and waits as long as Retry-After says. One that took
 * the first is begun anew, for a stalled connection never answers.
 */
const readLimits = [3000, 5000] as const

/** A recovery of a deleted secret takes its time. */
const writeLimit = 20_000

/** Carries out one piece of work at the vault within a limit; what is under way then is cancelled. */
async function limited<T>(milliseconds: number, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController()
  return withLimit(work(over.signal), milliseconds, () => {
    over.abort()
    return Object.assign(new Error('the vault took too long'), { code: 'ETIMEDOUT' })
  })
}

/** A read, which may be repeated; the SDK itself repeats what the vault refused, but no answer that broke off. */
async function limitedRead<T>(work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const [first, second] = readLimits
  return limited(first, work).catch((error: unknown) => {
    const parsed = v.safeParse(restErrorSchema, error)
    if (parsed.success && (parsed.output.statusCode ?? 0) >= 400) throw error
    return limited(second, work)
  })
}

/** Key Vault through its SDK, which retries and waits as the service asks. */
export class VaultSecretStore implements SecretStore {
  readonly #client: () => Promise<SecretClient>
  readonly #clock: Clock

  constructor(vaultUrl: URL, identity: () => Promise<IdentityToken>, clock: Clock) {
    this.#clock = clock
    let client: Promise<SecretClient> | undefined
    this.#client = () => {
      client ??= connect(vaultUrl, identity)
      return client
    }
  }

  async read(name: string, version?: string): Promise<StoredSecret | undefined> {
    try {
      const secret = await limitedRead(async (abortSignal) =>
        (await this.#client()).getSecret(name, { abortSignal, ...(version !== undefined && { version }) }),
      )
      if (secret.properties.contentType === placeholder) return undefined
      return {
        value: new Secret(secret.value ?? ''),
        version: secret.properties.version ?? '',
        contentType: secret.properties.contentType,
        expiresOn: secret.properties.expiresOn,
      }
    } catch (error) {
      const failure = vaultFailure(name, error)
      // Of a version that was named, being disabled is as good as being gone: there may be a newer one.
      const gone = version !== undefined && innerCodeOf(error) === 'SecretDisabled'
      if (gone || failure.code === 'secret_missing') return undefined
      throw new AppError(failure, { cause: error })
    }
  }

  async listVersions(name: string): Promise<SecretVersion[]> {
    try {
      const found = await limitedRead((abortSignal) => this.#list(name, abortSignal))
      return found.sort((a, b) => (b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0))
    } catch (error) {
      const failure = vaultFailure(name, error)
      if (failure.code === 'secret_missing') return []
      throw new AppError(failure, { cause: error })
    }
  }

  async #list(name: string, abortSignal: AbortSignal): Promise<SecretVersion[]> {
    const found: SecretVersion[] = []
    const versions = (await this.#client()).listPropertiesOfSecretVersions(name, { abortSignal })
    for await (const { version, enabled, createdOn, contentType } of versions) {
      if (version !== undefined && enabled !== false && contentType !== placeholder) found.push({ version, createdOn })
    }
    return found
  }

  async write(name: string, value: Secret, options: NewVersion): Promise<string> {
    const set = async (abortSignal: AbortSignal): Promise<string> => {
      const client = await this.#client()
      return (await client.setSecret(name, value.reveal(), { ...options, abortSignal })).properties.version ?? ''
    }
    try {
      return await limited(writeLimit, set)
    } catch (error) {
      if (!isConflict(error)) throw new AppError(vaultFailure(name, error, 'write'), { cause: error })
    }
    try {
      // Soft delete keeps the name: the secret must come back before it can have a new version.
      return await limited(writeLimit, async (abortSignal) => {
        const client = await this.#client()
        await (await client.beginRecoverDeletedSecret(name, { intervalInMs: 500 })).pollUntilDone()
        return this.#repeatWhileRecovering(() => set(abortSignal))
      })
    } catch (error) {
      throw new AppError(vaultFailure(name, error, 'write'), { cause: error })
    }
  }

  async disable(name: string, version: string): Promise<void> {
    try {
      // It may be repeated, as a read may.
      await limitedRead(async (abortSignal) =>
        (await this.#client()).updateSecretProperties(name, version, { enabled: false, abortSignal }),
      )
    } catch (error) {
      const failure = vaultFailure(name, error, 'write')
      if (failure.code !== 'secret_missing') throw new AppError(failure, { cause: error })
    }
  }

  async #repeatWhileRecovering(set: () => Promise<string>): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await set()
      } catch (error) {
        if (!isConflict(error) || attempt === recoveryAttempts) throw error
        await this.#clock.wait(250 * 2 ** attempt)
      }
    }
  }
}

/** Right after a recovery the vault may go on refusing for some seconds. */
const recoveryAttempts = 5

/** True for a name that is deleted but recoverable, or being recovered. */
function isConflict(error: unknown): boolean {
  const parsed = v.safeParse(restErrorSchema, error)
  return parsed.success && parsed.output.statusCode === 409
}

function innerCodeOf(error: unknown): string | undefined {
  const parsed = v.safeParse(restErrorSchema, error)
  return parsed.success ? parsed.output.details?.error?.innerError?.code : undefined
}

async function connect(vaultUrl: URL, identity: () => Promise<IdentityToken>): Promise<SecretClient> {
  // The identity first: it asks for its token while the vault's SDK is still loading.
  const [credential, { SecretClient }] = await Promise.all([identity(), import('@azure/keyvault-secrets')])
  const { httpAgent, httpsAgent } = createAgents()
  return new SecretClient(vaultUrl.href, credential, {
    agent: vaultUrl.protocol === 'https:' ? httpsAgent : httpAgent,
    // A vault does not redirect; whoever does must not be told the token.
    redirectOptions: { maxRetries: 0 },
    // A vault on loopback is a simulated one: its name cannot fit the resource that its challenge names.
    disableChallengeResourceVerification: isLoopback(vaultUrl),
    retryOptions: { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 5000 },
  })
}

const restErrorSchema = v.object({
  statusCode: v.optional(v.number()),
  code: v.optional(v.string()),
  details: v.optional(
    v.object({ error: v.optional(v.object({ innerError: v.optional(v.object({ code: v.optional(v.string()) })) })) }),
  ),
})

/** What an error of the Key Vault or identity SDK means (Microsoft's pages on Key Vault error codes). */
export function vaultFailure(secret: string, error: unknown, action: 'read' | 'write' = 'read'): Failure {
  const name = error instanceof Error ? error.name : ''
  const parsed = v.safeParse(restErrorSchema, error)
  const { statusCode, code, details } = parsed.success ? parsed.output : {}
  if (
    name === 'CredentialUnavailableError' ||
    name === 'AuthenticationError' ||
    name === 'AggregateAuthenticationError'
  ) {
    return { code: 'identity_unavailable', reason: code ?? name }
  }
  const inner = details?.error?.innerError?.code
  if (inner === 'SecretDisabled') return { code: 'secret_invalid', secret, problem: 'its newest version is disabled' }
  switch (statusCode) {
    case undefined:
      return { code: 'vault_unreachable', reason: code ?? (name === '' ? 'unknown' : name) }
    case 401:
    case 403:
      return { code: 'vault_forbidden', secret, action, reason: inner ?? code ?? String(statusCode) }
    case 404:
      return { code: 'secret_missing', secret }
    case 429:
      return { code: 'vault_throttled' }
    default:
      return { code: 'vault_unreachable', reason: `${statusCode} ${code ?? ''}`.trim() }
  }
}
