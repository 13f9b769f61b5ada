import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import type { AppToken } from '../entra/appToken.ts'
import type { VersionedCredential } from '../entra/credentialSource.ts'
import type { Endpoints } from '../entra/endpoints.ts'
import type { Log } from '../log.ts'
import { ApiPassword } from '../micetro/apiPassword.ts'
import { MicetroClient } from '../micetro/client.ts'
import { MicetroTransport } from '../micetro/transport.ts'
import type { Answer } from '../outgoing/http.ts'

/** One base address of Micetro's web API, tried by itself. */
export interface MicetroNode {
  url: string
  host: string
  client: MicetroClient
}

/**
 * A candidate on trial: the checks share what one of them has fetched, and nothing of it touches the configuration in
 * force. Every address comes from the cloud table or the settings, none from the candidate.
 */
export interface Trial {
  engine: Engine
  candidate: InForce
  log: Log
  signal: AbortSignal
  /** The credential under test: sent along, or the one that the vault holds. */
  credential: () => Promise<VersionedCredential>
  endpoints: () => Promise<Endpoints>
  /** The authority's OpenID metadata as it was answered, with the time of arrival. */
  metadata: () => Promise<{ answer: Answer; arrivedAt: number }>
  appToken: () => Promise<AppToken>
  micetro: () => readonly MicetroNode[]
}

/** A value that is fetched once, by the first check that needs it. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let held: Promise<T> | undefined
  return () => {
    held ??= load()
    return held
  }
}

/** Time for which nodes are kept, in milliseconds: one press of the button on the page. */
const nodesFreshFor = 60_000

const held = new WeakMap<Engine, { press: string; nodes: readonly MicetroNode[]; until: number }>()

/**
 * The page asks for one check a request; those of one press share the nodes, because each would log in at each node
 * otherwise. Another press tries for real again.
 * @param press names the press that the request belongs to; undefined: it is one by itself
 * @returns none when Micetro is not configured
 */
export function micetroNodes(engine: Engine, press: string | undefined): readonly MicetroNode[] {
  if (press === undefined) return createNodes(engine)
  const now = engine.clock.now()
  const kept = held.get(engine)
  if (kept?.press === press && now < kept.until) return kept.nodes
  const nodes = createNodes(engine)
  held.set(engine, { press, nodes, until: now + nodesFreshFor })
  return nodes
}

function createNodes(engine: Engine): readonly MicetroNode[] {
  const { micetro } = engine.settings
  if (micetro === undefined) return []
  // As the vault has it now, tried once whatever the addresses; the pause of the users is neither asked nor changed,
  // but ended when Micetro lets us in.
  const source = { get: once(() => engine.micetroPassword.refresh(0)), refresh: () => source.get() }
  const password = new ApiPassword(source, micetro.apiUser, engine.clock, (accepted) =>
    engine.micetro().client.transport.password.accept(accepted),
  )
  return micetro.apiUrls.map((url) => {
    const transport = new MicetroTransport({
      settings: { ...micetro, apiUrls: [url] },
      password,
      send: engine.sendToMicetro,
      clock: engine.clock,
      random: engine.random,
      patience: 0,
    })
    return { url, host: new URL(url).host, client: new MicetroClient(transport) }
  })
}
