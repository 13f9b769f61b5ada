import { once } from 'node:events'
import { createServer, request, type Server } from 'node:https'
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ReadyAgent } from '../../shared/outgoing/readyAgent.ts'
import { createCertificateAuthority, type ServerCertificate } from '../simulators/certificateAuthority.ts'

let ca = ''
let certificate: ServerCertificate
let server: Server
let url = ''
let connections: TLSSocket[]

beforeAll(async () => {
  const authority = await createCertificateAuthority()
  ca = authority.pem
  certificate = await authority.issue()
})

beforeEach(async () => {
  connections = []
  server = createServer(certificate, (_, response) => response.end('ok'))
  server.on('secureConnection', (socket) => connections.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `https://localhost:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const agentOf = (options = {}): ReadyAgent => new ReadyAgent({ keepAlive: true, timeout: 60_000, ca, ...options })

/** @returns the status */
async function call(agent: ReadyAgent, to = url): Promise<number | undefined> {
  const sent = request(to, { agent }).end()
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

/** Opens some and waits until they stand. */
async function open(agent: ReadyAgent, count: number, more: number): Promise<void> {
  const before = connections.length
  agent.open(url, count)
  await expect.poll(() => connections.length).toBe(before + more)
}

describe('Connections that were opened ahead', () => {
  it('are what the next calls go through', async () => {
    const agent = agentOf()
    await open(agent, 2, 2)
    expect(await Promise.all([call(agent), call(agent)])).toEqual([200, 200])
    expect(connections).toHaveLength(2)
  })

  it('carry one call at a time: a third one has its own', async () => {
    const agent = agentOf()
    await open(agent, 2, 2)
    await Promise.all([call(agent), call(agent), call(agent)])
    expect(connections).toHaveLength(3)
  })

  it('are kept alive after their call as any other', async () => {
    const agent = agentOf()
    await open(agent, 1, 1)
    await call(agent)
    await call(agent)
    expect(connections).toHaveLength(1)
  })

  it('are no more than wanted, however often they are asked for, and those that calls have left count', async () => {
    const agent = agentOf()
    await open(agent, 2, 2)
    agent.open(url, 2)
    await call(agent)
    await open(agent, 3, 1)
    await Promise.all([call(agent), call(agent), call(agent)])
    expect(connections).toHaveLength(3)
  })

  it('are given up when the peer closes them, and the call has another', async () => {
    const agent = agentOf()
    await open(agent, 1, 1)
    connections[0]?.end()
    await expect.poll(() => connections[0]?.destroyed).toBe(true)
    expect(await call(agent)).toBe(200)
    expect(connections).toHaveLength(2)
  })

  it('wait for a call no longer than the agent keeps others', async () => {
    const agent = agentOf({ timeout: 200 })
    await open(agent, 1, 1)
    await expect.poll(() => connections[0]?.destroyed).toBe(true)
    expect(await call(agent)).toBe(200)
    expect(connections).toHaveLength(2)
  })

  it('verify the peer: where that fails nothing is said, and the call meets the error', async () => {
    const agent = agentOf({ ca: undefined })
    const refused = once(server, 'tlsClientError')
    agent.open(url, 1)
    await refused
    await expect(call(agent)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })

  it('say nothing where nobody listens', async () => {
    const agent = agentOf()
    server.close()
    agent.open(url, 1)
    await expect(call(agent)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(connections).toEqual([])
  })

  it('are for the peer that they were opened to, and for no other', async () => {
    const agent = agentOf()
    const other = createServer(certificate, (_, response) => response.end('other'))
    let others = 0
    other.on('secureConnection', () => {
      others += 1
    })
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    await open(agent, 1, 1)
    expect(await call(agent, `https://localhost:${(other.address() as AddressInfo).port}`)).toBe(200)
    expect(others).toBe(1)
    other.closeAllConnections()
    other.close()
  })

  it.each([
    ['and closes', true],
    ['and stays', false],
  ])('are given up when the peer says something before it is asked %s: that is nobody’s answer', async (_, closes) => {
    const agent = agentOf()
    await open(agent, 1, 1)
    connections[0]?.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n')
    if (closes) connections[0]?.end()
    await expect.poll(() => connections[0]?.destroyed).toBe(true)
    expect(await call(agent)).toBe(200)
    expect(connections).toHaveLength(2)
  })

  it('are not made where there is no TLS', async () => {
    const plain = createPlainServer()
    let accepted = 0
    plain.on('connection', () => {
      accepted += 1
    })
    plain.listen(0, '127.0.0.1')
    await once(plain, 'listening')
    const { port } = plain.address() as AddressInfo
    agentOf().open(`http://localhost:${port}`, 1)
    // Whatever was opened before this one has been accepted before it, too.
    await once(connect(port, '127.0.0.1').end(), 'close')
    expect(accepted).toBe(1)
    plain.close()
  })
})
