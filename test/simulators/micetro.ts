/**
 * Micetro: Central's store, two instances of its web services ("mmws") with the REST API under `/mmws/api`, and a web
 * page. Nobody can have a server to test with, so what it does is what the vendor has published; files named `*.rst` are
 * in `guides/` of github.com/menandmice/micetro_docs:
 *
 * | What | File | Written in |
 * |---|---|---|
 * | calls, arguments, filters, lists, errors | micetroApi.ts, micetroQuery.ts, micetroAnswers.ts | user-manual/rest_api.rst |
 * | sessions, `Bearer`, `Basic` | micetroSessions.ts | user-manual/api_auth.rst; release notes 11.0 and 11.1 |
 * | users, memberships | micetroUserRoutes.ts, micetroGroupRoutes.ts | types `User` and `Group` of the SOAP definition; modules `user` and `group` of the collection ansible_micetro |
 * | save comments | micetroApi.ts | user-manual/admin_system_settings.rst |
 * | rights, built-in groups, External accounts | micetroStore.ts | user-manual/acl_users.rst, acl_groups.rst; implementation/mfa_azure.rst |
 * | where these disagree, or releases differ | micetroBehaviour.ts, micetroReleases.ts | each field says which |
 * | its own button "Log in with Azure" | central.ts | see there |
 *
 * What a page shows of a sign-in (micetroEpisodes.ts, micetroAccountPage.ts) is for people who try the application; no
 * real Micetro has it. A call that is not in a table of routes answers 404 with the code 16544, as any unknown resource
 * does. Left out: removing users, reading single objects, sorting, changing settings, every other kind of object.
 */
import { Central } from './central.ts'
import type { ServerCertificate } from './certificateAuthority.ts'
import { createApi } from './micetroApi.ts'
import type { MicetroBehaviour } from './micetroBehaviour.ts'
import { Episodes } from './micetroEpisodes.ts'
import { createPages } from './micetroPages.ts'
import { behaviourOf, type Release, usualRelease } from './micetroReleases.ts'
import { MicetroSessions } from './micetroSessions.ts'
import { type MicetroStore, seededStore } from './micetroStore.ts'
import { type Handler, type SimulatedServer, startServer } from './server.ts'

export interface MicetroOptions {
  /** The API speaks TLS only. */
  certificate: ServerCertificate
  apiUser: string
  apiPassword: string
  /** Where "Sign in again" leads. */
  signInUrl: string
  /** Default: the usual one. */
  release?: Release
}

/** One mmws instance. Its faults end when it is stopped; its requests stay. */
export interface MicetroNode extends SimulatedServer {
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
  /** Is from now on this release, with what it holds, as after an upgrade: no session goes on. */
  become(release: Release): void
  close(): Promise<void>
}

export async function startMicetro(options: MicetroOptions): Promise<SimulatedMicetro> {
  const { certificate, apiUser, apiPassword, signInUrl, release = usualRelease } = options
  const behaviour = { ...behaviourOf(release) }
  const store = seededStore({ name: apiUser, password: apiPassword })
  const sessions = new MicetroSessions(store, behaviour)
  const episodes = new Episodes(store, apiUser)
  const installation = { store, behaviour, sessions, episodes }

  const nodes = await Promise.all(
    [0, 1].map((index) =>
      startNode(createApi(installation, index), certificate, () => {
        if (behaviour.sessionScope === 'node') sessions.expire(index)
      }),
    ),
  )
  const central = new Central(store, behaviour)
  const pages = createPages({
    ...installation,
    central,
    signInUrl,
    offersCentral: () => central.configuration !== undefined,
  })
  const web = await startServer(pages)

  return {
    ...installation,
    central,
    nodes,
    apiUrls: nodes.map(({ url }) => `${url}/mmws/api`),
    web,
    webUrl: `${web.url}/`,
    become(next) {
      Object.assign(behaviour, behaviourOf(next))
      sessions.expire()
    },
    async close() {
      await Promise.all([...nodes, web, central].map((each) => each.close()))
    },
  }
}

async function startNode(handler: Handler, certificate: ServerCertificate, stopped: () => void): Promise<MicetroNode> {
  let server = await startServer(handler, { certificate })
  let running = true
  const { url, port, requests } = server
  const stop = async (): Promise<void> => {
    if (!running) return
    running = false
    stopped()
    await server.close()
  }
  return {
    url,
    port,
    requests,
    connections: () => server.connections(),
    misbehave: (fault, rule) => server.misbehave(fault, rule),
    behave: () => server.behave(),
    stop,
    async start() {
      if (running) return
      server = await startServer(handler, { certificate, port, requests })
      running = true
    },
    close: stop,
  }
}
