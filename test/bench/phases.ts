import { freePort, type HostProcess, startHost } from '../host/hostProcess.ts'
import { laterClock, sixMinutesLater } from '../host/laterClock.ts'
import { chooseUser, comeBack } from '../integration/stage.ts'
import { UserAgent } from '../integration/userAgent.ts'
import { startWorld, type World } from '../simulators/world.ts'

/** How long ago the process last did something for a person. */
export const ages = ['steady', 'fresh', 'idle'] as const
export type Age = (typeof ages)[number]

/** What a person waits for, in milliseconds. */
export interface Waits {
  login: number
  callback: number
}

/** A person at Entra ID gives the application this long, in milliseconds. */
const atEntra = 2000

/** Every peer of the world answers each call so much later. */
export function delay({ entra, graph, vault, identity, micetro }: World, milliseconds: number): void {
  for (const peer of [entra, graph, vault, identity, ...micetro.nodes]) {
    peer.behave()
    if (milliseconds > 0) peer.misbehave({ kind: 'slow', milliseconds }, { times: Number.POSITIVE_INFINITY })
  }
}

export function startTimed(world: World, port: number): Promise<HostProcess> {
  return startHost({ port, env: { ...world.settings(port), ...laterClock } })
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function timed<T>(work: () => Promise<T>): Promise<[result: T, milliseconds: number]> {
  const begun = performance.now()
  const result = await work()
  return [result, performance.now() - begun]
}

/** One sign-in as a browser sees it, which stays at Entra ID for a while. */
export async function timeSignIn(host: HostProcess, stay = atEntra): Promise<Waits> {
  const agent = new UserAgent()
  const [{ location }, login] = await timed(() => agent.visit(`${host.url}/login`))
  if (location === undefined) throw new Error('/login leads nowhere')
  const callback = await chooseUser(agent, location, 'nora')
  await pause(stay)
  const [landed, waited] = await timed(() => comeBack(agent, callback))
  if (landed.status !== 303) throw new Error(`the callback answered ${landed.status}`)
  return { login, callback: waited }
}

/** Medians of some sign-ins at one age of the process. */
export async function timeAge(world: World, port: number, age: Age, repeat: number): Promise<Waits> {
  const all: Waits[] = []
  let host: HostProcess | undefined
  for (let each = 0; each < repeat; each += 1) {
    if (age === 'fresh') await host?.close()
    if (host === undefined || age === 'fresh') host = await startTimed(world, port)
    if (each === 0 && age !== 'fresh') for (let warm = 0; warm < 5; warm += 1) await timeSignIn(host, 0)
    if (age === 'idle') await sixMinutesLater(host)
    all.push(await timeSignIn(host))
  }
  await host?.close()
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
  return { login: median(all.map(({ login }) => login)), callback: median(all.map(({ callback }) => callback)) }
}

/** `node test/bench/phases.ts`, after `npm run build`: what a person waits for, and how many calls one after the other. */
if (import.meta.main) {
  const port = await freePort()
  const world = await startWorld({ port })
  const first = await startTimed(world, port)
  // The first sign-in of all makes the account.
  await timeSignIn(first, 0)
  await first.close()
  for (const age of ages) {
    delay(world, 0)
    const least = await timeAge(world, port, age, 3)
    for (const latency of [20, 50]) {
      delay(world, latency)
      const waits = await timeAge(world, port, age, 3)
      const show = (step: keyof Waits): string =>
        `${step} ${waits[step].toFixed(0)} ms, ${((waits[step] - least[step]) / latency).toFixed(1)} phases more than ${least[step].toFixed(0)} ms`
      console.log(`${age}, ${latency} ms a call: ${show('login')}; ${show('callback')}`)
    }
  }
  await world.close()
}
