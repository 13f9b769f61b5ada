import type { Clock } from '../clock.ts'
import { AppError, type Failures } from '../failure.ts'
import type { Secret } from '../secret.ts'

/** Where the password of the API account comes from. */
export interface PasswordSource {
  get(): Promise<Secret>
  /** Reads it anew, unless the one at hand is younger than so many milliseconds. */
  refresh(unlessYoungerThan: number): Promise<Secret>
}

/** What Micetro refused: a log-in, Basic itself, or the session that a log-in had given. */
export type Refused = Failures['micetro_credentials']['refused']

/** A password that was refused is not tried again for this long, in milliseconds. */
const pauseAfterRefusal = 30_000

/** During the pause the vault is not asked for another password more often than this, in milliseconds. */
const pauseBetweenReads = 5000

/**
 * The password of the API account. Micetro locks accounts after some wrong ones, so one that was refused, at whichever
 * base address, is not tried again for a while; one that was changed in the vault meanwhile is tried at once.
 */
export class ApiPassword {
  readonly #source: PasswordSource
  readonly #user: string
  readonly #clock: Clock
  #refused: { password: Secret; what: Refused; until: number; read: boolean } | undefined

  constructor(source: PasswordSource, user: string, clock: Clock) {
    this.#source = source
    this.#user = user
    this.#clock = clock
  }

  /** @throws AppError micetro_credentials while there is none but the one that was refused */
  async toTry(): Promise<Secret> {
    const password = await this.#source.get()
    const refused = this.#pausing(password)
    if (refused === undefined) return password
    const newer = await this.#source.refresh(refused.read ? pauseBetweenReads : 0)
    refused.read = true
    if (this.#pausing(newer) !== undefined) throw this.failure(refused.what)
    return newer
  }

  refuse(password: Secret, what: Refused): void {
    if (this.#pausing(password) !== undefined) return
    this.#refused = { password, what, until: this.#clock.now() + pauseAfterRefusal, read: false }
  }

  failure(refused: Refused): AppError {
    return new AppError({ code: 'micetro_credentials', user: this.#user, refused })
  }

  #pausing(password: Secret) {
    const refused = this.#refused
    return refused?.password.equals(password) && this.#clock.now() < refused.until ? refused : undefined
  }
}
