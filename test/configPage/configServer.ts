import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { renderConfigPage } from '../../shared/configPage/page.ts'
import type { CheckResult } from '../../shared/saveAndTest/check.ts'

export const accessKey = 'the-access-key-7d1f'

export interface Seen {
  method: string
  path: string
  key: string | undefined
  body: Record<string, unknown> | undefined
}

export interface Canned {
  status?: number
  body: unknown
}

export interface ConfigServer extends AsyncDisposable {
  url: string
  /** Calls of the script, in order; loading the page is not one. */
  seen: Seen[]
  /** What `GET /config/microsoft` answers. */
  inForce: Record<string, unknown>
  /** Configurations that `?version=` gives. */
  versions: Record<string, Record<string, unknown>>
  /** Answers of save-and-test; tests put their own in place. */
  test: (only: string) => Canned | Promise<Canned>
  save: (body: Record<string, unknown>) => Canned
  testSignIn: () => Canned
  reconcile: (mode: unknown) => Canned
  groups: () => Canned
}

export const checkNames = [
  ['settings', 'vault', 'tenant', 'clock', 'credential', 'credential_expiry', 'redirect_uri', 'graph', 'permissions'],
  ['micetro_reachable', 'micetro_certificate', 'micetro_account', 'micetro_permission', 'micetro_version'],
  ['external_authentication', 'groups'],
].flat()

export const passedCheck = (name: string): CheckResult => ({
  name,
  outcome: 'passed',
  detail: `${name} is as it should be.`,
  milliseconds: 12,
})

/** Serves the page and canned answers in the shape of the real routes. */
export async function startConfigServer(shownKey?: string): Promise<ConfigServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const send = ({ status = 200, body }: Canned): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (url.pathname === '/config') {
      const { status, headers, body } = renderConfigPage(shownKey)
      response.writeHead(status ?? 200, headers as Record<string, string>).end(body)
      return
    }
    if (!url.pathname.startsWith('/config/')) {
      response.writeHead(404).end()
      return
    }
    const header = request.headers['x-functions-key']
    const key = typeof header === 'string' ? header : undefined
    text(request)
      .then(async (sent) => {
        const version = url.searchParams.get('version')
        const body = sent === '' ? undefined : (JSON.parse(sent) as Record<string, unknown>)
        fake.seen.push({ method: request.method ?? '', path: url.pathname + url.search, key, body })
        // The platform refuses a wrong key without any body.
        if (key !== accessKey) response.writeHead(401).end()
        else if (url.pathname === '/config/microsoft/test-sign-in') send(fake.testSignIn())
        else if (url.pathname === '/config/microsoft/reconcile') send(fake.reconcile(body?.mode))
        else if (url.pathname === '/config/microsoft/groups') send(fake.groups())
        else if (body !== undefined) send(body.save === true ? fake.save(body) : await fake.test(String(body.only)))
        else if (version === null) send({ body: fake.inForce })
        else send({ body: { configuration: fake.versions[version], sources: {}, version } })
      })
      .catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const fake: ConfigServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    inForce: {
      configuration: {
        enabled: true,
        tenant_id: '11111111-1111-4111-8111-111111111111',
        client_id: '22222222-2222-4222-8222-222222222222',
        redirect_uri: 'https://sign-in.example/mmws/auth_cb/microsoft',
        scope: ['User.Read'],
        cloud: 'commercial',
        credential_kind: 'secret',
        credential_version: 'c1',
      },
      sources: {
        enabled: 'default',
        tenant_id: 'saved',
        client_id: 'saved',
        redirect_uri: 'setting',
        scope: 'file',
        cloud: 'default',
        credential_kind: 'default',
        credential_version: 'saved',
      },
      version: 'v2',
      history: [
        { version: 'v2', savedAt: '2026-03-02T10:00:00.000Z' },
        { version: 'v1', savedAt: '2026-03-01T10:00:00.000Z' },
      ],
      checks: checkNames,
      canSave: true,
      credentialStored: true,
    },
    versions: { v1: { tenant_id: 'contoso.example', credential_version: 'c0' } },
    test: (only) => ({ body: { saved: false, outcome: 'passed', checks: [passedCheck(only)] } }),
    save: () => ({
      body: { saved: true, outcome: 'passed', version: 'v3', checks: [...checkNames, 'save'].map(passedCheck) },
    }),
    reconcile: () => ({ status: 500, body: {} }),
    groups: () => ({ body: {} }),
    testSignIn: () => ({ body: { location: 'https://login.example/authorize?state=s' } }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return fake
}
