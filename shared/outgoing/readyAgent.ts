import { Agent, type AgentOptions } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { urlToHttpOptions } from 'node:url'

type Options = Parameters<Agent['createConnection']>[0]

interface ReadyConnection {
  socket: TLSSocket
  /** Nobody but its call deals with it any more. */
  handOver(): void
}

/** An agent that can open connections for calls that are still to come, so that those wait for neither TCP nor TLS. */
export class ReadyAgent extends Agent {
  readonly #ready = new Map<string, Set<ReadyConnection>>()

  /** @param options `timeout`, in milliseconds, is also how long a connection waits for its call */
  constructor(options: AgentOptions & { timeout: number }) {
    super(options)
  }

  /**
   * Opens connections to the peer behind an address until so many stand ready. It is silent when that fails: the call then
   * opens its own and meets the error.
   * @param url of any call; only https is opened ahead
   */
  open(url: string, count: number): void {
    const { protocol, hostname, port } = urlToHttpOptions(new URL(url))
    if (protocol !== 'https:' || !hostname) return
    const options = { ...this.options, host: hostname, port: port || 443, servername: isIP(hostname) ? '' : hostname }
    const kept = this.freeSockets[this.getName(options)]?.length ?? 0
    const ready = this.#ready.get(peerOf(options)) ?? new Set()
    this.#ready.set(peerOf(options), ready)
    for (let missing = count - kept - ready.size; missing > 0; missing -= 1) {
      const socket = super.createConnection(options) as TLSSocket
      const drop = (): void => {
        ready.delete(connection)
        socket.destroy()
      }
      const connection: ReadyConnection = {
        socket,
        handOver() {
          ready.delete(connection)
          for (const end of ends) socket.off(end, drop)
          socket.ref()
        },
      }
      for (const end of ends) socket.on(end, drop)
      ready.add(connection)
      socket.unref()
    }
  }

  /** One that stands ready, or else a new one. */
  override createConnection(
    options: Options,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const ready = this.#ready.get(peerOf(options)) ?? []
    const connection = [...ready].find(({ socket }) => !socket.destroyed)
    if (connection === undefined) return super.createConnection(options, callback)
    connection.handOver()
    return connection.socket
  }
}

/** What makes a connection useless for a call; one that says something before it is asked must not be taken for an answer. */
const ends = ['readable', 'end', 'error', 'close', 'timeout']

const peerOf = ({ host, port }: Options): string => `${host}:${port}`
