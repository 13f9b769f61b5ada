import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What peers.ts is told. */
export interface PeersSpecification {
  /** Groups of the person at Entra ID. */
  personGroups: number
  micetroGroups: number
  /** Secrets come from a vault, and every call is TLS. */
  vault: boolean
}

/** The usual: nothing is large, secrets come from the settings. */
export const usualPeers: PeersSpecification = { personGroups: 40, micetroGroups: 40, vault: false }

export interface Peers {
  origin: string
  /** Of an application that talks to them. */
  settings: Record<string, string>
  stop(): void
}

/** Starts peers in a process of their own, so that their work counts for nobody. */
export async function startPeers(specification: PeersSpecification): Promise<Peers> {
  return startPeerProcess('peers.ts', [JSON.stringify(specification)])
}

/** @param file beside this one; it sends its origin, its tenant and settings that differ over IPC */
export async function startPeerProcess(file: string, args: readonly string[]): Promise<Peers> {
  const child = fork(new URL(file, import.meta.url), args)
  const [{ origin, tenant, settings, authority }] = (await once(child, 'message')) as [
    { origin: string; tenant: string; settings?: Record<string, string>; authority?: string },
  ]
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const caFile = join(folder, 'ca.pem')
  if (authority !== undefined) writeFileSync(caFile, authority)
  return {
    origin,
    settings: {
      ENTRA_TENANT_ID: tenant,
      ENTRA_CLIENT_ID: '99999999-2222-3333-4444-555555555555',
      ENTRA_REDIRECT_URI: 'http://localhost:7071/mmws/auth_cb/microsoft',
      ENTRA_CLOUD: 'custom',
      ENTRA_AUTHORITY_HOST: origin,
      GRAPH_ENDPOINT: origin,
      MICETRO_API_URLS: `${origin}/mmws/api`,
      MICETRO_API_USER: 'bench',
      MICETRO_WEB_URL: origin,
      ENTRA_CLIENT_CREDENTIAL: 'secret',
      MICETRO_API_PASSWORD: 'password',
      SIGN_IN_KEY: randomBytes(32).toString('base64'),
      ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: caFile, MICETRO_CA_CERTIFICATES: authority }),
      ...settings,
    },
    stop() {
      child.disconnect()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
