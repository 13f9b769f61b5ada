import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { Cached } from './cached.ts'
import { type Clock, systemClock } from './clock.ts'
import { createIdentity, type IdentityToken } from './configuration/azureIdentity.ts'
import type { EntraConfiguration, SavedConfiguration } from './configuration/entraConfiguration.ts'
import {
  type AllLayers,
  type InForce,
  type LowerLayers,
  loadAsIfSaved,
  loadConfiguration,
  loadLayers,
  loadLowerLayers,
} from './configuration/inForce.ts'
import { Parking } from './configuration/parking.ts'
import { type SecretStore, SettingsSecretStore } from './configuration/secretStore.ts'
import { type MicetroSettings, readSettings, type Settings } from './configuration/settings.ts'
import { VaultSecretStore } from './configuration/vaultSecretStore.ts'
import { CredentialSource } from './entra/credentialSource.ts'
import { deriveEndpoints, type Endpoints, fetchEndpoints, isDerivable } from './entra/endpoints.ts'
import { SigningKeys } from './entra/signingKeys.ts'
import { AppError } from './failure.ts'
import { createMicetro, type Micetro } from './micetro/micetro.ts'
import { createOutgoing, type Outgoing, type Send } from './outgoing/http.ts'
import { SealingKeys } from './sealing/sealingKeys.ts'
import { UsedAttempts } from './sealing/usedAttempts.ts'
import type { Secret } from './secret.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Everything that lives longer than one request: settings, connections, bounded caches. */
export interface Engine {
  settings: Settings
  clock: Clock
  /** 0 to 1, for jitter only. */
  random: () => number
  /** To Entra ID and Microsoft Graph. */
  send: Send
  /** Opens connections to them ahead of their calls. */
  openConnections: Outgoing['open']
  /** To Micetro, whose private certificate authority is trusted there only. */
  sendToMicetro: Send
  micetroPassword: Cached<Secret>
  store: SecretStore
  /** The managed identity. */
  identity: () => Promise<IdentityToken>
  inForce: Cached<InForce>
  /** What lies under a saved configuration. */
  lowerLayers: () => Promise<LowerLayers>
  /** Every layer, read now: what an administrator edits must not be a cached one. */
  layers: () => Promise<AllLayers>
  /** Values as if they were saved now. @throws AppError config_invalid */
  asIfSaved: (values: SavedConfiguration, version: string) => Promise<InForce>
  /** Candidates while Test sign-in tries them. */
  parking: Parking
  credentials: CredentialSource
  sealingKeys: SealingKeys
  signingKeys: SigningKeys
  /** @param ahead for somebody who is still to come (see Cached.ahead) */
  endpoints(configuration: EntraConfiguration, ahead?: boolean): Promise<Endpoints>
  /** @throws AppError config_invalid when Micetro is not configured */
  micetro(): Micetro
  /** Where a signed-in user goes. @throws AppError config_invalid when Micetro is not configured */
  landing(): string
  usedAttempts: UsedAttempts
}

/** A saved configuration is in force everywhere within a minute: this, and the time to load it. */
const configurationFreshFor = 45_000

const minute = 60_000
const hour = 60 * minute

/**
 * Builds the engine; nothing is loaded or called before it is needed.
 * @param env the process environment
 * @throws AppError config_invalid that lists every problem of the settings
 */
export function createEngine(env: Environment, clock?: Clock, random?: () => number): Engine {
  return engineOf(readSettings(env), env, clock, random)
}

/** As createEngine, of settings that were read. */
export function engineOf(
  settings: Settings,
  env: Environment,
  clock: Clock = systemClock,
  random: () => number = Math.random,
): Engine {
  const { secrets } = settings
  const file = join(process.cwd(), 'ext_auth_conf.json')
  let identityPromise: Promise<IdentityToken> | undefined
  const identity = (): Promise<IdentityToken> => {
    identityPromise ??= createIdentity(env, settings.vaultUrl)
    return identityPromise
  }
  const store = settings.vaultUrl ? new VaultSecretStore(settings.vaultUrl, identity, clock) : localStore(settings)
  const { send, open } = createOutgoing()
  const readSecret = async (name: string): Promise<Secret> => {
    const stored = await store.read(name)
    if (stored === undefined) throw new AppError({ code: 'secret_missing', secret: name })
    return stored.value
  }

  const fetched = new LRUCache<string, Cached<Endpoints>>({ max: 8 })
  const metadata = (configuration: EntraConfiguration): Cached<Endpoints> => {
    const key = `${configuration.login}/${configuration.tenantId}`
    let cached = fetched.get(key)
    if (cached === undefined) {
      const load = () => fetchEndpoints(configuration, send, new AbortController().signal, { clock, random })
      cached = new Cached(load, clock, { freshFor: 12 * hour, staleFor: 12 * hour })
      fetched.set(key, cached)
    }
    return cached
  }
  const endpoints = async (configuration: EntraConfiguration, ahead = false): Promise<Endpoints> => {
    if (isDerivable(configuration)) return deriveEndpoints(configuration)
    const cached = metadata(configuration)
    return ahead ? cached.ahead() : cached.get()
  }

  const { send: sendToMicetro } = createOutgoing(settings.micetro?.caCertificates)
  const micetroPassword = new Cached(() => readSecret(secrets.micetroPassword), clock, {
    freshFor: 10 * minute,
    staleFor: 12 * hour,
  })
  let micetro: Micetro | undefined
  return {
    settings,
    clock,
    random,
    send,
    openConnections: open,
    sendToMicetro,
    micetroPassword,
    store,
    identity,
    lowerLayers: () => loadLowerLayers(settings, file),
    layers: () => loadLayers(settings, store, file),
    asIfSaved: (values, version) => loadAsIfSaved(settings, file, values, version),
    parking: new Parking(settings.vaultUrl && store, secrets.candidate, clock),
    inForce: new Cached(() => loadConfiguration(settings, store, file), clock, {
      freshFor: configurationFreshFor,
      staleFor: 12 * hour,
    }),
    credentials: new CredentialSource(store, secrets.credential, identity, clock),
    sealingKeys: new SealingKeys(store, secrets.signInKey, clock),
    signingKeys: new SigningKeys(send, clock, random),
    endpoints,
    micetro() {
      micetro ??= createMicetro({
        settings: requireMicetro(settings),
        password: micetroPassword,
        send: sendToMicetro,
        clock,
        random,
      })
      return micetro
    },
    landing: () => requireMicetro(settings).webUrl.href,
    usedAttempts: new UsedAttempts(clock),
  }
}

function localStore(settings: Settings): SecretStore {
  const { credential, micetroPassword, signInKey } = settings.local
  const { secrets } = settings
  const entries: [string, Secret | undefined][] = [
    [secrets.credential, credential],
    [secrets.micetroPassword, micetroPassword],
    [secrets.signInKey, signInKey],
  ]
  return new SettingsSecretStore(new Map(entries.filter((entry): entry is [string, Secret] => entry[1] !== undefined)))
}

function requireMicetro({ micetro }: Settings): MicetroSettings {
  if (micetro !== undefined) return micetro
  const problems = ['MICETRO_API_URLS, MICETRO_API_USER and MICETRO_WEB_URL are not set']
  throw new AppError({ code: 'config_invalid', problems })
}
