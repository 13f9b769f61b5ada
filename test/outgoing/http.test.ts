import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Call, createOutgoing, NoAnswerError } from '../../shared/outgoing/http.ts'

const token = 'the-bearer-token-of-the-test'
const send = createOutgoing().send
let server: Server
let origin = ''
let seen: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    const answers: Record<string, () => void> = {
      '/json': () => response.end('{"ok":true}'),
      '/empty': () => response.writeHead(204).end(),
      '/page': () => response.end('<h1>proxy</h1>'),
      '/fault': () => response.writeHead(500).end('{"error":"fault"}'),
      '/redirect': () => response.writeHead(302, { location: '/json' }).end(),
      '/huge': () => response.end(`"${'x'.repeat(17 * 1024 * 1024)}"`),
      '/cut': () => response.socket?.destroy(),
    }
    const hang = (): void => undefined
    ;(answers[request.url ?? ''] ?? hang)()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const call = (path: string): Call => ({
  method: 'GET',
  url: origin + path,
  headers: { authorization: `Bearer ${token}` },
  timeout: 60_000,
  signal: new AbortController().signal,
})

describe('A sender', () => {
  it('gives parsed JSON', async () => {
    expect(await send(call('/json'))).toMatchObject({ status: 200, body: { ok: true }, malformed: false })
  })

  it('gives nothing for an empty body', async () => {
    expect(await send(call('/empty'))).toMatchObject({ status: 204, body: undefined, malformed: false })
  })

  it('says when a page came instead of JSON', async () => {
    expect(await send(call('/page'))).toMatchObject({ status: 200, body: undefined, malformed: true })
  })

  it('goes through no proxy that the environment names', async () => {
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) vi.stubEnv(name, 'http://127.0.0.1:1')
    for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, '')
    expect((await createOutgoing().send(call('/json'))).status).toBe(200)
    vi.unstubAllEnvs()
  })

  it('judges no status', async () => {
    expect(await send(call('/fault'))).toMatchObject({ status: 500, body: { error: 'fault' } })
  })

  it('follows no redirect: the address behind it would get the token', async () => {
    seen = []
    expect(await send(call('/redirect'))).toMatchObject({ status: 302 })
    expect(seen).toEqual(['GET /redirect'])
  })

  it('does not read an answer without end', async () => {
    await expect(send(call('/huge'))).rejects.toMatchObject({ name: 'NoAnswerError', cancelled: false })
  })

  it('tells a connection that was cut off by its code', async () => {
    await expect(send(call('/cut'))).rejects.toMatchObject({ reason: 'ECONNRESET', untrusted: false, cancelled: false })
  })

  it('tells a spent budget from a peer that does not answer', async () => {
    const budget = new AbortController()
    const waiting = send({ ...call('/hang'), signal: budget.signal })
    budget.abort()
    await expect(waiting).rejects.toMatchObject({ reason: 'cancelled', cancelled: true })
  })

  it('has nothing of the request in its errors', async () => {
    const error: unknown = await send(call('/cut')).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(NoAnswerError)
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(token)
  })
})

describe('No answer', () => {
  const cases: [reason: string, untrusted: boolean][] = [
    ['SELF_SIGNED_CERT_IN_CHAIN', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', true],
    ['CERT_HAS_EXPIRED', true],
    ['ERR_TLS_CERT_ALTNAME_INVALID', true],
    ['ECONNREFUSED', false],
    ['ENOTFOUND', false],
  ]
  for (const [reason, untrusted] of cases) {
    it(`because of ${reason} is ${untrusted ? '' : 'not '}about the certificate`, () =>
      expect(new NoAnswerError(reason).untrusted).toBe(untrusted))
  }
})
