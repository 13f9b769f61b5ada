import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import { explain } from '../catalogue.ts'
import { type Layer, mergeLayers, resolveConfiguration } from '../configuration/entraConfiguration.ts'
import { type AllLayers, readSavedConfiguration } from '../configuration/inForce.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Engine } from '../engine.ts'
import { AppError, failureOf } from '../failure.ts'
import { runsSeen } from '../reconcile/lastRun.ts'
import { allChecks } from '../saveAndTest/allChecks.ts'
import { longestBody, parkCandidate, readSaveRequest, readTestSignInRequest } from '../saveAndTest/candidate.ts'
import { offerGroups, readGroupsRequest } from '../saveAndTest/groupOffer.ts'
import { saveAndTest as run } from '../saveAndTest/saveAndTest.ts'
import { attemptLifetime, cookieName } from '../sealing/attempt.ts'
import { beginSignIn, dryRun } from '../signIn/beginSignIn.ts'
import { readBody } from '../web/body.ts'
import { currentEngine } from '../web/currentEngine.ts'
import type { Exchange } from '../web/exchange.ts'
import { renderJson } from '../web/page.ts'
import { attemptCookie } from '../web/signInRoutes.ts'

/** A failure for the page: whoever reads it holds the access key, so it has the administrator's hint. */
export async function failWithJson(error: unknown, correlationId: string): Promise<HttpResponseInit> {
  const failure = failureOf(error)
  const { status, user, admin } = explain(failure)
  const problems = 'problems' in failure ? { problems: failure.problems } : {}
  return renderJson(status, { error: failure.code, message: user, hint: admin, correlationId, ...problems })
}

/** Earlier versions that the page offers. */
const historyLength = 20

/**
 * `GET /config/microsoft`: the configuration in force, or with `?version=` an earlier one that was saved; never a credential.
 */
export async function readConfiguration({ request }: Exchange): Promise<HttpResponseInit> {
  const engine = currentEngine()
  const version = new URL(request.url).searchParams.get('version')
  if (version !== null) return earlier(engine, version)
  const { secrets, vaultUrl, customCloud } = engine.settings
  const [{ layers, version: current, fileCredential, unreadable }, history, credential] = await Promise.all([
    readableLayers(engine),
    engine.store.listVersions(secrets.configuration),
    engine.store.read(secrets.credential),
  ])
  const shown = shownOf(layers, customCloud)
  return renderJson(200, {
    ...shown,
    // What would count where a saved value is taken away.
    below: belowOf(layers),
    problems: [...unreadable, ...shown.problems],
    version: current ?? null,
    history: history
      .slice(0, historyLength)
      .map((each) => ({ version: each.version, savedAt: each.createdOn?.toISOString() })),
    checks: allChecks.map(({ name }) => name),
    canSave: vaultUrl !== undefined,
    credentialStored: credential !== undefined || fileCredential !== undefined,
    runs: runsSeen(engine),
  })
}

function belowOf(layers: readonly Layer[]) {
  const { shown, sources } = mergeLayers(layers.filter(({ source }) => source !== 'saved'))
  return { configuration: shown, sources }
}

/** A saved configuration that cannot be read is named and left out: the page is where it is put right. */
async function readableLayers(engine: Engine): Promise<AllLayers & { unreadable: string[] }> {
  try {
    return { ...(await engine.layers()), unreadable: [] }
  } catch (error) {
    const failure = failureOf(error)
    const name = engine.settings.secrets.configuration
    if (failure.code !== 'secret_invalid' || failure.secret !== name) throw error
    const [lower, saved] = await Promise.all([engine.lowerLayers(), engine.store.read(name)])
    return { ...lower, version: saved?.version, unreadable: [`the saved configuration: ${failure.problem}`] }
  }
}

/** Before the first save the configuration may be incomplete: the page is there to complete it. */
function shownOf(layers: readonly Layer[], customCloud: Settings['customCloud']) {
  try {
    const { shown, sources } = resolveConfiguration(layers, customCloud)
    return { configuration: shown, sources, problems: [] }
  } catch (error) {
    const failure = failureOf(error)
    if (failure.code !== 'config_invalid') throw error
    const { shown, sources } = mergeLayers(layers)
    return { configuration: shown, sources, problems: failure.problems }
  }
}

async function earlier(engine: Engine, version: string): Promise<HttpResponseInit> {
  const name = engine.settings.secrets.configuration
  if (!/^[0-9a-z]{1,64}$/i.test(version)) throw new AppError({ code: 'bad_request', problem: 'the version is not one' })
  const stored = await engine.store.read(name, version)
  if (stored === undefined) throw new AppError({ code: 'bad_request', problem: 'there is no such version' })
  const { values } = readSavedConfiguration(stored.value.reveal(), name)
  return renderJson(200, { configuration: values, sources: {}, version })
}

/** `POST /config/microsoft/save-and-test`. */
export async function saveAndTest({ request, log, signal }: Exchange): Promise<HttpResponseInit> {
  return renderJson(200, await run(currentEngine(), readSaveRequest(await readText(request)), log, signal))
}

async function readText(request: HttpRequest): Promise<string> {
  const body = await readBody(request, longestBody)
  if (body === undefined) {
    throw new AppError({ code: 'candidate_invalid', problems: [`the body is longer than ${longestBody / 1024} KiB`] })
  }
  return body.toString('utf8')
}

/**
 * `POST /config/microsoft/test-sign-in`: begins a dry run with the configuration in force, or with a candidate that is
 * parked for it. The browser gets the sealed attempt and the address at Entra ID.
 */
export async function testSignIn({ request, cookies, log }: Exchange): Promise<HttpResponseInit> {
  const engine = currentEngine()
  const given = readTestSignInRequest(await readText(request))
  const candidate = given === undefined ? undefined : await parkCandidate(engine, given, log)
  const { location, state, sealed, redirectUri } = await beginSignIn(engine, dryRun(candidate))
  cookies.push(attemptCookie(cookieName(state, redirectUri), sealed, attemptLifetime))
  return renderJson(200, { location })
}

/** `POST /config/microsoft/groups`: what the rows of the table of groups may say. */
export async function offerGroupsForTable({ request, log, signal }: Exchange): Promise<HttpResponseInit> {
  const asked = readGroupsRequest(await readText(request))
  return renderJson(200, await offerGroups(currentEngine(), asked, log, signal))
}
