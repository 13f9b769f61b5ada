import type { HttpResponseInit } from '@azure/functions'
import { buildId } from '../buildId.atBuild.ts'
import { explain } from '../catalogue.ts'
import type { SecretNames } from '../configuration/settings.ts'
import type { Engine } from '../engine.ts'
import type { AppError } from '../failure.ts'
import { asError } from '../sync/groupRules.ts'
import { currentEngine, engineDespiteFaults } from './currentEngine.ts'
import type { Exchange } from './exchange.ts'
import { probesOf, probesWithoutSettings } from './healthProbes.ts'
import { LastKnown } from './lastKnown.ts'
import { LineLimit } from './lineLimit.ts'
import { securityHeaders } from './page.ts'
import { publicHint, publicReason, settingsOf } from './publicHint.ts'
import { type Dependency, type Finding, judgeWay, statusOf, wayLine, ways } from './waysIn.ts'

interface Subject {
  engine: Engine
  /** Of the settings. */
  fault: AppError | undefined
  known: LastKnown<Dependency, Finding>
}

/** Anybody may ask, as often as they like. */
const limit = new LineLimit(10)

let subject: Subject | undefined

/**
 * `GET /health`: one line for each dependency, one for each way in, and one for the build, nothing secret. 200: each way
 * in that is configured can work, or, with `Retry-After`, it is not known yet; 503: one of them cannot.
 */
export async function health({ log }: Exchange): Promise<HttpResponseInit> {
  subject ??= subjectOf()
  const { status, known, lines, hints } = await report(subject)
  const withheld = hints.length === 0 ? undefined : limit.admit('unhealthy')
  if (withheld !== undefined) log.warn({ event: 'unhealthy', status, lines, hints, withheld })
  return {
    status,
    headers: {
      ...securityHeaders,
      'content-type': 'text/plain; charset=utf-8',
      ...(status === 200 && !known && { 'retry-after': '1' }),
    },
    body: `${[...lines, `build: ${buildId}`].join('\n')}\n`,
  }
}

/** The environment of a process does not change, and what is wrong with it neither. */
function subjectOf(): Subject {
  try {
    const engine = currentEngine()
    return { engine, fault: undefined, known: new LastKnown(probesOf(engine), engine.clock) }
  } catch (error) {
    const engine = engineDespiteFaults()
    const fault = asError(error)
    return { engine, fault, known: new LastKnown(probesWithoutSettings(engine, fault), engine.clock) }
  }
}

interface Report {
  status: 200 | 503
  /** Whether each way in can work. */
  known: boolean
  /** For everybody. */
  lines: readonly string[]
  /** For the log: they name hosts, accounts and secrets. */
  hints: readonly string[]
}

async function report({ engine, fault, known }: Subject): Promise<Report> {
  const findings = await known.get()
  const { settings } = engine
  const isConfigured = {
    here: fault !== undefined || settings.micetro !== undefined,
    central: fault !== undefined || settings.centralCallbackUrl !== undefined,
  }
  // What the last look found; with no look that went well there is none.
  const configuration = findings.get('configuration') === 'ok' ? engine.inForce.held?.configuration : undefined
  const rules = {
    enabled: configuration?.enabled !== false,
    groupsRequired: configuration?.groups.required === true,
  }
  const verdicts = (['here', 'central'] as const).map((each) => ({
    way: ways[each],
    verdict: judgeWay(ways[each], isConfigured[each], rules, findings),
  }))
  const lines = [...findings].map(([name, finding]) => lineOf(name, finding, settings.secrets))
  if (configuration?.matchByName) lines.push('warning: match_by_name is set; switch it off after the change-over')
  return {
    status: statusOf(verdicts.map(({ verdict }) => verdict)),
    known: verdicts.every(({ verdict }) => verdict.can !== 'not known yet'),
    lines: [...lines, ...verdicts.map(({ way, verdict }) => wayLine(way, verdict))],
    hints: [...findings.values()].flatMap((found) => (found instanceof Error ? explain(found.failure).admin : [])),
  }
}

/** The dependency, why, and which settings to look at; never a host, an account or a value, for anybody may ask. */
function lineOf(name: Dependency, finding: Finding | undefined, names: SecretNames): string {
  if (finding === undefined) return `${name}: not known yet`
  if (finding === 'ok') return `${name}: ok`
  if (finding === 'blocked')
    return `${name}: not looked at, see ${name === 'configuration' ? 'settings' : 'configuration'}`
  const { failure } = finding
  if (failure.code === 'config_invalid') return `${name}: config_invalid: ${publicHint(failure)}`
  const reason = publicReason(failure)
  const settings = settingsOf(failure, names)
  return `${name}: ${failure.code}${reason === undefined ? '' : ` (${reason})`}${settings === undefined ? '' : `, see ${settings}`}`
}
