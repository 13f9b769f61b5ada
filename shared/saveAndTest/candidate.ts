import * as v from 'valibot'
import { configurationSchema, describeIssues, type SavedConfiguration } from '../configuration/entraConfiguration.ts'
import { readExtAuthConf } from '../configuration/extAuthConf.ts'
import { tellable } from '../configuration/failures.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { fetchAppToken, tenantForApp } from '../entra/appToken.ts'
import { metadataUrl } from '../entra/endpoints.ts'
import { AppError, failureOf } from '../failure.ts'
import type { Log } from '../log.ts'
import { NoAnswerError } from '../outgoing/http.ts'
import { Secret } from '../secret.ts'
import { candidateVersion, credentialOf } from '../signIn/subject.ts'
import { allChecks } from './allChecks.ts'
import { type MicetroNode, micetroNodes, once, type Trial } from './trial.ts'

/** Largest body that is read, in bytes: a configuration with a full map stays far below. */
export const longestBody = 512 * 1024

const certificateSchema = v.strictObject({
  private_key: v.string(),
  public_certificate: v.string(),
})

/** What every body with a candidate has. */
export const candidateEntries = {
  configuration: v.record(v.string(), v.unknown(), 'must be an object'),
  credential: v.optional(v.union([v.pipe(v.string(), v.maxLength(100_000)), certificateSchema], 'must be a text')),
}

const testSignInSchema = v.strictObject(candidateEntries)

const bodySchema = v.strictObject({
  ...candidateEntries,
  /** The day on which a client secret ends, as Entra ID showed it; Key Vault then warns in time. */
  credentialExpires: v.optional(v.pipe(v.string('must be a text'), v.isoDate('must be a day, YYYY-MM-DD'))),
  save: v.boolean('must be true or false'),
  saveDespiteFailures: v.optional(v.boolean('must be true or false')),
  /** The version that the page last read; a save over a newer one is refused. Null: none was saved yet. */
  version: v.optional(v.nullable(v.string())),
  /** Names one press of the button, whose checks come as several requests. */
  press: v.optional(v.pipe(v.string('must be a text'), v.maxLength(64))),
  /** One check alone, so that a page can show results as they come. */
  only: v.optional(
    v.pipe(
      v.string('must be a text'),
      v.check((name) => allChecks.some((check) => check.name === name), 'no such check'),
    ),
  ),
})

/** What is not saved: a configuration, and perhaps a credential with it. */
export interface GivenCandidate {
  configuration: SavedConfiguration
  /** Undefined: the one that is there already. */
  credential: Secret | undefined
}

/** What was sent to Save and Test, well-formed as far as a schema can tell. */
export interface SaveRequest extends GivenCandidate {
  credentialExpires: Date | undefined
  save: boolean
  saveDespiteFailures: boolean
  version: string | null | undefined
  /** Requests of one press share one real try at Micetro. */
  press?: string | undefined
  only: string | undefined
}

const invalid = (...problems: string[]): AppError =>
  new AppError({ code: 'candidate_invalid', problems: tellable(problems) })

/**
 * Reads the body of save-and-test; the configuration may be a whole `ext_auth_conf.json`.
 * @throws AppError candidate_invalid with the path of every fault, never with a value
 */
export function readSaveRequest(text: string): SaveRequest {
  const { save, saveDespiteFailures, version, press, only, credentialExpires, ...given } = parseBody(text, bodySchema)
  const candidate = readCandidate(given)
  if (credentialExpires !== undefined && candidate.credential === undefined)
    throw invalid('credentialExpires: goes with a new credential')
  return {
    ...candidate,
    credentialExpires: credentialExpires === undefined ? undefined : new Date(credentialExpires),
    save,
    saveDespiteFailures: saveDespiteFailures ?? false,
    version,
    press,
    only,
  }
}

/**
 * Reads the body of test-sign-in.
 * @returns undefined when it names no candidate: what is in force is tried
 * @throws AppError candidate_invalid, as readSaveRequest
 */
export function readTestSignInRequest(text: string): GivenCandidate | undefined {
  if (/^\s*(\{\s*\})?\s*$/.test(text)) return undefined
  return readCandidate(parseBody(text, testSignInSchema))
}

/** A body as its schema has it. @throws AppError candidate_invalid */
export function parseBody<T>(text: string, schema: v.GenericSchema<unknown, T>): T {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid('the body is not JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid('the body is not a JSON object')
  const unseen = faultsBelowSchema(json)
  if (unseen.length > 0) throw invalid(...unseen)
  const parsed = v.safeParse(schema, json)
  if (!parsed.success) throw invalid(...describeIssues(parsed.issues))
  return parsed.output
}

/** The configuration of a body may be a whole `ext_auth_conf.json`. @throws AppError candidate_invalid */
export function readCandidate({ configuration, credential }: v.InferOutput<typeof testSignInSchema>): GivenCandidate {
  const block = readConfiguration(configuration)
  const given =
    typeof credential === 'object'
      ? `${credential.private_key.trim()}\n${credential.public_certificate.trim()}\n`
      : credential
  const sent = given === undefined || given === '' ? block.credential : new Secret(given)
  return { configuration: block.configuration, credential: sent }
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

/** The candidate as if it were saved. @throws AppError candidate_invalid */
async function resolveCandidate(engine: Engine, configuration: SavedConfiguration): Promise<InForce> {
  try {
    return await engine.asIfSaved(configuration, candidateVersion)
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code !== 'config_invalid') throw error
    // Each begins with the key that it is about.
    throw invalid(...error.failure.problems.map((problem) => `configuration.${problem.replace(/^(\w+)/, '$1:')}`))
  }
}

/**
 * Parks a candidate for one Test sign-in, in place of any that is parked already.
 * @returns its version
 * @throws AppError candidate_invalid, and what reading the credential or writing to the vault may throw
 */
export async function parkCandidate(engine: Engine, given: GivenCandidate, log: Log): Promise<string> {
  const candidate = await resolveCandidate(engine, given.configuration)
  // One that cannot be used at all is told here, not after a walk to Entra ID.
  await credentialOf(engine, candidate, given.credential)
  const version = await engine.parking.park(given)
  await engine.parking.endOthers(version).catch((error: unknown) => {
    // The application refuses it by its age, whatever the vault says.
    log.warn({ event: 'candidate_left', failure: failureOf(error) })
  })
  return version
}

/**
 * Puts a candidate on trial as if it were saved: above the settings, in place of what is saved now.
 * @throws AppError candidate_invalid
 */
export async function createTrial(
  engine: Engine,
  request: Pick<SaveRequest, 'configuration' | 'credential' | 'credentialExpires' | 'press'>,
  log: Log,
  signal: AbortSignal,
): Promise<Trial> {
  const candidate = await resolveCandidate(engine, request.configuration)
  const { configuration } = candidate
  let held: readonly MicetroNode[] | undefined
  const nodes = (): readonly MicetroNode[] => {
    held ??= micetroNodes(engine, request.press)
    return held
  }
  const credential = once(() => credentialOf(engine, candidate, request.credential, request.credentialExpires))
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
    micetro: nodes,
  }
}
