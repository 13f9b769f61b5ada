import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine, type Engine } from '../../shared/engine.ts'
import { fetchAppToken } from '../../shared/entra/appToken.ts'
import { Secret } from '../../shared/secret.ts'
import { type Stage, signIn, startStage } from './stage.ts'
import { UserAgent } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

describe('with NODE_TLS_REJECT_UNAUTHORIZED=0 and a peer of an unknown authority', () => {
  let engine: Engine
  let local: Engine
  // Nothing here trusts the simulators' authority: NODE_EXTRA_CA_CERTS counts at the start of a process only.
  const unknown = () => stage.world.graph.url
  beforeAll(() => {
    const { KEY_VAULT_URL: _, ...rest } = stage.world.settings(stage.port)
    const settings = { ...rest, IDENTITY_ENDPOINT: `${unknown()}/msi/token` }
    Object.assign(process.env, {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      IDENTITY_ENDPOINT: settings.IDENTITY_ENDPOINT,
      IDENTITY_HEADER: rest.IDENTITY_HEADER,
    })
    engine = createEngine({ ...settings, KEY_VAULT_URL: unknown() })
    local = createEngine(settings)
  })
  afterAll(() => {
    for (const name of ['NODE_TLS_REJECT_UNAUTHORIZED', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER'])
      delete process.env[name]
  })

  const { signal } = new AbortController()
  const clients: [who: string, call: () => Promise<unknown>][] = [
    ['the sender to Entra ID and Graph', () => engine.send({ method: 'GET', url: unknown(), timeout: 5000, signal })],
    ['the sender to Micetro', () => engine.sendToMicetro({ method: 'GET', url: unknown(), timeout: 5000, signal })],
    [
      'MSAL',
      async () => {
        const { configuration } = await local.inForce.get()
        const addresses = { authority: unknown(), authorize: unknown(), token: `${unknown()}/token`, keys: unknown() }
        const endpoints = { ...addresses, issuer: unknown(), tenantId: undefined }
        const credential = { kind: 'secret' as const, secret: new Secret('a-client-secret'), expiresOn: undefined }
        return fetchAppToken(
          { ...local, endpoints: async () => endpoints },
          configuration,
          configuration.tenantId,
          credential,
          signal,
        )
      },
    ],
    ['the Key Vault SDK', () => engine.store.read('micetro-sign-in-key')],
    ['the identity SDK', async () => (await engine.identity()).getToken('https://vault.azure.net/.default')],
  ]
  test.each(clients)('%s sends nothing', async (_who, call) => {
    stage.world.graph.requests.length = 0
    await expect(call()).rejects.toThrow()
    expect(stage.world.graph.requests).toEqual([])
  })
})

test('NODE_TLS_REJECT_UNAUTHORIZED=0 is a configuration error that the pages and /health name', async () => {
  await stage.restart({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })
  for (const [path, status] of [
    ['/login', 500],
    ['/health', 503],
  ] as const) {
    const done = await new UserAgent().visit(stage.host.url + path)
    expect([done.status, done.body]).toEqual([status, expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED')])
  }
})

test('a proxy that the environment names is not used by any client', async () => {
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(502).end()
  })
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  try {
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']
    await stage.restart({ ...Object.fromEntries(names.map((name) => [name, address])), NODE_USE_ENV_PROXY: '1' })
    expect((await signIn(stage, 'alice')).status).toBe(303)
    expect(asked).toEqual([])
  } finally {
    proxy.close()
  }
})
