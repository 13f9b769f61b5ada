import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, SignJWT } from 'jose'
import { createCertificateAuthority } from '../simulators/certificateAuthority.ts'
import { startIdentityEndpoint } from '../simulators/identityEndpoint.ts'
import { startKeyVault } from '../simulators/keyVault.ts'
import type { PeersSpecification } from './peerProcess.ts'

/**
 * Entra ID, Graph and Micetro with canned answers, as cheap as they can be made, so that a measurement shows the caller's
 * work and not theirs. One process, one port; with a vault, the simulated one and the managed identity beside it, and TLS
 * everywhere. The parent gets over IPC what startPeers needs.
 */
const { personGroups, micetroGroups, vault }: PeersSpecification = JSON.parse(process.argv[2] ?? '')
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const tenant = '11111111-2222-3333-4444-555555555555'

const named = (count: number) => Array.from({ length: count }, (_, index) => `Group ${index}`)
const ref = (index: number): string => `Groups/${index + 10}`
const entraGroups = named(personGroups).map((displayName, index) => ({
  id: `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`,
  displayName,
  securityEnabled: true,
  onPremisesNetBiosName: null,
  onPremisesSamAccountName: null,
}))
const groups = named(micetroGroups).map((name, index) => ({
  ref: ref(index),
  name,
  adIntegrated: false,
  builtIn: false,
}))
/** In every group that Entra ID lists: nothing is to be changed. */
const person = {
  ref: 'Users/1',
  name: 'bench@contoso.com',
  fullName: 'Bench User',
  email: 'bench@contoso.com',
  authenticationType: 'External',
  externalID: 'subject',
  groups: groups.slice(0, personGroups).map(({ ref, name }) => ({ ref, objType: 'Groups', name })),
}

/** The code carries the nonce, as a real authority remembers it. */
async function token(body: string): Promise<string> {
  const fields = new URLSearchParams(body)
  const idToken = await new SignJWT({
    tid: tenant,
    sub: 'subject',
    oid: 'object',
    preferred_username: 'bench@contoso.com',
    name: 'Bench User',
    ver: '2.0',
    nonce: fields.get('code') ?? '',
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(`${origin}/${tenant}/v2.0`)
    .setAudience(fields.get('client_id') ?? '')
    .setIssuedAt()
    .setNotBefore('0 s')
    .setExpirationTime('1 h')
    .sign(privateKey)
  return JSON.stringify({
    token_type: 'Bearer',
    expires_in: 3600,
    scope: 'User.Read',
    access_token: 'opaque',
    id_token: idToken,
  })
}

/** Written once: Graph gives 999 groups a page, Micetro 500 here. */
const pagesOf = <T>(items: readonly T[], size: number, page: (part: readonly T[], next: number) => object): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(items.length / size)) }, (_, index) =>
    JSON.stringify(page(items.slice(index * size, (index + 1) * size), index + 1)),
  )

const listener: RequestListener = (request, response) => {
  const send = (body: string): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  }
  text(request)
    .then(async (body) => send(await answer(request.url ?? '', body)))
    .catch(() => response.destroy())
}

function answer(url: string, body: string): string | Promise<string> {
  if (url.includes('/token')) return token(body)
  const argument = (name: string): number => Number(new URL(url, origin).searchParams.get(name) ?? 0)
  if (url.includes('/transitiveMemberOf')) return graphPages[argument('$skiptoken')] ?? ''
  if (url.includes('/mmws/api/Groups')) return micetroPages[argument('offset') / micetroPageSize] ?? ''
  return canned.find(([part]) => url.includes(part))?.[1] ?? metadata
}

const authority = vault ? await createCertificateAuthority() : undefined
const certificate = await authority?.issue()
const server = certificate ? createTlsServer(certificate, listener) : createServer(listener)
// While another way has its turn, the connections of this one are idle.
server.keepAliveTimeout = 60_000
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `${certificate ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`

const graphPages = pagesOf(entraGroups, 999, (value, next) => ({
  value,
  ...(next * 999 < entraGroups.length && {
    '@odata.nextLink': `${origin}/v1.0/me/transitiveMemberOf/microsoft.graph.group?$skiptoken=${next}`,
  }),
}))
const micetroPageSize = 500
const micetroPages = pagesOf(groups, micetroPageSize, (part) => ({
  result: { groups: part, totalResults: groups.length },
}))
const canned: [part: string, body: string][] = [
  ['/v1.0/me', JSON.stringify({ displayName: 'Bench User', mail: 'bench@contoso.com' })],
  ['/micetro/sessions', JSON.stringify({ result: { session: 'session' } })],
  ['/mmws/api/Users', JSON.stringify({ result: { users: [person], totalResults: 1 } })],
  [
    '/swagger.json',
    JSON.stringify({
      info: { version: '11.0' },
      definitions: { User: { properties: { authenticationType: {}, externalID: {} } } },
    }),
  ],
  ['/keys', JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] })],
  [
    '/central/auth_cb',
    JSON.stringify({
      loginName: 'bench@contoso.com',
      fullName: 'Bench User',
      externalID: 'subject',
      email: 'bench@contoso.com',
      groups: named(personGroups),
      authenticator: 'Microsoft',
    }),
  ],
]
const metadata = JSON.stringify({
  issuer: `${origin}/${tenant}/v2.0`,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  jwks_uri: `${origin}/keys`,
})

/** What takes the place of the secrets in the settings. */
async function startVault(): Promise<Record<string, string>> {
  if (certificate === undefined) return {}
  const identity = await startIdentityEndpoint({ issuer: `${origin}/${tenant}/v2.0`, tenantId: tenant })
  const { url, set } = await startKeyVault({ certificate, resolveToken: identity.resolveToken })
  set('micetro-entra-client-credential', 'secret')
  set('micetro-api-password', 'password')
  set('micetro-sign-in-key', randomBytes(32).toString('base64'))
  return {
    ...identity.environment,
    AZURE_CLIENT_ID: identity.clientId,
    KEY_VAULT_URL: url,
    ENTRA_CLIENT_CREDENTIAL: '',
    MICETRO_API_PASSWORD: '',
    SIGN_IN_KEY: '',
  }
}
const settings = await startVault()
process.send?.({ origin, tenant, settings, authority: authority?.pem })
process.on('disconnect', () => process.exit(0))
