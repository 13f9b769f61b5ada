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

/**
 * Loads the configuration in force: what was saved, then ext_auth_conf.json at the app's root, then the settings, then
 * the defaults, key by key.
 * @param file path of ext_auth_conf.json
 */
export async function loadConfiguration(settings: Settings, store: SecretStore, file: string): Promise<InForce> {
  const [saved, fileText] = await Promise.all([
    settings.vaultUrl === undefined ? undefined : store.read(settings.secrets.configuration),
    readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw new AppError({ code: 'config_invalid', problems: [`ext_auth_conf.json cannot be read (${error.code})`] })
    }),
  ])
  const layers: Layer[] = []
  if (saved !== undefined) layers.push(readSavedConfiguration(saved.value.reveal(), settings.secrets.configuration))
  let fileCredential: Secret | undefined
  if (fileText !== undefined && fileText.trim() !== '') {
    const conf = readExtAuthConf(fileText)
    layers.push({ source: 'file', values: conf.configuration })
    fileCredential = conf.credential
  }
  layers.push(settingsLayer(settings))
  return { ...resolveConfiguration(layers, settings.customCloud), version: saved?.version, fileCredential }
}
