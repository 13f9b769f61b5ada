import type { HttpResponseInit } from '@azure/functions'
import { buildId } from '../buildId.atBuild.ts'
import { Cached } from '../cached.ts'
import { explain } from '../catalogue.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { SecretNames } from '../configuration/settings.ts'
import type { Engine } from '../engine.ts'
import { metadataUrl } from '../entra/endpoints.ts'
import { AppError } from '../failure.ts'
import { NoAnswerError } from '../outgoing/http.ts'
import { asError } from '../sync/groupRules.ts'
import { currentEngine } from './currentEngine.ts'
import type { Exchange } from './guarded.ts'
import { LineLimit } from './lineLimit.ts'
import { securityHeaders } from './page.ts'
import { publicHint, publicReason, settingsOf } from './publicHint.ts'

/** How long an answer is repeated: a load balancer that asks often must not load the dependencies. */
const freshFor = 10_000

interface Report {
  healthy: boolean
  /** For everybody. */
  lines: readonly string[]
  /** For the log: they name hosts, accounts and secrets. */
  hints: readonly string[]
}

/** Anybody may ask, as often as he likes. */
const limit = new LineLimit(10)

let report: { engine: Engine; cached: Cached<Report> } | undefined

/** `GET /health`: one line for each dependency and one for the build, nothing secret. */
export async function health({ log }: Exchange): Promise<HttpResponseInit> {
  const { healthy, lines, hints } = await currentReport()
  const withheld = healthy ? undefined : limit.admit('unhealthy')
  if (withheld !== undefined) log.warn({ event: 'unhealthy', lines, hints, withheld })
  return {
    status: healthy ? 200 : 503,
    headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' },
    body: `${[...lines, `build: ${buildId}`].join('\n')}\n`,
  }
}

async function currentReport(): Promise<Report> {
  let engine: Engine
  try {
    engine = currentEngine()
  } catch (error) {
    const failed = asError(error)
    return { healthy: false, lines: [lineOf('settings', failed, undefined)], hints: [explain(failed.failure).admin] }
  }
  if (report?.engine !== engine) {
    report = { engine, cached: new Cached(() => check(engine), engine.clock, { freshFor }) }
  }
  return report.cached.get()
}

type Probe = readonly [name: string, probe: () => Promise<unknown>]

async function check(engine: Engine): Promise<Report> {
  const independent: Probe[] = [
    ['configuration', () => engine.inForce.get()],
    ['sign-in key', () => engine.sealingKeys.get()],
  ]
  const { vaultUrl, secrets } = engine.settings
  // The caches hide an outage of the vault for hours; this shows it at once.
  if (vaultUrl !== undefined) independent.push(['key vault', () => engine.store.read(secrets.signInKey)])
  if (engine.settings.micetro !== undefined) independent.push(['micetro', () => reachMicetro(engine)])
  // Without a configuration these would only repeat what is wrong with it.
  const inForce = await engine.inForce.get().catch(() => undefined)
  const dependent: Probe[] =
    inForce === undefined
      ? []
      : [
          ['credential', () => engine.credentials.get(inForce)],
          ['entra id', () => reachEntra(engine, inForce)],
          ['graph', () => reachGraph(engine, inForce)],
        ]
  const results = await Promise.all(
    [...independent, ...dependent].map(async ([name, probe]) => ({
      name,
      error: await probe().then(() => undefined, asError),
    })),
  )
  const lines = results.map(({ name, error }) => lineOf(name, error, secrets))
  if (inForce?.configuration.enabled === false) lines.push('note: sign-in is switched off')
  if (inForce?.configuration.matchByName)
    lines.push('warning: match_by_name is set; switch it off after the change-over')
  const hints = results.flatMap(({ error }) => (error === undefined ? [] : [explain(error.failure).admin]))
  return { healthy: hints.length === 0, lines, hints }
}

/** The dependency, why, and which settings to look at; never a host, an account or a value, for anybody may ask. */
function lineOf(name: string, error: AppError | undefined, names: SecretNames | undefined): string {
  if (error === undefined) return `${name}: ok`
  const { failure } = error
  if (failure.code === 'config_invalid') return `${name}: config_invalid: ${publicHint(failure)}`
  const reason = publicReason(failure)
  const settings = names && settingsOf(failure, names)
  return `${name}: ${failure.code}${reason === undefined ? '' : ` (${reason})`}${settings === undefined ? '' : `, see ${settings}`}`
}

/** Time for one probe, in milliseconds. */
const timeout = 5000

async function reachEntra(engine: Engine, { configuration }: InForce): Promise<void> {
  const { login, tenantId } = configuration
  const { signal } = new AbortController()
  const answer = await engine
    .send({ method: 'GET', url: metadataUrl(login, tenantId), timeout, signal })
    .catch((cause) => {
      throw new AppError({ code: 'entra_unreachable', host: new URL(login).host, reason: reasonOf(cause) }, { cause })
    })
  if (answer.status >= 500) throw new AppError({ code: 'entra_busy', status: answer.status })
}

/** Any answer below 500 will do: without a token Graph says 401. */
async function reachGraph(engine: Engine, { configuration: { graph } }: InForce): Promise<void> {
  const { signal } = new AbortController()
  const answer = await engine.send({ method: 'GET', url: `${graph}/v1.0/me`, timeout, signal }).catch((cause) => {
    throw new AppError({ code: 'graph_unreachable', host: new URL(graph).host, reason: reasonOf(cause) }, { cause })
  })
  if (answer.status >= 500) throw new AppError({ code: 'graph_throttled', status: answer.status })
}

/** Proves the addresses, the certificate and the API account; what each address says itself is the reason. */
async function reachMicetro(engine: Engine): Promise<void> {
  await engine.micetro().client.transport.probe()
}

const reasonOf = (error: unknown): string => (error instanceof NoAnswerError ? error.reason : 'unknown')
