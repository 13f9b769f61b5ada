import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT } from 'jose'

/**
 * Entra ID, Graph and Micetro with canned answers, as cheap as they can be made, so that a measurement shows the caller's
 * work and not theirs. One process, one plain port; the parent gets the port over IPC.
 */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const tenant = '11111111-2222-3333-4444-555555555555'
const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] })
const groups = Array.from({ length: 40 }, (_, index) => ({
  id: `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`,
  displayName: `Group ${index}`,
  securityEnabled: true,
  onPremisesNetBiosName: null,
  onPremisesSamAccountName: null,
}))
const memberOf = groups.map((_, index) => ({ ref: `Groups/${index + 10}`, objType: 'Groups', name: `Group ${index}` }))
const canned = {
  groups: JSON.stringify({ value: groups }),
  profile: JSON.stringify({ displayName: 'Bench User', mail: 'bench@contoso.com' }),
  session: JSON.stringify({ result: { session: 'session' } }),
  micetroGroups: JSON.stringify({
    result: {
      groups: memberOf.map(({ ref, name }) => ({ ref, name, adIntegrated: false, builtIn: false })),
      totalResults: 40,
    },
  }),
  users: JSON.stringify({
    result: {
      users: [
        {
          ref: 'Users/1',
          name: 'bench@contoso.com',
          fullName: 'Bench User',
          email: 'bench@contoso.com',
          authenticationType: 'External',
          externalID: 'subject',
          groups: memberOf,
        },
      ],
      totalResults: 1,
    },
  }),
  swagger: JSON.stringify({
    info: { version: '11.0' },
    definitions: { User: { properties: { authenticationType: {}, externalID: {} } } },
  }),
}

/** The code carries the nonce, as a real authority remembers it. */
async function token(body: string, origin: string): Promise<string> {
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

const listener: RequestListener = (request, response) => {
  const url = request.url ?? ''
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const send = (body: string): void => {
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body)
    }
    if (url.includes('/token')) {
      token(Buffer.concat(chunks).toString(), origin).then(send, () => response.writeHead(500).end())
      return
    }
    const routes: [part: string, body: string][] = [
      ['/transitiveMemberOf', canned.groups],
      ['/v1.0/me', canned.profile],
      ['/micetro/sessions', canned.session],
      ['/mmws/api/Users', canned.users],
      ['/mmws/api/Groups', canned.micetroGroups],
      ['/swagger.json', canned.swagger],
      ['/keys', keys],
    ]
    const found = routes.find(([part]) => url.includes(part))
    send(
      found?.[1] ??
        JSON.stringify({
          issuer: `${origin}/${tenant}/v2.0`,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          jwks_uri: `${origin}/keys`,
        }),
    )
  })
}
const server = createServer(listener)
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, tenant }))
process.on('disconnect', () => process.exit(0))
