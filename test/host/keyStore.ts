import { timingSafeEqual } from 'node:crypto'
import type { LogLine } from './invocation.ts'

/** `none`: no storage is configured, and no key fits. `down`: storage does not answer. */
export const keyStoreStates = ['up', 'down', 'none'] as const
export type KeyStoreState = (typeof keyStoreStates)[number]

export interface KeyStoreOptions {
  /** The one key: of every function, and the master key. */
  key: string
  state?: KeyStoreState
  /** How long a request waits for storage that is down, in milliseconds. */
  timeout?: number
  now?: () => number
  /** Gets a line for each time that storage is asked. */
  log?: LogLine
}

/** A key that fits nothing makes the keys be read again, but not more often; in milliseconds. */
const reloadPause = 60_000

/**
 * The keys as the host holds them: read from storage at the first key that a function is sent, and made there (8 calls);
 * read again (4 calls) for one that fits nothing.
 */
export class KeyStore {
  /** Calls to storage so far. */
  calls = 0
  state: KeyStoreState
  readonly #key: Buffer
  readonly #timeout: number
  readonly #now: () => number
  readonly #log: LogLine
  readonly #read = new Set<string>()
  #lastRead = 0

  constructor({ key, state = 'up', timeout = 25_000, now = Date.now, log = () => undefined }: KeyStoreOptions) {
    this.#key = Buffer.from(key)
    this.state = state
    this.#timeout = timeout
    this.#now = now
    this.#log = log
  }

  /** @throws Error when storage would have to be asked and is down */
  async fits(given: string, functionName: string): Promise<boolean> {
    if (this.state === 'none') return false
    if (!this.#read.has(functionName)) {
      await this.#ask(8)
      this.#read.add(functionName)
    }
    const bytes = Buffer.from(given)
    if (bytes.length === this.#key.length && timingSafeEqual(bytes, this.#key)) return true
    if (this.#now() - this.#lastRead >= reloadPause) await this.#ask(4)
    return false
  }

  async #ask(calls: number): Promise<void> {
    this.calls += calls
    this.#log('debug', 'Host.Secrets', `the key store is asked: ${calls} calls`)
    if (this.state === 'down') {
      await new Promise((resolve) => setTimeout(resolve, this.#timeout))
      throw new Error('the key store does not answer')
    }
    this.#lastRead = this.#now()
  }
}
