import { Cached } from '../cached.ts'
import { resolveConfiguration } from '../configuration/entraConfiguration.ts'
import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { loadMsal } from '../entra/msalClient.ts'

/**
 * A preparation is not begun again for this long after the last one, in milliseconds. Anybody may call /login as often
 * as they like; what a preparation reads lasts longer.
 */
const pause = 10_000

/** Who is expected back from Entra ID: somebody whose sign-in began here, or with Micetro Central. */
export type Expected = 'here' | 'central'

const preparations = new WeakMap<Engine, Record<Expected, Cached<void>>>()

/**
 * Begins in the background what the callback will need, while the person is at Entra ID: credential, endpoints, signing
 * keys, MSAL; Micetro's session, definition and groups. All of it goes through the caches of the engine. Connections to the
 * token endpoint and to Graph are opened. It is silent when it fails: the callback tries by itself and meets the error.
 */
export function prepare(engine: Engine, expected: Expected): void {
  let known = preparations.get(engine)
  if (known === undefined) {
    const once = (each: Expected): Cached<void> =>
      new Cached(() => makeReady(engine, each), engine.clock, { freshFor: pause, pauseAfterFailure: pause })
    known = { here: once('here'), central: once('central') }
    preparations.set(engine, known)
  }
  known[expected].get().catch(() => undefined)
}

/**
 * Reads the OpenID metadata for the first /login of a process. As long as the vault has not said whether something else
 * was saved, they are those that the settings lead to.
 * @throws AppError when they cannot be read; whoever needs them meets that by himself
 */
export async function readMetadataAhead(engine: Engine): Promise<void> {
  const { layers } = await engine.lowerLayers()
  const { configuration } = engine.inForce.held ?? resolveConfiguration(layers, engine.settings.customCloud)
  await engine.endpoints(configuration, true)
}

async function makeReady(engine: Engine, expected: Expected): Promise<void> {
  const inForce = await engine.inForce.ahead()
  const { enabled, groups } = inForce.configuration
  if (!enabled) return
  // Central synchronises its accounts itself; Micetro is asked only whether a first sign-in needs a group.
  const usesMicetro = engine.settings.micetro !== undefined && (expected === 'here' || groups.required)
  await Promise.allSettled([entraReady(engine, inForce), usesMicetro && micetroReady(engine)])
}

async function entraReady(engine: Engine, inForce: InForce): Promise<void> {
  const credential = engine.credentials.ahead(inForce)
  const keys = engine.endpoints(inForce.configuration, true).then(async (endpoints) => {
    await engine.signingKeys.ahead(endpoints.keys)
    engine.openConnections(endpoints.token, 1)
  })
  await Promise.allSettled([credential, keys])
  // Last, because nothing else runs in this process while it is loading.
  await loadMsal()
  // The person's name and groups are asked for side by side.
  engine.openConnections(inForce.configuration.graph, 2)
}

async function micetroReady(engine: Engine): Promise<void> {
  // A log-in would remember a failed read of the password for whoever comes next.
  await engine.micetroPassword.ahead()
  const { groups, offer } = engine.micetro()
  await Promise.allSettled([groups.ahead(), offer.ahead()])
}
