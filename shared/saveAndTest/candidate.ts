import * as v from 'valibot'
import {
  configurationSchema,
  describeIssues,
  resolveConfiguration,
  type SavedConfiguration,
} from '../configuration/entraConfiguration.ts'
import { readExtAuthConf } from '../configuration/extAuthConf.ts'
import { tellable } from '../configuration/failures.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { fetchAppToken, tenantForApp } from '../entra/appToken.ts'
import { readCredential } from '../entra/credential.ts'
import { metadataUrl } from '../entra/endpoints.ts'
import { AppError } from '../failure.ts'
import type { Log } from '../log.ts'
import { NoAnswerError } from '../outgoing/http.ts'
import { Secret } from '../secret.ts'
import { allChecks } from './allChecks.ts'
import { micetroNodes, once, type Trial } from './trial.ts'

/** Largest body that is read, in bytes: a configuration with a full map stays far below. */
export const longestBody = 512 * 1024

const certificateSchema = v.strictObject({
  private_key: v.string(),
  public_certificate: v.string(),
})

const bodySchema = v.strictObject({
  configuration: v.record(v.string(), v.unknown(), 'must be an object'),
  credential: v.optional(v.union([v.pipe(v.string(), v.maxLength(100_000)), certificateSchema], 'must be a text')),
  /** The day on which a client secret ends, as Entra ID showed it; Key Vault then warns in time. */
  credentialExpires: v.optional(v.pipe(v.string('must be a text'), v.isoDate('must be a day, YYYY-MM-DD'))),
  save: v.boolean('must be true or false'),
  saveDespiteFailures: v.optional(v.boolean('must be true or false')),
  /** The version that the page last read; a save over a newer one is refused. Null: none was saved yet. */
  version: v.optional(v.nullable(v.string())),
  /** One check alone, so that a page can show results as they come. */
  only: v.optional(
    v.pipe(
      v.string('must be a text'),
      v.check((name) => allChecks.some((check) => check.name === name), 'no such check'),
    ),
  ),
})

/** What was sent to Save and Test, well-formed as far as a schema can tell. */
export interface SaveRequest {
  configuration: SavedConfiguration
  /** Undefined: the one that is there already. */
  credential: Secret | undefined
  credentialExpires: Date | undefined
  save: boolean
  saveDespiteFailures: boolean
  version: string | null | undefined
  only: string | undefined
}

const invalid = (...problems: string[]): AppError =>
  new AppError({ code: 'candidate_invalid', problems: tellable(problems) })

/**
 * Reads the body of save-and-test; the configuration may be a whole `ext_auth_conf.json`.
 * @throws AppError candidate_invalid with the path of every fault, never with a value
 */
export function readSaveRequest(text: string): SaveRequest {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid('the body is not JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid('the body is not a JSON object')
  const unseen = faultsBelowSchema(json)
  if (unseen.length > 0) throw invalid(...unseen)
  const parsed = v.safeParse(bodySchema, json)
  if (!parsed.success) throw invalid(...describeIssues(parsed.issues))
  const { configuration, credential, credentialExpires, save, saveDespiteFailures, version, only } = parsed.output
  const block = readConfiguration(configuration)
  const given =
    typeof credential === 'object'
      ? `${credential.private_key.trim()}\n${credential.public_certificate.trim()}\n`
      : credential
  const sent = given === undefined || given === '' ? block.credential : new Secret(given)
  if (credentialExpires !== undefined && sent === undefined)
    throw invalid('credentialExpires: goes with a new credential')
  return {
    configuration: block.configuration,
    credential: sent,
    credentialExpires: credentialExpires === undefined ? undefined : new Date(credentialExpires),
    save,
    saveDespiteFailures: saveDespiteFailures ?? false,
    version,
    only,
  }
}

/** Keys that the schema library leaves out of records without a word; to a sender they are unknown keys like any other. */
const reservedNames = ['__proto__', 'constructor', 'prototype']

/** Where the schema library takes a list for an empty object. */
const neverLists = ['configuration', 'microsoft', 'groups', 'map']

/** How deep a body may be nested: twice as deep as a whole file of the product. */
const deepest = 10

/** @returns faults that the schemas do not see; found without recursion, because the sender chooses the depth */
function faultsBelowSchema(json: object): string[] {
  const found: string[] = []
  const queue: { path: string; depth: number; value: object }[] = [{ path: '', depth: 1, value: json }]
  for (let each = queue.pop(); each !== undefined; each = queue.pop()) {
    const depth = each.depth + 1
    // What is deeper is not looked at: paths would grow with it, and the schemas recurse.
    if (depth > deepest) return ['the body is nested too deeply']
    for (const [key, value] of Object.entries(each.value) as [string, unknown][]) {
      const path = each.path === '' ? key : `${each.path}.${key}`
      if (reservedNames.includes(key)) found.push(`${path}: unknown key`)
      else if (Array.isArray(value) && neverLists.includes(key)) found.push(`${path}: must be an object`)
      else if (typeof value === 'object' && value !== null) queue.push({ path, depth, value })
    }
  }
  return found
}

function readConfiguration(value: Record<string, unknown>): {
  configuration: SavedConfiguration
  credential: Secret | undefined
} {
  if ('microsoft' in value || 'okta' in value || 'client_credential' in value) {
    try {
      return readExtAuthConf(JSON.stringify(value))
    } catch (error) {
      if (!(error instanceof AppError) || error.failure.code !== 'config_invalid') throw error
      throw invalid(...error.failure.problems.map((problem) => `configuration.${problem}`))
    }
  }
  const parsed = v.safeParse(configurationSchema, value)
  if (!parsed.success) throw invalid(...describeIssues(parsed.issues).map((fault) => `configuration.${fault}`))
  return { configuration: parsed.output, credential: undefined }
}

/**
 * Puts a candidate on trial as if it were saved: above the settings, in place of what is saved now.
 * @throws AppError candidate_invalid
 */
export async function createTrial(engine: Engine, request: SaveRequest, log: Log, signal: AbortSignal): Promise<Trial> {
  const { settings } = engine
  let candidate: InForce
  try {
    const { layers, fileCredential } = await engine.lowerLayers()
    const all = [{ source: 'saved' as const, values: request.configuration }, ...layers]
    candidate = { ...resolveConfiguration(all, settings.customCloud), version: 'candidate', fileCredential }
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code !== 'config_invalid') throw error
    // Each begins with the key that it is about.
    throw invalid(...error.failure.problems.map((problem) => `configuration.${problem.replace(/^(\w+)/, '$1:')}`))
  }
  const { configuration } = candidate
  const name = settings.secrets.credential
  const credential = once(async () => {
    const sent = request.credential
    if (sent === undefined || configuration.credentialKind === 'managed-identity')
      return engine.credentials.load(candidate)
    const stored = { value: sent, version: 'candidate', contentType: undefined, expiresOn: request.credentialExpires }
    return { credential: await readCredential(configuration.credentialKind, name, stored), version: 'candidate' }
  })
  return {
    engine,
    candidate,
    log,
    signal,
    credential,
    endpoints: once(() => engine.endpoints(configuration)),
    metadata: once(async () => {
      const { host } = new URL(configuration.login)
      const url = metadataUrl(configuration.login, configuration.tenantId)
      try {
        const answer = await engine.send({ method: 'GET', url, timeout: 8000, signal })
        return { answer, arrivedAt: engine.clock.now() }
      } catch (cause) {
        const reason = cause instanceof NoAnswerError ? cause.reason : 'unknown'
        throw new AppError({ code: 'entra_unreachable', host, reason }, { cause })
      }
    }),
    appToken: once(async () =>
      fetchAppToken(engine, configuration, tenantForApp(configuration), (await credential()).credential, signal),
    ),
    micetro: () => micetroNodes(engine),
  }
}
