import { Central } from './central.ts'
import type { ServerCertificate } from './certificateAuthority.ts'
import { createApi } from './micetroApi.ts'
import { type MicetroBehaviour, usualBehaviour } from './micetroBehaviour.ts'
import { Episodes } from './micetroEpisodes.ts'
import { createPages } from './micetroPages.ts'
import { MicetroSessions } from './micetroSessions.ts'
import { type MicetroStore, seededStore } from './micetroStore.ts'
import { type Handler, type SimulatedServer, startServer } from './server.ts'

export interface MicetroOptions extends Partial<MicetroBehaviour> {
  /** The API speaks TLS only. */
  certificate: ServerCertificate
  /** Number of mmws instances; default 2. */
  nodes?: number
  /** Ports of the instances, in order; default any free ones. */
  apiPorts?: readonly number[]
  webPort?: number
  apiUser: string
  apiPassword: string
  /** Where "Sign in again" leads; may be set later. */
  signInUrl?: string
}

/** One mmws instance. Its faults end when it is stopped; its requests stay. */
export interface MicetroNode extends SimulatedServer {
  readonly running: boolean
  /** Refuses connections until `start()`, on the same port; sessions that only it knew are gone. */
  stop(): Promise<void>
  start(): Promise<void>
}

export interface SimulatedMicetro {
  store: MicetroStore
  /** May be changed at any time. */
  behaviour: MicetroBehaviour
  sessions: MicetroSessions
  episodes: Episodes
  /** Micetro's own button; it works once it is configured. */
  central: Central
  nodes: readonly MicetroNode[]
  /** `https://localhost:PORT/mmws/api` of each node. */
  apiUrls: readonly string[]
  /** The page for the browser, plain HTTP. */
  web: SimulatedServer
  webUrl: string
  signInUrl: string | undefined
  close(): Promise<void>
}

/** Starts a Micetro installation: one store, several mmws instances before it, and a web page. */
export async function startMicetro(options: MicetroOptions): Promise<SimulatedMicetro> {
  const { certificate, nodes: count = 2, apiPorts = [], webPort, apiUser, apiPassword, signInUrl, ...given } = options
  const behaviour = { ...usualBehaviour, ...given }
  const store = seededStore({ name: apiUser, password: apiPassword })
  const sessions = new MicetroSessions(store, behaviour)
  const episodes = new Episodes(store, apiUser)
  const installation = { store, behaviour, sessions, episodes }

  const nodes: MicetroNode[] = []
  for (let index = 0; index < count; index += 1) {
    const node = await startNode(createApi(installation, index), certificate, apiPorts[index], () => {
      if (behaviour.sessionScope === 'node') sessions.expire(index)
    })
    nodes.push(node)
  }
  const central = new Central(store, behaviour)
  const pages = createPages({
    ...installation,
    central,
    signInUrl: () => simulated.signInUrl,
    offersCentral: () => central.configuration !== undefined,
  })
  const web = await startServer(pages, webPort === undefined ? {} : { port: webPort })

  const simulated: SimulatedMicetro = {
    ...installation,
    central,
    nodes,
    apiUrls: nodes.map(({ url }) => `${url}/mmws/api`),
    web,
    webUrl: `${web.url}/`,
    signInUrl,
    async close() {
      await Promise.all([...nodes, web, central].map((each) => each.close()))
    },
  }
  return simulated
}

async function startNode(
  handler: Handler,
  certificate: ServerCertificate,
  port: number | undefined,
  stopped: () => void,
): Promise<MicetroNode> {
  let server = await startServer(handler, { certificate, ...(port !== undefined && { port }) })
  let running = true
  const { url, port: bound, requests } = server
  const stop = async (): Promise<void> => {
    if (!running) return
    running = false
    stopped()
    await server.close()
  }
  return {
    url,
    port: bound,
    requests,
    get running() {
      return running
    },
    misbehave: (fault, rule) => server.misbehave(fault, rule),
    behave: () => server.behave(),
    stop,
    async start() {
      if (running) return
      server = await startServer(handler, { certificate, port: bound, requests })
      running = true
    },
    close: stop,
  }
}
