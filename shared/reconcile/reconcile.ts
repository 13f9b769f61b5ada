import { explain } from '../catalogue.ts'
import { isMultiTenant } from '../configuration/clouds.ts'
import { type EntraConfiguration, mergeLayers } from '../configuration/entraConfiguration.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { describe, type Failure, failureOf } from '../failure.ts'
import type { Log } from '../log.ts'
import type { MicetroUser } from '../micetro/types.ts'
import { rulesFor } from '../sync/rules.ts'
import { brakeReason, losesEverything } from './brake.ts'
import { connectGraph, tenantForRun } from './connect.ts'
import { type JudgeContext, type Judged, judgeAccounts } from './judgeAccounts.ts'
import { rememberRun } from './lastRun.ts'
import { rotated } from './order.ts'
import { readDeleted } from './readGraph.ts'
import { removeAll } from './removeAll.ts'
import {
  countRemovals,
  countVerdicts,
  type Mode,
  type Outcome,
  type ReconcileReport,
  type ReportedAccount,
} from './report.ts'
import { reported, reportedRemovals } from './reported.ts'

/** Times after the beginning, in milliseconds. */
export interface Limits {
  /** When reading ends: the removals need time, too. */
  reading: number
  all: number
}

/** The host's front end gives up on a request after 230 s. */
export const usualLimits: Limits = { reading: 150_000, all: 200_000 }

/** Accounts that are judged together: a run whose time is over has finished those before. */
const sliceSize = 400

/**
 * One run: judges every External account by what Entra ID says about its person, and with `enforce` removes memberships.
 * It makes no account, joins no group and deletes no account.
 * @param asked what this run is to do; undefined: what the configuration says
 * @returns the report, for a run that failed, too
 */
export async function reconcile(
  engine: Engine,
  asked: Mode | undefined,
  log: Log,
  signal: AbortSignal,
  limits: Limits = usualLimits,
): Promise<ReconcileReport> {
  const begun = engine.clock.now()
  const finish = (report: ReconcileReport, failure?: Failure, cause?: string): ReconcileReport => {
    const { mode, outcome, counts, reason } = report
    const removals = countRemovals(report)
    const now = engine.clock.now()
    const milliseconds = Math.round(now - begun)
    const hint = failure === undefined ? undefined : explain(failure).admin
    const line = { event: 'reconcile', mode, outcome, counts, removals, milliseconds, reason, failure, hint, cause }
    if (outcome === 'failed' || outcome === 'stopped') log.error(line)
    else if (reason !== undefined) log.warn(line)
    else log.info(line)
    if (outcome !== 'off') rememberRun(engine, asked === undefined ? 'timer' : 'request', report, now)
    return report
  }
  let mode: Mode = asked ?? 'report'
  let accounts: readonly MicetroUser[] = []
  try {
    const inForce = await configurationFor(engine, asked)
    const configured = inForce?.configuration.betweenSignIns.mode ?? 'off'
    if (inForce === undefined || configured === 'off') {
      const report = reportOf(mode, 'off', [])
      return asked === undefined ? report : finish(report)
    }
    mode = asked ?? configured
    const within = AbortSignal.any([signal, AbortSignal.timeout(limits.all)])
    accounts = (await engine.micetro().client.listUsers(within)).filter(isExternal)
    return finish(await run(engine, inForce, { mode, accounts, begun, limits, signal: within }, log))
  } catch (error) {
    const failure = failureOf(error)
    const { admin } = explain(failure)
    const unknown = accounts.map(
      ({ name }): ReportedAccount => ({ name, verdict: 'unclear', removals: [], reason: 'the run failed' }),
    )
    return finish({ ...reportOf(mode, 'failed', unknown), reason: admin }, failure, describe(error))
  }
}

/** @returns undefined for the timer of an app whose configuration is not complete yet and does not switch it on */
async function configurationFor(engine: Engine, asked: Mode | undefined): Promise<InForce | undefined> {
  try {
    return await engine.inForce.get()
  } catch (error) {
    if (asked !== undefined || failureOf(error).code !== 'config_invalid') throw error
    const { layers } = await engine.layers()
    if ((mergeLayers(layers).shown.between_sign_ins?.mode ?? 'off') === 'off') return undefined
    throw error
  }
}

const isExternal = ({ authenticationType }: MicetroUser): boolean => authenticationType === 'External'

interface Run {
  mode: Mode
  accounts: readonly MicetroUser[]
  begun: number
  limits: Limits
  signal: AbortSignal
}

async function run(
  engine: Engine,
  inForce: InForce,
  { mode, accounts, begun, limits, signal }: Run,
  log: Log,
): Promise<ReconcileReport> {
  if (accounts.length === 0) return reportOf(mode, 'done', [])
  const { configuration } = inForce
  const { brakePercent, notFound } = configuration.betweenSignIns
  const micetro = engine.micetro()
  const reading = AbortSignal.any([signal, AbortSignal.timeout(limits.reading)])
  const graph = connectGraph(engine, inForce, reading, begun + limits.reading)
  const [micetroGroups, deleted] = await Promise.all([micetro.groups.get(), readDeleted(graph, configuration.graph)])
  const context: JudgeContext = {
    graph,
    root: configuration.graph,
    client: micetro.client,
    micetroGroups,
    deleted,
    severalTenants: isMultiTenant(configuration.tenantId),
    rules: rulesFor(configuration, tenantForRun(configuration) ?? ''),
    removesNotFound: notFound === 'remove',
    signal,
  }
  const judged = settle(await judgeInSlices(rotated(accounts, begun), context), configuration)

  if (judged.every(({ verdict }) => verdict === 'unclear')) {
    const reason = `Nothing is known of any account: ${judged[0]?.reason ?? ''}`
    return { ...reportOf(mode, 'failed', judged.map(reported)), reason }
  }
  const losing = judged.filter(({ memberOf, leaves }) => losesEverything({ memberOf, micetroGroups }, leaves)).length
  const stopped = brakeReason(losing, accounts.length, brakePercent)
  if (stopped !== undefined) return { ...reportOf(mode, 'stopped', judged.map(reported)), reason: stopped }
  if (mode === 'report') {
    for (const { account, verdict, leaves } of judged)
      for (const { group } of leaves) log.info({ event: 'membership_to_remove', account: account.name, group, verdict })
    return reportOf(mode, 'done', judged.map(reported))
  }
  const removed = await removeAll(judged, micetro, log, signal)
  const { outcome, accounts: done, reason } = reportedRemovals(judged, removed)
  return { ...reportOf(mode, outcome, done), ...(reason !== undefined && { reason }) }
}

async function judgeInSlices(accounts: readonly MicetroUser[], context: JudgeContext): Promise<Judged[]> {
  const judged: Judged[] = []
  for (let from = 0; from < accounts.length; from += sliceSize) {
    const slice = accounts.slice(from, from + sliceSize)
    if (context.graph.over) judged.push(...slice.map(notReached))
    else judged.push(...(await judgeAccounts(slice, context)))
  }
  return judged
}

const notReached = (account: MicetroUser): Judged => ({
  account,
  verdict: 'unclear',
  leaves: [],
  memberOf: new Set(),
  reason: 'the run ended before it came to this account',
})

/** That somebody is not found counts only where somebody else is: it may be the wrong tenant. */
function settle(judged: readonly Judged[], { betweenSignIns }: EntraConfiguration): Judged[] {
  const someoneIsThere = judged.some(({ verdict }) => verdict === 'active')
  return judged.map((each): Judged => {
    if (each.verdict !== 'not_found') return each
    if (!someoneIsThere) return { ...each, verdict: 'unclear', leaves: [], reason: 'nobody else is found either' }
    return betweenSignIns.notFound === 'remove' ? each : { ...each, reason: 'who is not found is reported only' }
  })
}

function reportOf(mode: Mode, outcome: Outcome, accounts: readonly ReportedAccount[]): ReconcileReport {
  const byName = [...accounts].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { mode, outcome, accounts: byName, counts: countVerdicts(accounts) }
}
