import { stepField } from '../../shared/web/sameSiteStep.ts'
import { freePort, type HostProcess, startHost } from '../host/hostProcess.ts'
import { startWorld, type World, type WorldOptions } from '../simulators/world.ts'
import { hiddenFields, UserAgent, type Visit } from './userAgent.ts'

/** The application in a process of its own, among simulated peers. */
export interface Stage {
  world: World
  host: HostProcess
  port: number
  /** Starts the application anew with more or other settings; an empty text takes a setting away. */
  restart(settings?: Record<string, string>): Promise<void>
  /** All that every application process of this stage has printed. */
  output(): string
  close(): Promise<void>
}

export async function startStage(
  options: Partial<WorldOptions> = {},
  settings: Record<string, string> = {},
): Promise<Stage> {
  const port = await freePort()
  const world = await startWorld({ ...options, port })
  const env = (more: Record<string, string>) => ({ ...world.settings(port), ...settings, ...more })
  let earlier = ''
  const stage: Stage = {
    world,
    port,
    host: await startHost({ port, env: env({}) }),
    async restart(more = {}) {
      await stage.host.close()
      earlier += stage.host.output()
      stage.host = await startHost({ port, env: env(more) })
    },
    output: () => earlier + stage.host.output(),
    async close() {
      await stage.host.close()
      await world.close()
    },
  }
  return stage
}

/** Entra ID's answer, not yet taken to the callback. */
interface Answer {
  /** The callback's address with the answer in its query, be it asked for so or in a form. */
  callback: string
  inForm: boolean
}

/** From `/login` to the user's choice at Entra ID. */
export async function goToEntra(
  stage: { host: Pick<HostProcess, 'url'> },
  userKey: string,
  agent = new UserAgent(),
): Promise<Answer & { agent: UserAgent }> {
  const login = await agent.visit(`${stage.host.url}/login`)
  if (login.location === undefined) throw new Error(`/login answered ${login.status}: ${login.body}`)
  return { agent, ...(await choose(agent, login.location, userKey)) }
}

/** At Entra ID: pick a user. @returns the callback's address, see Answer */
export async function chooseUser(agent: UserAgent, authorize: string, userKey: string): Promise<string> {
  return (await choose(agent, authorize, userKey)).callback
}

async function choose(agent: UserAgent, authorize: string, userKey: string): Promise<Answer> {
  const picker = await agent.visit(authorize)
  const action = formAction(picker.body)
  if (action === undefined) throw new Error(`Entra ID shows no choice: ${picker.status} ${picker.body}`)
  const chosen = await agent.post(new URL(action, picker.url).href, { ...hiddenFields(picker.body), user: userKey })
  if (chosen.location !== undefined) return { callback: chosen.location, inForm: false }
  const callback = formAction(chosen.body)
  if (callback === undefined) throw new Error(`Entra ID did not send the browser back: ${chosen.status} ${chosen.body}`)
  return { callback: `${callback}?${new URLSearchParams(hiddenFields(chosen.body))}`, inForm: true }
}

const formAction = (body: string): string | undefined => /<form method="post" action="([^"]*)"/.exec(body)?.[1]

/** Posts Entra ID's answer to the callback, as its page does, and takes the same-site step where there is one. */
export async function comeBack(agent: UserAgent, callback: string): Promise<Visit> {
  const { origin, pathname, searchParams } = new URL(callback)
  const arrived = await agent.post(origin + pathname, Object.fromEntries(searchParams))
  const fields = hiddenFields(arrived.body)
  return stepField in fields ? agent.post(arrived.url, fields) : arrived
}

/** A whole sign-in, the answer taken back as it came; what the callback says, redirects not followed. */
export async function signIn(
  stage: { host: Pick<HostProcess, 'url'> },
  userKey: string,
  agent = new UserAgent(),
): Promise<Visit> {
  const { callback, inForm } = await goToEntra(stage, userKey, agent)
  return inForm ? comeBack(agent, callback) : agent.visit(callback)
}

/**
 * A whole sign-in as a browser makes it: sent to Entra ID once more, it goes there.
 * @returns the last answer, and how often Entra ID was gone to
 */
export async function signInToTheEnd(
  stage: { host: Pick<HostProcess, 'url'> },
  userKey: string,
  agent = new UserAgent(),
): Promise<Visit & { walks: number }> {
  let done = await signIn(stage, userKey, agent)
  for (let walks = 1; ; walks += 1) {
    const { location } = done
    if (location === undefined || !location.includes('/oauth2/v2.0/authorize')) return { ...done, walks }
    done = await comeBack(agent, await chooseUser(agent, location, userKey))
  }
}

/** What /health says once it knows: a fresh process may answer before its first look is over. */
export async function healthOf({ host }: { host: Pick<HostProcess, 'url'> }): Promise<Visit> {
  for (;;) {
    const answer = await new UserAgent().visit(`${host.url}/health`)
    if (!answer.headers.has('retry-after')) return answer
  }
}

/** The error code that a page of ours shows. */
export function shownError(visit: Visit): string | undefined {
  return /<dt>Error<\/dt><dd><code>(\w+)<\/code>/.exec(visit.body)?.[1]
}

/** For a fault that lasts. */
export const forever = { times: Number.POSITIVE_INFINITY }

/** Ends every fault of every peer. */
export function behave({ world }: Stage): void {
  const { entra, graph, vault, identity, micetro } = world
  for (const server of [entra, graph, vault, identity, ...micetro.nodes]) server.behave()
}

/** Empties the records of the simulators; their secrets stay remembered. */
export function forget({ world }: Stage): void {
  const { store, nodes } = world.micetro
  store.audit.length = 0
  store.reads.length = 0
  for (const node of nodes) node.requests.length = 0
  world.entra.requests.length = 0
  world.graph.requests.length = 0
  world.vault.requests.length = 0
}
