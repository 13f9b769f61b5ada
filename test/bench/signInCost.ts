import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { median } from './measure.ts'
import { type PeersSpecification, startPeers } from './peerProcess.ts'
import { type Settings, type WayName, wayNames } from './way.ts'
import type { Request, Round, Step } from './wayProcess.ts'

interface SignInCosts {
  rounds: Record<WayName, Round[]>
  /** Bytes that ours keeps of a sign-in. */
  kept: number
}

export interface Extent {
  /** Sign-ins before anything counts: until the compiler has settled and the caches are full. */
  warmUp: number
  rounds: number
  /** Sign-ins in a round. */
  perRound: number
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const answered = new AbortController()
  const { signal } = answered
  const ended = once(child, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`a way ended with ${code}`)))
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [T]
    return message
  } finally {
    ended.catch(() => undefined)
    answered.abort()
  }
}

async function startWay(name: WayName, settings: Settings) {
  const child = fork(new URL('wayProcess.ts', import.meta.url), [name, JSON.stringify(settings)])
  await answerOf(child)
  const ask = <T>(request: Request): Promise<T> => {
    child.send(request)
    return answerOf<T>(child)
  }
  return {
    round: (signIns: number) => ask<Round>(signIns),
    heap: () => ask<number>('heap'),
    stop: () => child.disconnect(),
  }
}

/** CPU time of a steady sign-in in each way, in turns, so that whatever else the machine does meets all alike. */
export async function signInCosts(
  peersSpecification: PeersSpecification,
  { warmUp, rounds: count, perRound }: Extent,
): Promise<SignInCosts> {
  const peers = await startPeers(peersSpecification)
  const start = (name: WayName) => startWay(name, peers.settings)
  const ways = { bare: await start('bare'), libraries: await start('libraries'), ours: await start('ours') }
  const rounds: SignInCosts['rounds'] = { bare: [], libraries: [], ours: [] }
  for (const name of wayNames) await ways[name].round(warmUp)
  for (let each = 0; each < count; each += 1)
    for (const name of wayNames) rounds[name].push(await ways[name].round(perRound))
  const kept = await keptBy(ways.ours, perRound)
  for (const way of Object.values(ways)) way.stop()
  peers.stop()
  return { rounds, kept }
}

/** Bytes that a sign-in leaves behind: the median of five rounds, after three in which a collection also frees compiled code. */
async function keptBy(way: Awaited<ReturnType<typeof startWay>>, perRound: number): Promise<number> {
  const growths: number[] = []
  let before = await way.heap()
  for (let each = 0; each < 8; each += 1) {
    await way.round(perRound)
    const after = await way.heap()
    if (each >= 3) growths.push((after - before) / perRound)
    before = after
  }
  return median(growths)
}

/** The least of the rounds: what else a machine does only adds to it. */
export const least = (rounds: readonly Round[], step: Step, kind: 'cpu' | 'wall' = 'cpu'): number =>
  Math.min(...rounds.map((round) => round[step][kind]))
