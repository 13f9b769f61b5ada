import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from '../../simulators/certificateAuthority.ts'
import { type Fault, type Handler, type SimulatedServer, sendJson, startServer } from '../../simulators/server.ts'

// Every test starts Python at least once, which a busy machine does slowly.
vi.setConfig({ testTimeout: 60_000 })

const folder = fileURLToPath(new URL('../../../infra/central/', import.meta.url))
const script = join(folder, 'mm_auth_cb.py')
const python = process.platform === 'win32' ? 'python' : 'python3'

const secrets = {
  key: 'function-key-3f9a',
  code: 'authorization-code-77c1',
  verifier: 'code-verifier-90be',
  credential: 'client-credential-51dd',
}

const central = {
  endpoint: 'microsoft',
  arguments: `code=${secrets.code}&state=central-state&session_state=s`,
  config: {
    tenant_id: 'tenant',
    client_id: 'client',
    client_credential: secrets.credential,
    redirect_uri: 'https://micetro.example/mmws/auth_cb/microsoft',
    scope: ['User.Read'],
  },
  state: { code_verifier: secrets.verifier, nonce: 'central-nonce' },
  loglevel: 5,
}

const user = {
  loginName: 'zoë@example.com',
  fullName: 'Zoë Ångström 网络',
  externalID: 'sub-1',
  email: 'zoe@example.com',
  groups: ['dns', 'Ürün'],
  authenticator: 'Microsoft',
}

type Json = Record<string, unknown>
type Settings = Json | string | Buffer | undefined

interface Outcome {
  code: number | null
  answer: Json
  stdout: string
}

/** As Central's `extensions` folder: the real script, and what a test lays beside it. */
let extensions: string
const servers: { close(): unknown }[] = []

beforeEach(async () => {
  extensions = await mkdtemp(join(tmpdir(), 'extensions-'))
  await copyFile(script, join(extensions, 'mm_auth_cb.py'))
})

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
  await rm(extensions, { recursive: true })
})

function readDocument(raw: string): Json {
  const value: unknown = JSON.parse(raw)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`not an object: ${raw}`)
  return { ...value }
}

/**
 * Runs the script as Central does, and holds it to what is true of every run: one JSON object in ASCII on standard
 * output, nothing on standard error, an exit code that fits, and no secret in either.
 */
async function runScript(
  input: string | Buffer | Json,
  options: { settings?: Settings; env?: NodeJS.ProcessEnv; command?: string[]; keepOpen?: boolean } = {},
): Promise<Outcome> {
  if (options.settings !== undefined) {
    const { settings } = options
    const content = typeof settings === 'string' || Buffer.isBuffer(settings) ? settings : JSON.stringify(settings)
    await writeFile(join(extensions, 'mm_auth_cb.json'), content)
  }
  const child = spawn(python, options.command ?? [join(extensions, 'mm_auth_cb.py')], {
    env: { PATH: process.env.PATH, SYSTEMROOT: process.env.SYSTEMROOT, ...options.env },
  })
  const inputErrors: Error[] = []
  child.stdin.on('error', (error) => inputErrors.push(error))
  const content = typeof input === 'string' || Buffer.isBuffer(input) ? input : JSON.stringify(input)
  if (options.keepOpen) child.stdin.write(content)
  else child.stdin.end(content)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  child.stdin.destroy()
  expect(stderr).toBe('')
  expect(inputErrors, 'Central must be able to write all of its document').toEqual([])
  expect(stdout).toMatch(/^[\x20-\x7e\r\n]+$/)
  for (const secret of Object.values(secrets)) expect(stdout).not.toContain(secret)
  return { code, answer: readDocument(stdout), stdout }
}

async function startFunction(handler: Handler, options?: Parameters<typeof startServer>[1]): Promise<SimulatedServer> {
  const server = await startServer(handler, options)
  servers.push(server)
  return server
}

const answering =
  (status: number, body: unknown): Handler =>
  (_, response) =>
    sendJson(response, status, body)

const settingsFor = (server: { url: string }, more: Json = {}) => ({
  url: `${server.url}/central/auth_cb`,
  key: secrets.key,
  ...more,
})

/** A TCP listener on any loopback port, closed with its connections after the test. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  return (server.address() as AddressInfo).port
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Lays a stand-in for the vendor's script beside ours. */
const layBeside = (name: string, lines: string[]) => writeFile(join(extensions, name), lines.join('\n'))

describe('what the function receives', () => {
  it('gets one POST with the key in its header, and Central’s document without the credential', async () => {
    const server = await startFunction(answering(200, user))
    await runScript({ ...central, later: { key: [1, null] } }, { settings: settingsFor(server) })
    expect(server.requests).toHaveLength(1)
    const request = server.requests[0]
    expect(request).toMatchObject({
      method: 'POST',
      path: '/central/auth_cb',
      query: '',
      headers: {
        'x-functions-key': secrets.key,
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': expect.stringMatching(/^mm_auth_cb\//),
      },
    })
    const { client_credential: _, ...config } = central.config
    expect(readDocument(request?.body ?? '')).toEqual({ ...central, config, later: { key: [1, null] } })
  })

  it('gets no part of a certificate credential either', async () => {
    const server = await startFunction(answering(200, user))
    const config = { ...central.config, client_credential: { private_key: secrets.credential, thumbprint: 'AB' } }
    await runScript({ ...central, config }, { settings: settingsFor(server) })
    expect(server.requests[0]?.body).not.toMatch(/credential|thumbprint/)
  })
})

describe('answers of the function', () => {
  const exactly: [name: string, status: number, body: Json, code: number, printed: Json][] = [
    ['a user document', 200, user, 0, user],
    ['a user without groups', 200, { ...user, groups: [] }, 0, { ...user, groups: [] }],
    ['a user document with a log', 200, { ...user, log: 'line\nline' }, 0, { ...user, log: 'line\nline' }],
    ['interaction_required', 200, { error: 'interaction_required' }, 0, { error: 'interaction_required' }],
    [
      'invalid_grant',
      200,
      { error: 'invalid_grant', error_description: 'Sign in again.', suberror: 'x' },
      0,
      { error: 'invalid_grant', error_description: 'Sign in again.', suberror: 'x' },
    ],
    [
      'a refusal of the catalogue',
      502,
      { error: 'MMException', description: 'Sign-in failed. Reference: 1', more: 1 },
      1,
      { error: 'MMException', description: 'Sign-in failed. Reference: 1' },
    ],
    [
      'a refusal with a key that is accepted',
      401,
      { error: 'MMException', description: 'Not for this tenant.' },
      1,
      { error: 'MMException', description: 'Not for this tenant.' },
    ],
    ['a refusal without a description', 400, { error: 'InvalidInput' }, 1, { error: 'InvalidInput', description: '' }],
    [
      'a passthrough error with a failure’s status',
      400,
      { error: 'invalid_grant', description: 'd' },
      1,
      { error: 'invalid_grant', description: 'd' },
    ],
    [
      'an error beside a user',
      200,
      { ...user, error: 'server_error', description: 'd' },
      1,
      { error: 'server_error', description: 'd' },
    ],
    [
      'another error with status 200',
      200,
      { error: 'server_error', description: 'd' },
      1,
      { error: 'server_error', description: 'd' },
    ],
  ]
  it.each(exactly)('hands on %s', async (_, status, body, code, printed) => {
    const server = await startFunction(answering(status, body))
    expect(await runScript(central, { settings: settingsFor(server) })).toMatchObject({ code, answer: printed })
  })

  const html = { 'content-type': 'text/html' }
  const refused: [name: string, fault: Fault, description: RegExp][] = [
    ['HTML', { kind: 'status', status: 200, headers: html, body: `<p>${secrets.key}</p>` }, /HTTP 200/],
    ['an HTML error page', { kind: 'status', status: 503, headers: html, body: '<h1>unavailable</h1>' }, /HTTP 503/],
    ['nothing', { kind: 'status', status: 200 }, /HTTP 200/],
    ['no content', { kind: 'status', status: 204 }, /HTTP 204/],
    ['a wrong key', { kind: 'status', status: 401 }, /HTTP 401: "key"/],
    ['an access restriction', { kind: 'status', status: 403, body: 'Ip Forbidden' }, /HTTP 403: .*access restrictions/],
    ['an unknown route', { kind: 'status', status: 404 }, /HTTP 404: .*"url"/],
    ['a JSON list', { kind: 'status', status: 200, body: '[1]' }, /HTTP 200/],
    ['a JSON text', { kind: 'status', status: 200, body: '"x"' }, /HTTP 200/],
    ['two documents', { kind: 'status', status: 200, body: JSON.stringify(user).repeat(2) }, /HTTP 200/],
    ['an empty object', { kind: 'status', status: 200, body: '{}' }, /HTTP 200/],
    ['a user without an external id', { kind: 'status', status: 200, body: '{"loginName":"a"}' }, /HTTP 200/],
    [
      'a user whose external id is empty',
      { kind: 'status', status: 200, body: JSON.stringify({ ...user, externalID: '' }) },
      /HTTP 200/,
    ],
    [
      'a user document with a failure’s status',
      { kind: 'status', status: 500, body: JSON.stringify(user) },
      /HTTP 500/,
    ],
    ['an error that is no text', { kind: 'status', status: 500, body: '{"error":{"code":1}}' }, /HTTP 500/],
    ['a number that is not JSON', { kind: 'status', status: 200, body: '{"loginName":NaN}' }, /HTTP 200/],
    [
      'a number that is too large to repeat',
      { kind: 'status', status: 200, body: '{"loginName":"a","externalID":"b","n":1e999}' },
      /ValueError/,
    ],
    ['brackets without end', { kind: 'status', status: 200, body: '{"a":'.repeat(100_000) }, /HTTP 200/],
    ['a cut-off answer', { kind: 'cutOff' }, /HTTP 200|broke/],
    ['a dropped connection', { kind: 'drop' }, /The connection to localhost broke \(.*Sign in again\./],
    ['no answer at all', { kind: 'hang' }, /too long/],
  ]
  it.each(refused)('refuses %s', async (name, fault, description) => {
    const server = await startFunction(answering(200, user))
    server.misbehave(fault, { times: Infinity })
    // The hang shows that the setting ends it; the others must never meet the limit.
    const settings = settingsFor(server, { timeout_seconds: name === 'no answer at all' ? 1 : 60 })
    const { code, answer } = await runScript(central, { settings })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringMatching(description) })
    // The code may have been redeemed by the first request: none of these is sent twice.
    expect(server.requests).toHaveLength(1)
  })

  it('refuses an answer of 10 MB', async () => {
    const server = await startFunction(answering(200, { ...user, log: 'x'.repeat(10_000_000) }))
    const { code, answer } = await runScript(central, { settings: settingsFor(server) })
    expect([code, answer.error]).toEqual([1, 'MMException'])
  })

  it('takes 2000 groups with long names', async () => {
    const groups = Array.from({ length: 2000 }, (_, i) => `${'ü'.repeat(200)}${i}`)
    const server = await startFunction(answering(200, { ...user, groups }))
    const { code, answer } = await runScript(central, { settings: settingsFor(server) })
    expect([code, answer.groups]).toEqual([0, groups])
  })

  it.each([301, 302, 303, 307, 308])('does not follow a %i redirect: the key stays with one host', async (status) => {
    const elsewhere = await startFunction(answering(200, user))
    const server = await startFunction((_, response) => {
      response.writeHead(status, { location: `${elsewhere.url}/central/auth_cb` }).end()
    })
    const { code, answer } = await runScript(central, { settings: settingsFor(server) })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining(`HTTP ${status}`) })
    expect(elsewhere.requests).toEqual([])
  })

  const drips: [name: string, head: string, drop: string][] = [
    ['the body', 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n', ' '],
    ['the headers', 'HTTP/1.1 200 OK\r\n', 'x'],
  ]
  it.each(drips)('ends an answer of which %s comes byte by byte', async (_, head, drop) => {
    const port = await listen(
      createServer((socket) => {
        socket.write(head)
        const timer = setInterval(() => socket.write(drop), 50)
        socket.on('close', () => clearInterval(timer))
      }),
    )
    const settings = settingsFor({ url: `http://127.0.0.1:${port}` }, { timeout_seconds: 1 })
    const { code, answer } = await runScript(central, { settings })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining('too long') })
  })
})

describe('connecting', () => {
  let authority: CertificateAuthority
  let tls: SimulatedServer

  beforeAll(async () => {
    authority = await createCertificateAuthority()
    tls = await startServer(answering(200, user), { certificate: await authority.issue() })
  })
  afterAll(() => tls.close())
  beforeEach(async () => {
    tls.requests.length = 0
    await writeFile(join(extensions, 'ca.pem'), authority.pem)
  })

  it('trusts the authority in "ca_file", looked for beside the script', async () => {
    expect(await runScript(central, { settings: settingsFor(tls, { ca_file: 'ca.pem' }) })).toMatchObject({
      code: 0,
      answer: user,
    })
    const absolute = settingsFor(tls, { ca_file: join(extensions, 'ca.pem') })
    expect((await runScript(central, { settings: absolute })).code).toBe(0)
  })

  it('sends nothing to a server that it does not trust, or whose name differs', async () => {
    const other = await startFunction(answering(200, user), { certificate: await authority.issue(['other.example']) })
    for (const settings of [settingsFor(tls), settingsFor(other, { ca_file: 'ca.pem' })]) {
      const { code, answer } = await runScript(central, { settings })
      expect(code).toBe(1)
      expect(answer).toEqual({
        error: 'MMException',
        description: expect.stringMatching(/^No safe connection to localhost .*certificate verify failed/),
      })
    }
    expect([...tls.requests, ...other.requests]).toEqual([])
  })

  it('says which file is meant when "ca_file" is missing or no certificate', async () => {
    await layBeside('broken.pem', ['not a certificate'])
    for (const ca_file of ['missing.pem', 'broken.pem']) {
      const { code, answer } = await runScript(central, { settings: settingsFor(tls, { ca_file }) })
      expect(code).toBe(1)
      expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining('ca_file') })
    }
    expect(tls.requests).toEqual([])
  })

  it('tries again once when the connection could not be established', async () => {
    let connections = 0
    const gate = await listen(
      createServer((socket) => {
        connections += 1
        if (connections === 1) {
          socket.destroy()
          return
        }
        const onward = connect(tls.port, '127.0.0.1').on('error', () => socket.destroy())
        socket.pipe(onward).pipe(socket)
      }),
    )
    const settings = settingsFor({ url: `https://localhost:${gate}` }, { ca_file: 'ca.pem' })
    expect(await runScript(central, { settings })).toMatchObject({ code: 0, answer: user })
    expect([connections, tls.requests.length]).toEqual([2, 1])
  })

  it('gives up after the second attempt', async () => {
    let connections = 0
    const port = await listen(
      createServer((socket) => {
        connections += 1
        socket.destroy()
      }),
    )
    const { code, answer } = await runScript(central, { settings: settingsFor({ url: `https://localhost:${port}` }) })
    expect([code, answer.error, connections]).toEqual([1, 'MMException', 2])
  })

  it.each([
    ['a port where nothing listens', async () => `http://localhost:${await unusedPort()}`],
    ['a name that does not exist', async () => 'https://function.invalid'],
  ])('answers when %s is asked', async (_, url) => {
    const { code, answer } = await runScript(central, { settings: settingsFor({ url: await url() }) })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringMatching(/^No safe connection to /) })
  })

  it('ends a server that takes the connection and never shakes hands', async () => {
    const port = await listen(createServer(() => undefined))
    const settings = settingsFor({ url: `https://localhost:${port}` }, { timeout_seconds: 1 })
    const { code, answer } = await runScript(central, { settings })
    expect([code, answer.error]).toEqual([1, 'MMException'])
  })

  it('leaves a proxy of the environment alone', async () => {
    let asked = 0
    const proxy = await listen(
      createHttpServer((_, response) => {
        asked += 1
        response.end()
      }).on('connect', (_, socket) => {
        asked += 1
        socket.destroy()
      }),
    )
    const address = `http://127.0.0.1:${proxy}`
    const env = { HTTPS_PROXY: address, https_proxy: address, HTTP_PROXY: address, http_proxy: address }
    const settings = settingsFor({ url: 'https://function.invalid' })
    expect((await runScript(central, { settings, env })).code).toBe(1)
    expect(asked).toBe(0)
  })

  it('says that Python lacks TLS, instead of failing on the import', async () => {
    const program = 'import runpy, sys; sys.modules["ssl"] = None; runpy.run_path(sys.argv[1], run_name="__main__")'
    const command = ['-c', program, join(extensions, 'mm_auth_cb.py')]
    const { code, answer } = await runScript(central, { settings: settingsFor(tls), command })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining('ModuleNotFoundError') })
  })
})

describe('settings', () => {
  let server: SimulatedServer
  beforeEach(async () => {
    server = await startFunction(answering(200, user))
  })

  it('are read with the byte order mark of a Windows editor', async () => {
    const settings = `\ufeff${JSON.stringify(settingsFor(server))}`
    expect((await runScript(central, { settings })).code).toBe(0)
  })

  it('may come from the environment alone, or override the file', async () => {
    const env = { MM_AUTH_CB_URL: `${server.url}/elsewhere`, MM_AUTH_CB_KEY: secrets.key }
    expect((await runScript(central, { env })).code).toBe(0)
    const settings = { url: 'https://function.invalid/x', key: 'another' }
    expect((await runScript(central, { settings, env })).code).toBe(0)
    expect(server.requests.map(({ path, headers }) => [path, headers['x-functions-key']])).toEqual([
      ['/elsewhere', secrets.key],
      ['/elsewhere', secrets.key],
    ])
  })

  const key = secrets.key
  const url = 'https://function.invalid/central/auth_cb'
  const broken: [name: string, settings: Settings, description: RegExp][] = [
    ['no file', undefined, /"url"/],
    ['an empty file', '', /not a JSON object/],
    ['a list', '[]', /not a JSON object/],
    ['single backslashes', '{"ca_file": "C:\\certs\\ca.pem"}', /backslash/],
    ['another encoding', Buffer.from(`\ufeff${JSON.stringify({ url, key })}`, 'utf16le'), /not a JSON object/],
    ['no key', { url }, /"key"/],
    ['a key with a line break', { url, key: `${key}\r\nx: y` }, /"key"/],
    ['a key that is no text', { url, key: [key] }, /cannot work \(TypeError\)/],
    ['no address', { key }, /"url"/],
    ['the key in the address', { url: `${url}?code=${key}`, key }, /question mark/],
    ['a user name in the address', { url: `https://me:${key}@function.invalid/a`, key }, /"url"/],
    ['an address without a path', { url: 'https://function.invalid', key }, /"url"/],
    ['plain http to another machine', { url: 'http://function.invalid/central/auth_cb', key }, /https/],
    ['plain http to a name that begins like this machine', { url: 'http://localhost.invalid/a', key }, /https/],
    ['another scheme', { url: 'file:///etc/passwd', key }, /https/],
    ['a port out of range', { url: 'https://function.invalid:99999/a', key }, /No safe connection|cannot work/],
    ['a limit of nothing', { url, key, timeout_seconds: 0 }, /timeout_seconds/],
    ['a limit above two minutes', { url, key, timeout_seconds: 121 }, /timeout_seconds/],
    ['a limit in words', { url, key, timeout_seconds: '25' }, /cannot work \(TypeError\)/],
    ['a CA file that is no text', { url, key, ca_file: 5 }, /cannot work \(TypeError\)/],
  ]
  it.each(broken)('that are wrong are named: %s', async (_, settings, description) => {
    const { code, answer } = await runScript(central, { settings })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringMatching(description) })
  })

  it('of the sample have every required key and no unknown one', async () => {
    const sample = readDocument(await readFile(join(folder, 'mm_auth_cb.sample.json'), 'utf8'))
    expect(Object.keys(sample)).toEqual(['url', 'key', 'timeout_seconds'])
    const source = await readFile(script, 'utf8')
    expect(source).toContain(`SECONDS = ${sample.timeout_seconds} `)
  })
})

describe('standard input', () => {
  let server: SimulatedServer
  beforeEach(async () => {
    server = await startFunction(answering(200, user))
  })

  it('may begin with a byte order mark and hold any letters', async () => {
    const input = `\ufeff${JSON.stringify({ ...central, note: 'Å 网' })}`
    expect((await runScript(input, { settings: settingsFor(server) })).code).toBe(0)
    expect(readDocument(server.requests[0]?.body ?? '').note).toBe('Å 网')
  })

  const { endpoint: _e, ...noEndpoint } = central
  const { arguments: _a, ...noArguments } = central
  const { state: _s, ...noState } = central
  const refused: [name: string, input: string | Buffer | Json][] = [
    ['nothing', ''],
    ['garbage', `not JSON ${secrets.code}`],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x80, 0x7b])],
    ['a document that is cut off', JSON.stringify(central).slice(0, -1)],
    ['a list', JSON.stringify([central])],
    ['null', 'null'],
    ['brackets without end', '['.repeat(500_000)],
    ['10 MB', { ...central, filling: 'x'.repeat(10_000_000) }],
    ['10 MB of garbage', 'x'.repeat(10_000_000)],
    ['a document without an endpoint', noEndpoint],
    ['another endpoint', { ...central, endpoint: secrets.code }],
    ['a document without arguments', noArguments],
    ['a document without state', noState],
    ['a configuration that is no object', { ...central, config: secrets.credential }],
    ['arguments that are no text', { ...central, arguments: [secrets.code] }],
  ]
  it.each(refused)('is refused: %s', async (_, input) => {
    const { code, answer } = await runScript(input, { settings: settingsFor(server) })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'InvalidInput', description: expect.stringContaining('Central') })
    expect(server.requests).toEqual([])
  })

  it('is read to its end also when the settings are wrong', async () => {
    const { code, answer } = await runScript({ ...central, filling: 'x'.repeat(500_000) }, { settings: '' })
    expect([code, answer.error]).toEqual([1, 'MMException'])
  })

  it('that is never closed ends with an answer as well', async () => {
    // The limit for reading is the script's default, which no setting changes: the copy under test gets a shorter one.
    const source = await readFile(script, 'utf8')
    await layBeside('mm_auth_cb.py', [source.replace(/^SECONDS = 25 /m, 'SECONDS = 1 ')])
    const { code, answer } = await runScript(central, { settings: settingsFor(server), keepOpen: true })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining('too long') })
  })
})

describe('an Okta document', () => {
  const okta = { ...central, endpoint: 'okta' }
  const settings = { url: 'https://function.invalid/central/auth_cb', key: secrets.key }
  const vendor = (exitCode: number, printed: string) => [
    'import os, sys',
    'raw = sys.stdin.buffer.read()',
    'open(os.path.join(os.path.dirname(__file__), "received"), "wb").write(raw)',
    'sys.stderr.write(raw.decode())',
    `sys.stdout.write(${JSON.stringify(printed)})`,
    `sys.exit(${exitCode})`,
  ]
  const success = '{"loginName": "okta-user",  "externalID": "1"}'

  it('goes unchanged to the vendor’s script beside ours, whose output and exit code come back', async () => {
    await layBeside('mm_auth_cb_vendor.py', vendor(0, success))
    expect(await runScript(okta, { settings })).toMatchObject({ code: 0, stdout: success })
    expect(await readFile(join(extensions, 'received'), 'utf8')).toBe(JSON.stringify(okta))
  })

  it('goes to the script that the setting names', async () => {
    const failure = '{"error": "DependenciesMissing", "description": "requests"}'
    await layBeside('old.py', vendor(3, failure))
    for (const vendor_script of ['old.py', join(extensions, 'old.py')]) {
      expect(await runScript(okta, { settings: { ...settings, vendor_script } })).toMatchObject({
        code: 3,
        stdout: failure,
      })
    }
  })

  it('is refused where there is no vendor’s script', async () => {
    const { code, answer } = await runScript(okta, { settings })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining('Okta') })
  })

  it('is refused where the vendor’s script would be this one, directly or as a copy', async () => {
    await copyFile(script, join(extensions, 'copy.py'))
    for (const vendor_script of ['mm_auth_cb.py', 'copy.py']) {
      const { code, answer } = await runScript(okta, { settings: { ...settings, vendor_script } })
      expect(code).toBe(1)
      expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining('Okta') })
    }
  })

  it.each([
    ['nothing', 1, ''],
    ['a traceback', 1, `Traceback ${secrets.code}`],
    ['two documents', 0, '{}{}'],
  ])('gets one document also when the vendor’s script prints %s', async (_, exitCode, printed) => {
    await layBeside('mm_auth_cb_vendor.py', vendor(exitCode, printed))
    const { code, answer } = await runScript(okta, { settings })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining(`exit code ${exitCode}`) })
  })

  it('does not wait for a vendor’s script that hangs, and ends it', async () => {
    await layBeside('mm_auth_cb_vendor.py', [
      'import os, time',
      'open(os.path.join(os.path.dirname(__file__), "pid"), "w").write(str(os.getpid()))',
      'time.sleep(600)',
    ])
    const { code, answer } = await runScript(okta, { settings: { ...settings, timeout_seconds: 1 } })
    expect(code).toBe(1)
    expect(answer).toEqual({ error: 'MMException', description: expect.stringContaining('TimeoutExpired') })
    const pid = Number(await readFile(join(extensions, 'pid'), 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

describe('the file', () => {
  it('stays under 150 lines', async () => {
    expect((await readFile(script, 'utf8')).trimEnd().split('\n').length).toBeLessThan(150)
  })

  it('is Python 3.8 and imports the standard library only', async () => {
    const program = [
      'import ast, json, sys',
      'nodes = list(ast.walk(ast.parse(open(sys.argv[1], "rb").read(), feature_version=(3, 8))))',
      'names = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]',
      'names += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]',
      'known = set(sys.stdlib_module_names)',
      'print(json.dumps({"names": names, "foreign": [n for n in names if n.split(".")[0] not in known]}))',
    ].join('\n')
    const child = spawn(python, ['-c', program, script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const found = readDocument(await text(child.stdout))
    expect(found.foreign).toEqual([])
    expect(found.names).toContain('ssl')
  })
})
