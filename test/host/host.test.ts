import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FunctionApp, loadFunctionApp } from './functionApp.ts'
import { startHost } from './hostProcess.ts'
import { KeyStore } from './keyStore.ts'
import { createHostServer } from './server.ts'

/** What the real host was seen to do; each row here names what the light one must do alike. */
const key = 'key-of-the-host'
const withKey = { 'x-functions-key': key }
let lines: string[]
const log = (level: string, category: string, message: string) => void lines.push(`${level} ${category}: ${message}`)

let app: FunctionApp
let keys: KeyStore
let now: number
let server: Server

async function serve(homepage = true): Promise<void> {
  server?.close()
  server = createHostServer({ app, keys, log, homepage }).listen(0, '127.0.0.1')
  await once(server, 'listening')
}

beforeAll(async () => {
  lines = []
  app = await loadFunctionApp(resolve('test/host/sample'), log, {
    TICK_SCHEDULE: '0 7 * * * *',
    'AzureWebJobs.switchedOff.Disabled': 'true',
  })
})
beforeEach(async () => {
  lines = []
  now = 0
  keys = new KeyStore({ key, timeout: 0, now: () => now })
  await serve()
})
afterAll(() => server.close())

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** The target goes on the wire as it stands. Headers may be a flat list, so that a name can be repeated. */
function ask(
  target: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string> | string[]; body?: string } = {},
): Promise<Answer> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path: target, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    request.on('error', reject)
    if (Array.isArray(headers)) request.flushHeaders()
    request.end(body)
  })
}

const seen = async (...asked: Parameters<typeof ask>) =>
  JSON.parse((await ask(...asked)).body) as Record<string, unknown>

describe('The host answers', () => {
  const rows: [what: string, target: string, init: Parameters<typeof ask>[1], status: number][] = [
    ['a wrong method with 404, before the key is looked at', '/keyed', { method: 'POST' }, 404],
    ['HEAD with 404', '/echo', { method: 'HEAD' }, 404],
    ['OPTIONS with 404', '/echo', { method: 'OPTIONS' }, 404],
    ['a path that nobody has with 404', '/nothing', {}, 404],
    ['a doubled slash with 404', '//echo', {}, 404],
    ['a percent-encoded path', '/%65cho', {}, 200],
    ['a percent-encoded slash with 404', '/items%2F7', {}, 404],
    ['a broken percent sign with 404', '/ech%o', {}, 404],
    ['a path in another case', '/ECHO', {}, 200],
    ['a trailing slash', '/echo/', {}, 200],
    ['a function that a setting switches off with 404', '/off', {}, 404],
    ['a keyed route without a key with 401', '/keyed', {}, 401],
    ['a keyed route with another key with 401', '/keyed', { headers: { 'x-functions-key': 'another' } }, 401],
    ['a keyed route with the key', '/keyed', { headers: withKey }, 200],
    ['a keyed route with the key in the query', `/keyed?code=${key}`, {}, 200],
    ['headers of 32 KB', '/echo', { headers: { 'x-much': 'x'.repeat(32_000) } }, 200],
    ['headers above 32 KB with 431', '/echo', { headers: { 'x-much': 'x'.repeat(32_769) } }, 431],
    ['an address of 8 KB', `/echo?${'x'.repeat(8160)}`, {}, 200],
    ['an address above 8 KB with 414', `/echo?${'x'.repeat(8192)}`, {}, 414],
    ['100 headers', '/echo', { headers: manyHeaders(100) }, 200],
    ['more than 100 headers with 431', '/echo', { headers: manyHeaders(101) }, 431],
    [
      'a body above 100 MB with 500',
      '/echo',
      { method: 'POST', headers: ['host', 'x', 'content-length', String(100 * 1024 * 1024 + 1)] },
      500,
    ],
    ['a header outside ASCII in an answer with 500', '/umlaut', {}, 500],
    ['a function that throws with 500', '/failing', {}, 500],
    ['its home page', '/', {}, 200],
    ['its home page to any method', '/', { method: 'DELETE' }, 200],
    ['a ping', '/admin/host/ping', {}, 200],
    ['administration without the key with 401', '/admin/host/status', {}, 401],
    ['other administration with 404', '/admin/host/status', { headers: withKey }, 404],
    ['/runtime with 401', '/runtime/webhooks/x', {}, 401],
    ['/runtime with 401, whatever the key', '/runtime/webhooks/x', { headers: withKey }, 401],
    ['a timer without the key with 401', '/admin/functions/tick', { method: 'POST' }, 401],
    [
      'a timer with another key with 401',
      '/admin/functions/tick',
      { method: 'POST', headers: { 'x-functions-key': 'another' } },
      401,
    ],
    ['a timer that nobody has with 404', '/admin/functions/tock', { method: 'POST', headers: withKey }, 404],
    [
      'a timer whose schedule names a setting that is not there with 404',
      '/admin/functions/unscheduled',
      { method: 'POST', headers: withKey },
      404,
    ],
  ]
  test.each(rows)('%s', async (_what, target, init, status) => {
    expect((await ask(target, init)).status).toBe(status)
  })

  function manyHeaders(count: number): string[] {
    return ['host', 'x', 'connection', 'close'].concat(
      Array.from({ length: count - 2 }, (_, index) => [`x-${index}`, '1']).flat(),
    )
  }

  test('nothing of an answer whose header is outside ASCII', async () => {
    expect((await ask('/umlaut')).body).toBe('')
  })

  test('its home page with 204 where a setting switches it off', async () => {
    await serve(false)
    expect((await ask('/')).status).toBe(204)
  })
})

describe('A function is given', () => {
  const rows: [what: string, target: string, init: Parameters<typeof ask>[1], given: object][] = [
    ['repeated query keys joined', '/echo?a=1&a=2', {}, { query: { a: '1,2' } }],
    ['query keys that differ in case joined', '/echo?a=1&A=2', {}, { query: { a: '1,2' } }],
    [
      'two Cookie lines joined by a comma',
      '/echo',
      { headers: ['host', 'x', 'cookie', 'a=1; b=2', 'cookie', 'c=3'] },
      { headers: { cookie: 'a=1; b=2,c=3' } },
    ],
    ['cookies as they came', '/echo', { headers: { cookie: 'a=%41' } }, { headers: { cookie: 'a=%41' } }],
    ['route parameters', '/items/7%20a/X', {}, { params: { id: '7 a', part: 'X' } }],
    ['a percent-encoded slash as it came', '/items/a%2Fb', {}, { params: { id: 'a%2Fb' } }],
    ['no parameter that the path has not', '/items/7', {}, { params: { id: '7' } }],
    ['the rest of a path', '/shadow/a/b', {}, { params: { rest: 'a/b' } }],
    ['what an earlier name takes from a longer route', '/shadow/long', {}, { name: 'anything' }],
    ['a body with a length', '/echo', { method: 'POST', headers: { 'content-length': '1' }, body: 'x' }, { body: 'x' }],
    [
      'no body without a length',
      '/echo',
      { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'x' },
      { body: '' },
    ],
  ]
  test.each(rows)('%s', async (_what, target, init, given) => {
    expect(await seen(target, init)).toMatchObject(given)
  })
})

test('Cookies are written in the order of the real host, percent-encoded, without an expiry at the epoch', async () => {
  expect((await ask('/cookie')).headers['set-cookie']).toEqual([
    'all=a%20b; max-age=600; path=/x; secure; samesite=none; httponly',
    'dated=1; expires=Wed, 02 Jan 2030 03:04:05 GMT; path=/; samesite=lax',
    'epoch=1; path=/',
  ])
})

test('A line of a function has its category, and its invocation id is the one that the function has', async () => {
  const { body } = await ask('/talk')
  expect(lines).toContain('warning Function.talk.User: from the context')
  expect(body).toMatch(/^[0-9a-f-]{36}$/)
})

test('The start of an app is told to it once', async () => {
  await ask('/echo')
  expect((await ask('/started')).body).toBe('1')
})

test('A timer is fired by hand with the key', async () => {
  expect(app.timers.map(({ name, schedule }) => [name, schedule])).toEqual([['tick', '0 7 * * * *']])
  expect((await ask('/admin/functions/Tick', { method: 'POST', headers: withKey, body: '{}' })).status).toBe(202)
  await expect.poll(() => lines).toContain('information Function.tick.User: fired, past due: false')
})

describe('The key store', () => {
  test('is asked for any code in a query, on anonymous routes too, and anew for each function', async () => {
    await ask('/echo?code=x')
    expect(keys.calls).toBe(8)
    await ask('/items/7?Code=x')
    expect(keys.calls).toBe(16)
  })

  test('is asked again for a key that fits nothing, once a minute', async () => {
    await ask('/echo?code=x')
    now = 59_999
    await ask('/echo?code=x')
    expect(keys.calls).toBe(8)
    now = 60_000
    await ask('/echo?code=x')
    await ask('/echo?code=y')
    expect(keys.calls).toBe(12)
  })

  test('is asked once for a key that fits', async () => {
    await ask('/keyed', { headers: withKey })
    now = 1e9
    await ask('/keyed', { headers: withKey })
    expect(keys.calls).toBe(8)
  })

  const form = { method: 'POST', headers: { 'content-length': '6' }, body: 'code=x' }
  const untouched: [what: string, target: string, init: Parameters<typeof ask>[1]][] = [
    ['a form with a code', '/echo', form],
    ['a query without a code', '/echo?state=x', {}],
    ['an empty code', '/echo?code=', {}],
    ['a wrong method', '/keyed?code=x', { method: 'POST' }],
    ['a keyed route without a key', '/keyed', {}],
  ]
  test.each(untouched)('is not asked for %s', async (_what, target, init) => {
    keys.state = 'down'
    expect((await ask(target, init)).status).not.toBe(500)
    expect(keys.calls).toBe(0)
  })

  test('that is down turns a code in the query into a 500, and the function is never called', async () => {
    keys.state = 'down'
    expect((await ask('/talk?code=x')).status).toBe(500)
    expect((await ask('/keyed', { headers: withKey })).status).toBe(500)
    expect(lines.filter((line) => line.includes('.User'))).toEqual([])
  })

  test('that is not configured lets no key in, and leaves anonymous routes alone', async () => {
    keys.state = 'none'
    expect((await ask('/keyed', { headers: withKey })).status).toBe(401)
    expect((await ask('/admin/functions/tick', { method: 'POST', headers: withKey })).status).toBe(401)
    expect((await ask('/echo?code=x')).status).toBe(200)
    expect(keys.calls).toBe(0)
  })
})

describe('In a process of its own', () => {
  const started = (env: Record<string, string> = {}) =>
    startHost({ port: 0, env: { HOST_FUNCTION_KEY: key, ...env }, root: 'test/host/sample' })
  const atPort = (output: string, path: string) => (/listening on (\S+)/.exec(output)?.[1] ?? '') + path

  test('a line has its time, its level and its category, those of the console among them', async () => {
    const host = await started({ TICK_SCHEDULE: '0 7 * * * *' })
    try {
      await fetch(atPort(host.output(), '/talk'))
      await expect.poll(host.output).toMatch(/^\[\S+Z\] information Host\.Function\.Console: from the console$/m)
      expect(host.output()).toMatch(/^\[\S+Z\] error Host\.Startup: .*%NOT_THERE% does not resolve/m)
      const fired = await fetch(atPort(host.output(), '/admin/functions/tick'), { method: 'POST', headers: withKey })
      expect(fired.status).toBe(202)
      await expect.poll(host.output).toContain('information Function.tick.User: fired')
    } finally {
      expect(await host.close()).toBe(0)
    }
  })

  test('settings take away the home page, a function and the key store', async () => {
    const host = await started({
      AzureWebJobsDisableHomepage: 'true',
      'AzureWebJobs.echo.Disabled': '1',
      HOST_KEY_STORE: 'down',
      HOST_KEY_STORE_TIMEOUT: '0',
    })
    try {
      const statuses = await Promise.all(
        ['/', '/echo', '/talk', '/talk?code=x'].map(async (path) => (await fetch(atPort(host.output(), path))).status),
      )
      expect(statuses).toEqual([204, 404, 200, 500])
    } finally {
      await host.close()
    }
  })
})
