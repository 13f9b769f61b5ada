import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { goToEntra, type Stage, startStage } from '../integration/stage.ts'
import { knowAsOpen, recordSecret } from '../noSecrets/record.ts'
import { fill, type HostileRequest, type Loan } from './request.ts'

/** What came back: the first status line, the headers, and the rest; all empty when the connection was ended. */
export interface Reply {
  status: number | undefined
  head: string
  body: string
}

/** What a process holds when nobody asks it for anything. */
export interface Holdings {
  /** After a collection, in bytes. */
  heap: number
  /** Timers, sockets and whatever else keeps a process alive. */
  resources: number
  /** Open files and connections. */
  descriptors: number
}

/** Answers SIGUSR2 with what the process holds. */
const gauge = `data:text/javascript,${encodeURIComponent(`
import v8 from 'node:v8'
import vm from 'node:vm'
v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc')
process.on('SIGUSR2', () => {
  collect()
  setImmediate(() => {
    collect()
    const held = { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().length }
    process.stdout.write('holdings ' + JSON.stringify(held) + '\\n')
  })
})
`)}`

/** The application in its host, with what an attacker may have got hold of. */
export class Target {
  readonly stage: Stage
  #loan: Loan | undefined
  #lentFor = 0

  constructor(stage: Stage) {
    this.stage = stage
  }

  static async start(): Promise<Target> {
    return new Target(await startStage({ centralButton: true }, { NODE_OPTIONS: `--import=${gauge}` }))
  }

  /** The same attempt serves some requests, so that it is met used, too. */
  async #lend(): Promise<Loan> {
    if (this.#loan !== undefined && this.#lentFor < 8) {
      this.#lentFor += 1
      return this.#loan
    }
    const { world, host } = this.stage
    const [own, other] = [await goToEntra(this.stage, 'nora'), await goToEntra(this.stage, 'alice')]
    const [cookieName = '', cookie = ''] =
      [...(own.agent.cookies.get('localhost') ?? [])].find(([name]) => name.startsWith('micetro-sign-in-')) ?? []
    const parameter = (address: string, name: string) => new URL(address).searchParams.get(name) ?? ''
    // It looks like the name of an error, too.
    const verifier = `v${randomBytes(21).toString('hex')}`
    recordSecret(verifier)
    this.#lentFor = 0
    this.#loan = {
      state: parameter(own.callback, 'state'),
      cookieName,
      cookie,
      code: parameter(other.callback, 'code'),
      key: host.functionKey,
      issuer: world.entra.issuerOf(world.directory.home.id),
      clientId: world.directory.app.clientId,
      tenantId: world.directory.home.id,
      redirectUri: `${host.url}/mmws/auth_cb/microsoft`,
      verifier,
    }
    const { issuer, clientId, tenantId, redirectUri } = this.#loan
    knowAsOpen(issuer, clientId, tenantId, redirectUri)
    return this.#loan
  }

  async send(request: HostileRequest): Promise<Reply> {
    const loan = await this.#lend()
    const body = fill(request.body, loan)
    const headers = [
      ['host', `localhost:${this.stage.port}`],
      ['connection', 'close'],
      ...(request.method === 'GET' ? [] : [['content-length', String(request.claimedLength ?? body.length)]]),
      ...request.headers.map(([name, value]) => [name, fill(value, loan)]),
    ]
    const head = `${request.method} ${fill(request.target, loan)} HTTP/1.1\r\n${headers.map((each) => `${each.join(': ')}\r\n`).join('')}\r\n`
    return this.#exchange(Buffer.from(head + body, 'latin1'), request.claimedLength !== undefined)
  }

  /** @param breakOff hangs up once everything is sent, as a length that is not true would keep the server waiting */
  #exchange(bytes: Buffer, breakOff: boolean): Promise<Reply> {
    return new Promise((resolve, reject) => {
      let text = ''
      const socket = connect(this.stage.port, '127.0.0.1', () => {
        if (breakOff) socket.end(bytes)
        else socket.write(bytes)
      })
      const timer = setTimeout(() => {
        socket.destroy()
        reject(new Error('no answer within 30 seconds'))
      }, 30_000)
      socket.setEncoding('latin1')
      socket.on('data', (chunk) => {
        text += String(chunk)
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearTimeout(timer)
        const [head = '', ...rest] = text.split('\r\n\r\n')
        const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]
        resolve({ status: status === undefined ? undefined : Number(status), head, body: rest.join('\r\n\r\n') })
      })
    })
  }

  /** True as long as the process answers. */
  async isAlive(): Promise<boolean> {
    return (await fetch(`${this.stage.host.url}/login`, { redirect: 'manual' })).status === 302
  }

  /** Changes that were made at Micetro or in the vault. */
  writes(): string[] {
    const { micetro, vault } = this.stage.world
    return [
      ...micetro.store.audit.map(({ method, path }) => `Micetro: ${method} ${path}`),
      ...vault.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `Key Vault: ${method} ${path}`),
    ]
  }

  async holdings(): Promise<Holdings> {
    const { pid } = this.stage.host
    const mark = this.stage.output().length
    process.kill(pid, 'SIGUSR2')
    for (;;) {
      const line = /^holdings (\{.*\})$/m.exec(this.stage.output().slice(mark))?.[1]
      if (line !== undefined) {
        const { heap, resources } = JSON.parse(line) as Pick<Holdings, 'heap' | 'resources'>
        return { heap, resources, descriptors: descriptorsOf(pid) }
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** Where there is no /proc, only what the process says of itself counts. */
function descriptorsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).filter((fd) => readlinkSync(`${folder}/${fd}`) !== '').length
  } catch {
    return 0
  }
}
