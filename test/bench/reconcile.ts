import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { resolveConfiguration, settingsLayer } from '../../shared/configuration/entraConfiguration.ts'
import { createEngine } from '../../shared/engine.ts'
import { reconcile } from '../../shared/reconcile/reconcile.ts'
import type { Mode } from '../../shared/reconcile/report.ts'

/**
 * Part of `npm run bench`: a run between sign-ins by the number of accounts and the latency of each call. Time and memory
 * belong to this machine; the number of calls does not, and what counts is that both grow with the accounts.
 */
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const rows: Record<string, number | string>[] = []

for (const accounts of [500, 5000, 20_000]) {
  for (const latency of [0, 20]) {
    const peers = fork(new URL('./reconcilePeers.ts', import.meta.url), [String(accounts), String(latency)])
    const [{ port, tenant }] = (await once(peers, 'message')) as [{ port: number; tenant: string }]
    const origin = `http://localhost:${port}`
    const engine = createEngine({
      ENTRA_TENANT_ID: tenant,
      ENTRA_CLIENT_ID: '99999999-2222-3333-4444-555555555555',
      ENTRA_REDIRECT_URI: 'http://localhost:7071/mmws/auth_cb/microsoft',
      ENTRA_CLOUD: 'custom',
      ENTRA_AUTHORITY_HOST: origin,
      GRAPH_ENDPOINT: origin,
      MICETRO_API_URLS: `${origin}/mmws/api`,
      MICETRO_API_USER: 'bench',
      MICETRO_WEB_URL: origin,
      ENTRA_CLIENT_CREDENTIAL: 'secret',
      MICETRO_API_PASSWORD: 'password',
      SIGN_IN_KEY: randomBytes(32).toString('base64'),
    })
    const saved = { source: 'saved' as const, values: { between_sign_ins: { mode: 'enforce' as const } } }
    const resolved = resolveConfiguration([saved, settingsLayer(engine.settings)], engine.settings.customCloud)
    const inForce = { ...resolved, version: undefined, fileCredential: undefined }
    const configured = Object.assign(Object.create(engine) as typeof engine, { inForce: { get: async () => inForce } })
    for (const mode of ['report', 'enforce'] as const satisfies Mode[]) {
      await fetch(`${origin}/calls`)
      collect()
      const before = process.memoryUsage().heapUsed
      let peak = before
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().heapUsed)
      }, 5)
      const cpu = process.cpuUsage()
      const begun = performance.now()
      const {
        outcome,
        counts,
        accounts: judged,
      } = await reconcile(configured, mode, silent, new AbortController().signal)
      const seconds = (performance.now() - begun) / 1000
      const { user, system } = process.cpuUsage(cpu)
      clearInterval(watch)
      const { calls } = (await (await fetch(`${origin}/calls`)).json()) as { calls: number }
      if (outcome !== 'done' || counts.unclear > 0) throw new Error(`the run was ${outcome}: ${JSON.stringify(counts)}`)
      rows.push({
        accounts,
        'ms a call': latency,
        mode,
        seconds: seconds.toFixed(2),
        calls,
        removals: judged.reduce((sum, { removals }) => sum + removals.length, 0),
        'CPU ms an account': ((user + system) / 1000 / accounts).toFixed(3),
        'heap MB at most': ((peak - before) / 2 ** 20).toFixed(0),
      })
    }
    peers.disconnect()
  }
}
console.log('\nA run between sign-ins:')
console.table(rows)
