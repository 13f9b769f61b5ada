import { type Cost, heapUsed, measure } from './measure.ts'
import { type PeersSpecification, startPeers } from './peerProcess.ts'
import { codeOf, createWay, type Departure, type WayName, wayNames } from './way.ts'

export const steps = ['begin', 'complete', 'central'] as const
export type Step = (typeof steps)[number]

export interface SignInCosts {
  /** One number for each round. */
  rounds: Record<WayName, Record<Step, Cost[]>>
  /** Bytes in use after a collection, before the rounds and after each. */
  heap: number[]
}

export interface Extent {
  warmUps: number
  rounds: number
  /** Sign-ins in a round. */
  perRound: number
}

/** CPU time of a steady sign-in in each way, in turns, so that whatever else the machine does meets all alike. */
export async function signInCosts(
  peersSpecification: PeersSpecification,
  { warmUps, rounds: count, perRound }: Extent,
): Promise<SignInCosts> {
  const peers = await startPeers(peersSpecification)
  const ways = await Promise.all(wayNames.map(async (name) => ({ name, way: await createWay(name, peers.settings) })))
  const none = (): Record<Step, Cost[]> => ({ begin: [], complete: [], central: [] })
  const rounds: SignInCosts['rounds'] = { bare: none(), libraries: none(), ours: none() }
  const round = async (): Promise<void> => {
    for (const { name, way } of ways) {
      const departures: Departure[] = []
      rounds[name].begin.push(await measure(perRound, async () => departures.push(await way.begin())))
      const attempts = departures.map((departure) => ({ departure, code: codeOf(departure) }))
      const complete = async (): Promise<void> => {
        const attempt = attempts.pop()
        if (attempt !== undefined) await way.complete(attempt.departure, attempt.code)
      }
      rounds[name].complete.push(await measure(perRound, complete))
      rounds[name].central.push(await measure(perRound, () => way.central('nonce')))
    }
  }
  // The compiler settles and the caches fill before anything counts.
  for (let each = 0; each < warmUps; each += 1) await round()
  for (const name of wayNames) rounds[name] = none()
  const heap = [heapUsed()]
  for (let each = 0; each < count; each += 1) {
    await round()
    heap.push(heapUsed())
  }
  peers.stop()
  return { rounds, heap }
}
