import { coldLoads } from './coldLoad.ts'
import { usualPeers } from './peerProcess.ts'
import { startWarmWorld, type TimedSignIn, timeAge } from './phases.ts'
import { least, signInCosts } from './signInCost.ts'
import type { Round } from './wayProcess.ts'

/**
 * A short bench, for regression.test.ts: prints ratios and counts, each the best of a few rounds, so that a busy machine
 * makes none of them worse. CPU time is counted, not time.
 */
const { rounds, kept } = await signInCosts(usualPeers, { warmUp: 600, rounds: 5, perRound: 100 })
const signIn = (costs: readonly Round[]): number => least(costs, 'begin') + least(costs, 'complete')
const { bare, libraries, ours } = rounds

const { functions, sdks } = await coldLoads(3)

const { world, port } = await startWarmWorld()
const fresh = await timeAge(world, port, 'fresh', { latency: 60, repeat: 2, stay: 1200 })
const idle = await timeAge(world, port, 'idle', { latency: 60, repeat: 2, stay: 1200 })
const inARow = (signIns: readonly TimedSignIn[], step: 'login' | 'callback'): number =>
  Math.min(...signIns.map((each) => each[step].inARow))

const measured = {
  'sign-in / bare': signIn(ours) / signIn(bare),
  'sign-in / libraries': signIn(ours) / signIn(libraries),
  'central / libraries': least(ours, 'central') / least(libraries, 'central'),
  'cold load / SDKs': (functions?.cpu ?? Number.NaN) / (sdks?.cpu ?? Number.NaN),
  'bytes kept / sign-in': kept,
  'fresh login': inARow(fresh, 'login'),
  'fresh callback': inARow(fresh, 'callback'),
  'idle login': inARow(idle, 'login'),
  'idle callback': inARow(idle, 'callback'),
}
await world.close()
process.stdout.write(JSON.stringify(measured), () => process.exit(0))
