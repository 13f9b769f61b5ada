import { usualPeers } from './peerProcess.ts'
import { type Extent, least, signInCosts } from './signInCost.ts'
import { ms, type Row, table, times, within } from './table.ts'
import { type WayName, wayNames } from './way.ts'
import type { Step } from './wayProcess.ts'

type Kind = 'cpu' | 'wall'

/** Milliseconds of CPU that a steady sign-in of ours may take. */
const most = 1.2

function row(what: string, of: (way: WayName, kind: Kind) => number): Row {
  const [bare, libraries, ours] = wayNames.map((name) => of(name, 'cpu'))
  return {
    'CPU of': what,
    bare: ms(bare ?? 0),
    libraries: ms(libraries ?? 0),
    ours: ms(ours ?? 0),
    'ours / bare': times((ours ?? 0) / (bare ?? 1)),
    'ours / libraries': times((ours ?? 0) / (libraries ?? 1)),
    'ours, a second': (1000 / of('ours', 'wall')).toFixed(0),
  }
}

/** Steps of a steady sign-in apart, and both together. */
export async function steady(): Promise<string> {
  const { rounds, kept } = await signInCosts(usualPeers, { warmUp: 4000, rounds: 15, perRound: 200 })
  const cost = (way: WayName, kind: Kind, step: Step): number => least(rounds[way], step, kind)
  const signIn = (way: WayName, kind: Kind): number => cost(way, kind, 'begin') + cost(way, kind, 'complete')
  const rows = [
    row('begin: from `/login` to Entra ID', (way, kind) => cost(way, kind, 'begin')),
    row('complete: from the code to the landing', (way, kind) => cost(way, kind, 'complete')),
    row('both: a sign-in', signIn),
    row("an answer for Central's own button", (way, kind) => cost(way, kind, 'central')),
  ]
  return `${table(rows)}

A sign-in: ${within(signIn('ours', 'cpu'), most, ms)}. Kept of it after a collection: ${(kept / 1024).toFixed(2)} KiB.`
}

/** The same with many groups of the person, and with many at Micetro. */
export async function groups(): Promise<string> {
  const sizes: [person: number, micetro: number][] = [
    [12, 1000],
    [250, 1000],
    [2500, 1000],
    [12, 10],
    [12, 10_000],
  ]
  const rows: Row[] = []
  for (const [personGroups, micetroGroups] of sizes) {
    const extent: Extent =
      personGroups > 1000 ? { warmUp: 300, rounds: 5, perRound: 48 } : { warmUp: 1500, rounds: 5, perRound: 96 }
    const { rounds } = await signInCosts({ personGroups, micetroGroups, vault: false }, extent)
    const both = (way: WayName, kind: Kind): number =>
      least(rounds[way], 'begin', kind) + least(rounds[way], 'complete', kind)
    rows.push(row(`a sign-in, ${personGroups} groups of the person, ${micetroGroups} at Micetro`, both))
  }
  return table(rows)
}
