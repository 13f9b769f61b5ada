/**
 * All the peers of the application together, each on a port of its own: what `npm start` and the tests over sockets use.
 * Each peer's own file says what it does and where that is written: entraId.ts, graph.ts, keyVault.ts,
 * identityEndpoint.ts, micetro.ts and central.ts; server.ts is what they stand on.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordSecret } from '../noSecrets/record.ts'
import { createCertificateAuthority } from './certificateAuthority.ts'
import { createDirectory, type Directory } from './directory.ts'
import { type SimulatedEntraId, startEntraId } from './entraId.ts'
import { type SimulatedGraph, startGraph } from './graph.ts'
import { type SimulatedIdentity, startIdentityEndpoint } from './identityEndpoint.ts'
import { type SimulatedKeyVault, startKeyVault } from './keyVault.ts'
import { type SimulatedMicetro, startMicetro } from './micetro.ts'
import { type Release, usualRelease } from './micetroReleases.ts'

/** Every peer of the application, simulated, and the settings that make it talk to them. */
export interface World {
  directory: Directory
  entra: SimulatedEntraId
  graph: SimulatedGraph
  identity: SimulatedIdentity
  vault: SimulatedKeyVault
  micetro: SimulatedMicetro
  /** Settings of an application that listens on the port. */
  settings(port: number): Record<string, string>
  /** Secrets of this world, which must never be seen in an output. */
  secrets: { clientSecret: string; centralCredential: string; micetroPassword: string; signInKey: string }
  close(): Promise<void>
}

export interface WorldOptions {
  /** Port of the application, whose redirect URI is registered. */
  port: number
  /** Where browsers reach the application. Default: http://localhost and the port. */
  origin?: string
  /** Host name under which browsers reach Entra ID, with TLS. Default: 127.0.0.1 without. */
  entraName?: string
  /**
   * Micetro's own button is set up, and the application knows Central's callback. It works once Central is told the
   * function key, which the host has: `world.micetro.central.configure({ functionKey })`.
   */
  centralButton?: boolean
  /** Of Micetro. */
  release?: Release
}

const apiUser = 'entra-sync'

/** Starts all simulators, each on a port of its own on loopback. */
export async function startWorld({
  port,
  origin = `http://localhost:${port}`,
  entraName,
  centralButton = false,
  release = usualRelease,
}: WorldOptions): Promise<World> {
  const authority = await createCertificateAuthority()
  const certificate = await authority.issue()
  const folder = mkdtempSync(join(tmpdir(), 'simulators-'))
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, authority.pem)

  // Micetro has a private authority of its own, which nothing but its setting makes trusted.
  const privateAuthority = await createCertificateAuthority('Private authority of Micetro')
  const directory = createDirectory()
  const redirectUri = `${origin}/mmws/auth_cb/microsoft`
  directory.app.redirectUris = [redirectUri]
  const clientSecret = directory.app.secrets[0]?.value ?? ''
  const micetroPassword = randomBytes(18).toString('base64url')
  const signInKey = randomBytes(32).toString('base64')

  const entra = await startEntraId({
    directory,
    certificate,
    ...(entraName !== undefined && { browserName: entraName }),
  })
  const issuer = entra.issuerOf(directory.home.id)
  const identity = await startIdentityEndpoint({ issuer, tenantId: directory.home.id })
  const graph = await startGraph({ directory, certificate, resolveToken: entra.resolveToken })
  entra.behaviour.graphUrl = graph.url
  entra.behaviour.assertionKeys = (asked) => (asked === issuer ? identity.jwks().keys : [])
  const vault = await startKeyVault({ certificate, resolveToken: identity.resolveToken })
  const micetro = await startMicetro({
    certificate: await privateAuthority.issue(),
    apiUser,
    apiPassword: micetroPassword,
    signInUrl: `${origin}/login`,
    release,
  })
  const centralCredential = `left~over~${randomBytes(12).toString('base64url')}`
  if (centralButton) {
    micetro.central.configure({
      tenantId: directory.home.id,
      clientId: directory.app.clientId,
      clientCredential: centralCredential,
      redirectUri,
      authorizeUrl: `${entra.browserUrl}/${directory.home.id}/oauth2/v2.0/authorize`,
      functionUrl: `http://localhost:${port}/central/auth_cb`,
    })
  }
  const secrets = { clientSecret, centralCredential, micetroPassword, signInKey }
  for (const secret of [...Object.values(secrets), identity.environment.IDENTITY_HEADER]) recordSecret(secret)
  vault.set('micetro-entra-client-credential', clientSecret)
  vault.set('micetro-sign-in-key', signInKey)
  vault.set('micetro-api-password', micetroPassword)

  return {
    directory,
    entra,
    graph,
    identity,
    vault,
    micetro,
    secrets,
    settings: () => ({
      NODE_EXTRA_CA_CERTS: caFile,
      ...identity.environment,
      AZURE_CLIENT_ID: identity.clientId,
      KEY_VAULT_URL: vault.url,
      ENTRA_TENANT_ID: directory.home.id,
      ENTRA_CLIENT_ID: directory.app.clientId,
      ENTRA_REDIRECT_URI: redirectUri,
      ENTRA_CLOUD: 'custom',
      ENTRA_AUTHORITY_HOST: entra.url,
      GRAPH_ENDPOINT: graph.url,
      MICETRO_API_URLS: micetro.apiUrls.join(','),
      MICETRO_API_USER: apiUser,
      MICETRO_WEB_URL: micetro.webUrl,
      MICETRO_CA_CERTIFICATES: privateAuthority.pem,
      ...(centralButton && { CENTRAL_CALLBACK_URL: `${micetro.web.url}/mmws/auth_cb/microsoft` }),
    }),
    async close() {
      await Promise.all([entra, graph, identity, vault, micetro].map((each) => each.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
