import { resolveConfiguration, settingsLayer } from '../../shared/configuration/entraConfiguration.ts'
import { createEngine, type Engine } from '../../shared/engine.ts'
import { reconcile } from '../../shared/reconcile/reconcile.ts'
import type { Mode } from '../../shared/reconcile/report.ts'
import { heapUsed } from './measure.ts'
import { startPeerProcess } from './peerProcess.ts'
import { type Row, table } from './table.ts'
import type { Settings } from './way.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * A run between sign-ins by the number of accounts and the latency of each call. Time and memory belong to this machine;
 * the number of calls does not, and what counts is that both grow with the accounts.
 */
export async function betweenSignIns(): Promise<string> {
  const rows: Row[] = []
  const sizes = [
    [500, 0],
    [500, 20],
    [5000, 0],
    [5000, 20],
    [20_000, 0],
  ] as const
  for (const [accounts, latency] of sizes) {
    const { origin, settings, stop } = await startPeerProcess('reconcilePeers.ts', [`${accounts}`, `${latency}`])
    for (const mode of ['report', 'enforce'] as const satisfies Mode[])
      rows.push({ accounts, 'a call': `${latency} ms`, mode, ...(await oneRun(settings, origin, mode, accounts)) })
    stop()
  }
  return table(rows)
}

/** As if an administrator had switched it on. */
function engineOf(settings: Settings): Engine {
  const engine = createEngine(settings)
  const saved = { source: 'saved' as const, values: { between_sign_ins: { mode: 'enforce' as const } } }
  const resolved = resolveConfiguration([saved, settingsLayer(engine.settings)], engine.settings.customCloud)
  const inForce = { ...resolved, version: undefined, fileCredential: undefined }
  return Object.assign(Object.create(engine) as typeof engine, { inForce: { get: async () => inForce } })
}

async function oneRun(settings: Settings, origin: string, mode: Mode, count: number): Promise<Row> {
  const callsSince = async () => ((await (await fetch(`${origin}/calls`)).json()) as { calls: number }).calls
  await callsSince()
  const before = heapUsed()
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed)
  }, 5)
  const cpu = process.cpuUsage()
  const begun = performance.now()
  const { outcome, counts, accounts } = await reconcile(engineOf(settings), mode, silent, new AbortController().signal)
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(watch)
  if (outcome !== 'done' || counts.unclear > 0) throw new Error(`the run was ${outcome}: ${JSON.stringify(counts)}`)
  return {
    seconds: seconds.toFixed(2),
    calls: await callsSince(),
    removals: accounts.reduce((sum, { removals }) => sum + removals.length, 0),
    'CPU an account': `${((user + system) / 1000 / count).toFixed(3)} ms`,
    'heap at most': `${((peak - before) / 2 ** 20).toFixed(0)} MB`,
  }
}
