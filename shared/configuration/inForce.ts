import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { AppError } from '../failure.ts'
import type { Secret } from '../secret.ts'
import {
  configurationSchema,
  describeIssues,
  type Layer,
  type ResolvedConfiguration,
  resolveConfiguration,
  type SavedConfiguration,
  settingsLayer,
} from './entraConfiguration.ts'
import { readExtAuthConf } from './extAuthConf.ts'
import type { SecretStore } from './secretStore.ts'
import type { Settings } from './settings.ts'

/** The configuration in force, and what came with it. */
export interface InForce extends ResolvedConfiguration {
  /** Version of the saved configuration; undefined when none is saved. */
  version: string | undefined
  /** Credential that lies in ext_auth_conf.json, used while the vault has none. */
  fileCredential: Secret | undefined
}

/**
 * Reads a saved configuration.
 * @throws AppError secret_invalid
 */
export function readSavedConfiguration(text: string, name: string): Layer {
  const invalid = (problem: string): AppError => new AppError({ code: 'secret_invalid', secret: name, problem })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid('it is not JSON')
  }
  const parsed = v.safeParse(configurationSchema, json)
  if (!parsed.success) throw invalid(describeIssues(parsed.issues).join('; '))
  return { source: 'saved', values: parsed.output }
}

/** What lies under a saved configuration: ext_auth_conf.json at the app's root, then the settings. */
export interface LowerLayers {
  layers: Layer[]
  fileCredential: Secret | undefined
}

/**
 * @param file path of ext_auth_conf.json
 * @throws AppError config_invalid
 */
export async function loadLowerLayers(settings: Settings, file: string): Promise<LowerLayers> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new AppError({ code: 'config_invalid', problems: [`ext_auth_conf.json cannot be read (${error.code})`] })
  })
  const layers = [settingsLayer(settings)]
  if (text.trim() === '') return { layers, fileCredential: undefined }
  const { configuration, credential } = readExtAuthConf(text)
  return { layers: [{ source: 'file', values: configuration }, ...layers], fileCredential: credential }
}

/** Every layer below the defaults, as it is now. */
export interface AllLayers extends LowerLayers {
  /** Version of the saved configuration; undefined when none is saved. */
  version: string | undefined
}

/** What was saved, then the file, then the settings. @throws AppError config_invalid, secret_invalid, vault_* */
export async function loadLayers(settings: Settings, store: SecretStore, file: string): Promise<AllLayers> {
  const name = settings.secrets.configuration
  const [saved, lower] = await Promise.all([
    settings.vaultUrl === undefined ? undefined : store.read(name),
    loadLowerLayers(settings, file),
  ])
  const upper = saved === undefined ? [] : [readSavedConfiguration(saved.value.reveal(), name)]
  return { ...lower, layers: [...upper, ...lower.layers], version: saved?.version }
}

/**
 * Loads the configuration in force: the layers, completed by the defaults.
 * @throws AppError config_invalid, secret_invalid, vault_*
 */
export async function loadConfiguration(settings: Settings, store: SecretStore, file: string): Promise<InForce> {
  const { layers, version, fileCredential } = await loadLayers(settings, store, file)
  return { ...resolveConfiguration(layers, settings.customCloud), version, fileCredential }
}

/**
 * Values as if they were saved now: above the file and the settings, in place of what is saved.
 * @param version of the result; no saved configuration has it
 * @throws AppError config_invalid
 */
export async function loadAsIfSaved(
  settings: Settings,
  file: string,
  values: SavedConfiguration,
  version: string,
): Promise<InForce> {
  const { layers, fileCredential } = await loadLowerLayers(settings, file)
  const all: Layer[] = [{ source: 'saved', values }, ...layers]
  return { ...resolveConfiguration(all, settings.customCloud), version, fileCredential }
}
