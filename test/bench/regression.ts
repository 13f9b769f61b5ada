import { coldLoads } from './coldLoad.ts'
import type { Cost } from './measure.ts'
import { usualPeers } from './peerProcess.ts'
import { startWarmWorld, type TimedSignIn, timeAge } from './phases.ts'
import { signInCosts } from './signInCost.ts'

/**
 * A short bench, for regression.test.ts: prints ratios and counts, each the best of a few rounds, so that a busy machine
 * makes none of them worse. CPU time is counted, not time.
 */
const perRound = 100
const { rounds, heap } = await signInCosts(usualPeers, { warmUps: 2, rounds: 5, perRound })
/** What is kept of every sign-in makes every round grow. */
const kept = Math.min(...heap.slice(1).map((after, index) => after - (heap[index] ?? 0))) / perRound
const least = (costs: readonly Cost[]): number => Math.min(...costs.map(({ cpu }) => cpu))
const signIn = ({ begin, complete }: Record<'begin' | 'complete', Cost[]>): number => least(begin) + least(complete)
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
  'central / libraries': least(ours.central) / least(libraries.central),
  'cold load / SDKs': (functions?.cpu ?? Number.NaN) / (sdks?.cpu ?? Number.NaN),
  'bytes kept / sign-in': kept,
  'fresh login': inARow(fresh, 'login'),
  'fresh callback': inARow(fresh, 'callback'),
  'idle login': inARow(idle, 'login'),
  'idle callback': inARow(idle, 'callback'),
}
await world.close()
process.stdout.write(JSON.stringify(measured), () => process.exit(0))
