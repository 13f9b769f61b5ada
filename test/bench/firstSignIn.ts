import { Bundles, inFreshProcesses, report } from './freshProcess.ts'
import { startPeers, usualPeers } from './peerProcess.ts'
import { ms, table, times } from './table.ts'
import { wayNames } from './way.ts'

const program = (way: string): string => `
import { signIn } from './test/bench/way.ts'
import { create } from './test/bench/${way}.ts'
await signIn(create(process.env))
${report}`

/** The first sign-in of a fresh process, from its start on: what is loaded, every secret, every cache. */
export async function firstSignIn(): Promise<string> {
  const bundles = new Bundles()
  const programs = {
    node: [await bundles.add('node', report)],
    bare: [await bundles.add('bare', program('bareTools'))],
    libraries: [await bundles.add('libraries', program('libraryTools'))],
    ours: [await bundles.add('ours', program('ourWay'))],
  } as const
  const peers = await startPeers({ ...usualPeers, vault: true })
  const costs = await inFreshProcesses(programs, 9, peers.settings)
  peers.stop()
  bundles.remove()
  const { node = { cpu: 0, wall: 0 } } = costs
  const rows = wayNames.map((name) => {
    const { cpu, wall } = costs[name] ?? node
    return { name, cpu: cpu - node.cpu, wall: wall - node.wall }
  })
  const [bare, libraries] = rows
  return table(
    rows.map(({ name, cpu, wall }) => ({
      'First sign-in': name,
      CPU: ms(cpu),
      time: ms(wall),
      'CPU / bare': times(cpu / (bare?.cpu ?? 1)),
      'CPU / libraries': times(cpu / (libraries?.cpu ?? 1)),
    })),
  )
}
