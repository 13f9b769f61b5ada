import { freePort, type HostProcess, startHost } from '../host/hostProcess.ts'
import { laterClock, sixMinutesLater } from '../host/laterClock.ts'
import { chooseUser, comeBack } from '../integration/stage.ts'
import { UserAgent } from '../integration/userAgent.ts'
import { startWorld, type World } from '../simulators/world.ts'
import { median } from './measure.ts'
import { type Row, table, within } from './table.ts'

/**
 * How long ago the process last did something for a person: just now; never, it has just begun to listen, or did half a
 * second ago; six minutes ago.
 */
const ages = ['steady', 'fresh', 'ready', 'idle'] as const
type Age = (typeof ages)[number]

/** One call of the application to a peer, in milliseconds since the sign-in was begun. */
export interface TimedCall {
  what: string
  from: number
  to: number
}

/** What a person waits for. */
export interface Wait {
  /** In milliseconds since the sign-in was begun. */
  from: number
  to: number
  /** As many calls had to follow each other in this time. */
  inARow: number
}

export interface TimedSignIn {
  login: Wait
  callback: Wait
  calls: TimedCall[]
}

/** A person at Entra ID gives the application this long, in milliseconds. */
const atEntra = 2000

const peersOf = ({ entra, graph, vault, identity, micetro }: World) => ({
  'Entra ID': [entra],
  Graph: [graph],
  vault: [vault],
  identity: [identity],
  Micetro: micetro.nodes,
})

/** Every peer of the world answers each call so much later. */
function delay(world: World, milliseconds: number): void {
  for (const peer of Object.values(peersOf(world)).flat()) {
    peer.behave()
    if (milliseconds > 0) peer.misbehave({ kind: 'far', milliseconds }, { times: Number.POSITIVE_INFINITY })
  }
}

/**
 * The most calls that followed each other between two moments, each begun when the one before was answered. What was begun
 * and nobody waited for counts only as far as it was answered, too.
 */
function callsInARow(calls: readonly TimedCall[], from: number, to: number): number {
  let count = 0
  let answered = from
  for (const call of calls.toSorted((a, b) => a.to - b.to)) {
    if (call.from < answered || call.to > to) continue
    count += 1
    answered = call.to
  }
  return count
}

const startTimed = (world: World, port: number): Promise<HostProcess> =>
  startHost({ port, env: { ...world.settings(port), ...laterClock } })

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** One sign-in as a browser sees it, which stays at Entra ID for a while. */
async function timeSignIn(
  world: World,
  host: HostProcess,
  { latency = 0, stay = atEntra }: { latency?: number; stay?: number } = {},
): Promise<TimedSignIn> {
  const agent = new UserAgent()
  const begun = performance.now()
  const since = (): number => performance.now() - begun
  const { location } = await agent.visit(`${host.url}/login`)
  const loggedIn = since()
  if (location === undefined) throw new Error('/login leads nowhere')
  const callback = await chooseUser(agent, location, 'nora')
  await pause(Math.max(0, begun + loggedIn + stay - performance.now()))
  const back = since()
  const landed = await comeBack(agent, callback)
  const done = since()
  if (landed.status !== 303) throw new Error(`the callback answered ${landed.status}`)
  const calls = Object.entries(peersOf(world))
    .flatMap(([peer, servers]) =>
      servers
        .flatMap(({ requests }) => requests)
        .filter(({ at, path }) => at >= begun && !/\/(authorize|login)$/.test(path))
        .map(({ at, path }) => ({
          what: `${peer} ${path.split('/').findLast((part) => part !== '')}`,
          from: at - begun,
          to: at - begun + latency,
        })),
    )
    .sort((a, b) => a.from - b.from)
  return {
    login: { from: 0, to: loggedIn, inARow: callsInARow(calls, 0, loggedIn) },
    callback: { from: back, to: done, inARow: callsInARow(calls, back, done) },
    calls,
  }
}

/** The application among peers, which has signed in somebody once: that made the account. */
export async function startWarmWorld(): Promise<{ world: World; port: number }> {
  const port = await freePort()
  const world = await startWorld({ port })
  const host = await startTimed(world, port)
  await timeSignIn(world, host, { stay: 0 })
  await host.close()
  return { world, port }
}

/** Some sign-ins at one age of the process. */
export async function timeAge(
  world: World,
  port: number,
  age: Age,
  { latency, repeat, stay = atEntra }: { latency: number; repeat: number; stay?: number },
): Promise<TimedSignIn[]> {
  delay(world, latency)
  const all: TimedSignIn[] = []
  let host: HostProcess | undefined
  for (let each = 0; each < repeat; each += 1) {
    const isNew = age === 'fresh' || age === 'ready'
    if (isNew) await host?.close()
    if (host === undefined || isNew) host = await startTimed(world, port)
    if (age === 'ready') await pause(500)
    if (each === 0 && !isNew) for (let warm = 0; warm < 5; warm += 1) await timeSignIn(world, host, { stay: 0 })
    if (age === 'idle') await sixMinutesLater(host)
    all.push(await timeSignIn(world, host, { latency, stay }))
  }
  await host?.close()
  return all
}

/** The most phases, at 50 ms a call. */
const most: Record<Age, Record<'login' | 'callback', number>> = {
  steady: { login: 0.5, callback: 2.5 },
  fresh: { login: 4, callback: 2.5 },
  ready: { login: 0.5, callback: 2.5 },
  idle: { login: 2, callback: 2.5 },
}

/** What a person waits for, by the latency of a call and how long ago the process last did something. */
export async function phases(): Promise<string> {
  const { world, port } = await startWarmWorld()
  const rows: Row[] = []
  for (const age of ages)
    for (const latency of [0, 20, 50]) {
      const all = await timeAge(world, port, age, { latency, repeat: 5 })
      const cells = (step: 'login' | 'callback', title: string): Row => {
        // The least: what else the machine does only adds to it.
        const waited = Math.min(...all.map(({ [step]: { from, to } }) => to - from))
        const phases = waited / latency
        const show = (value: number): string => value.toFixed(1)
        return {
          [title]: `${waited.toFixed(0)} ms`,
          [`${title}: phases`]:
            latency === 0 ? '' : latency === 50 ? within(phases, most[age][step], show) : show(phases),
          [`${title}: calls in a row`]: latency === 0 ? '' : median(all.map((each) => each[step].inARow)),
        }
      }
      rows.push({
        Process: age,
        'a call': `${latency} ms`,
        ...cells('login', '`/login`'),
        ...cells('callback', 'callback'),
      })
    }
  await world.close()
  return table(rows)
}
