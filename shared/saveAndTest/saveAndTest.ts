import type { ConfigurationKey, SavedConfiguration } from '../configuration/entraConfiguration.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import type { ClientCredential } from '../entra/credential.ts'
import { AppError, failureOf } from '../failure.ts'
import type { Log } from '../log.ts'
import { Secret } from '../secret.ts'
import { allChecks } from './allChecks.ts'
import { createTrial, type SaveRequest } from './candidate.ts'
import { type CheckResult, passed, runChecks, type Verdict, verdictOf, warning } from './check.ts'
import { vaultWriteCheck } from './checks/vault.ts'
import type { Trial } from './trial.ts'

/** Answer of save-and-test (design: routes). */
export interface SaveAnswer {
  saved: boolean
  outcome: 'passed' | 'failed'
  checks: CheckResult[]
  /** Version of the saved configuration, after a save. */
  version?: string
}

/**
 * Tests a candidate and then, if it is asked for, saves it. A candidate that fails changes nothing.
 * @throws AppError candidate_invalid, save_conflict
 */
export async function saveAndTest(
  engine: Engine,
  request: SaveRequest,
  log: Log,
  signal: AbortSignal,
): Promise<SaveAnswer> {
  const trial = await createTrial(engine, request, log, signal)
  if (request.save) await requireLatest(engine, request)
  const tried = await runChecks(allChecks, trial, request.save ? undefined : request.only)
  const outcome = tried.some((check) => check.outcome === 'failed') ? 'failed' : 'passed'
  if (!request.save || (outcome === 'failed' && !request.saveDespiteFailures))
    return { saved: false, outcome, checks: tried }

  const begun = engine.clock.now()
  const written = await inTurn(engine, () => write(trial, request)).catch((error: unknown) =>
    verdictOf(failureOf(error)),
  )
  const verdict: Verdict = 'version' in written ? savedVerdict(written.overtook) : written
  const result = { name: 'save', ...verdict, milliseconds: Math.round(engine.clock.now() - begun) }
  // The write itself has answered the question that could not be tried before.
  const checks = [...tried.filter(({ name }) => name !== vaultWriteCheck.name), result]
  if (!('version' in written)) return { saved: false, outcome: 'failed', checks }
  engine.inForce.drop()
  log.info({
    event: 'configuration_saved',
    version: written.version,
    changed: written.changed,
    despiteFailures: outcome === 'failed',
  })
  return { saved: true, outcome, checks, version: written.version }
}

/** The save that each engine is busy with, or did last. */
const saves = new WeakMap<Engine, Promise<unknown>>()

/** One save after another: Key Vault has no conditional write, so looking and writing must not be interleaved. */
function inTurn<T>(engine: Engine, save: () => Promise<T>): Promise<T> {
  const turn = (saves.get(engine) ?? Promise.resolve()).then(save)
  saves.set(
    engine,
    turn.catch(() => undefined),
  )
  return turn
}

/** Another instance may have saved between our look and our write: both versions are there, and the last one counts. */
function savedVerdict(overtook: boolean): Verdict {
  if (!overtook) return passed('Key Vault has the new version.')
  return warning(
    'Key Vault has the new version, but somebody else saved another one at the same moment.',
    'The history lists both. Compare them, and restore the one that is wanted.',
  )
}

/** @throws AppError save_conflict when a newer version was saved than the page had read */
async function requireLatest(engine: Engine, { version }: SaveRequest): Promise<void> {
  if (version === undefined) return
  const newest = (await engine.store.read(engine.settings.secrets.configuration))?.version
  if ((newest ?? null) !== version) throw new AppError({ code: 'save_conflict', version: newest ?? 'none' })
}

/**
 * The credential first, then the configuration that names its version: both change for readers at the one write of the
 * configuration, and a write that breaks off in between changes nothing in force.
 */
async function write(
  { engine, candidate, credential }: Trial,
  request: SaveRequest,
): Promise<{ version: string; changed: string[]; overtook: boolean }> {
  const { store, settings } = engine
  const { secrets } = settings
  // Once more, for testing takes seconds; and before the credential, so that a save that lost leaves nothing behind.
  await requireLatest(engine, request)
  const before = await engine.inForce.get().catch(() => undefined)
  const kind = candidate.configuration.credentialKind
  const values: SavedConfiguration = { ...request.configuration, credential_kind: kind }
  if (kind === 'managed-identity') {
    delete values.credential_version
  } else {
    const sent = request.credential ?? (await unsavedFileCredential(engine, candidate))
    values.credential_version =
      sent === undefined
        ? (await engine.credentials.load(candidate)).version
        : await writeCredential(engine, sent, endOf((await credential()).credential))
  }
  const looked = engine.clock.now()
  const known = new Set((await store.listVersions(secrets.configuration)).map((each) => each.version))
  const text = new Secret(JSON.stringify(values))
  const version = await store.write(secrets.configuration, text, { contentType: 'application/json' })
  known.add(version)
  // What was written stays written, so a list that cannot be read now does not fail the save.
  const versions = await store.listVersions(secrets.configuration).catch(() => [])
  // By the vault's own clock, in whole seconds: versions that came back with a recovered name are older than our look.
  const ours = versions.find((each) => each.version === version)?.createdOn?.getTime() ?? 0
  const since = ours - (engine.clock.now() - looked) - 1000
  const overtook = versions.some((each) => !known.has(each.version) && (each.createdOn?.getTime() ?? 0) >= since)
  return { version, changed: changedKeys(before?.shown ?? {}, values), overtook }
}

/** When a credential ends, as far as it is known; the vault is told, so that its warning comes in time. */
function endOf(credential: ClientCredential): Date | undefined {
  return credential.kind === 'managed-identity' ? undefined : credential.expiresOn
}

/** A credential that lies in ext_auth_conf.json goes to the vault with the first save. */
async function unsavedFileCredential(engine: Engine, candidate: InForce): Promise<Secret | undefined> {
  const inVault = await engine.store.read(engine.settings.secrets.credential)
  return inVault === undefined ? candidate.fileCredential : undefined
}

/** @returns the version that holds it; the same credential is not written twice, unless its end is told anew */
async function writeCredential(
  { store, settings }: Engine,
  credential: Secret,
  expiresOn: Date | undefined,
): Promise<string> {
  const name = settings.secrets.credential
  const held = await store.read(name)
  if (held?.value.equals(credential) && (expiresOn === undefined || sameSecond(held.expiresOn, expiresOn)))
    return held.version
  const text = credential.reveal()
  const contentType = text.includes('-----BEGIN ') ? 'application/x-pem-file' : 'text/plain'
  return store.write(name, credential, { contentType, ...(expiresOn && { expiresOn }) })
}

/** Key Vault keeps whole seconds. */
function sameSecond(a: Date | undefined, b: Date): boolean {
  return a !== undefined && Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000)
}

/** Names of the keys that differ, for the log: who changed what is not a value. */
function changedKeys(before: SavedConfiguration, after: SavedConfiguration): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)] as ConfigurationKey[])
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
}
