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

/** What can refuse a password. */
export type Refusing = Exclude<Refused, 'session'>

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
  readonly #onAccepted: (password: Secret) => void
  #refused: { password: Secret; what: Refused; until: number; read: boolean } | undefined
  #accepted: Secret | undefined
  #trying: Promise<unknown> | undefined

  /** @param onAccepted is told each password that let us in */
  constructor(source: PasswordSource, user: string, clock: Clock, onAccepted: (password: Secret) => void = () => {}) {
    this.#source = source
    this.#user = user
    this.#clock = clock
    this.#onAccepted = onAccepted
  }

  /** Waits for what is not the address's fault: the vault, and another address where it is being tried first. */
  async ready(): Promise<void> {
    const password = await this.#source.get()
    while (this.#trying !== undefined && !this.#accepted?.equals(password)) await this.#trying.catch(() => undefined)
  }

  /**
   * Goes in with it. Until it was accepted once it is tried at one address at a time: a wrong one is wrong at each.
   * @param tryIt gives the access, or what refused the password
   * @throws AppError micetro_credentials
   */
  async enter<T extends object>(tryIt: (password: Secret) => Promise<T | Refusing>): Promise<T> {
    // A password that was changed in the vault meanwhile deserves one more try; the same one is not given out again.
    for (;;) {
      const password = await this.toTry()
      const proven = this.#accepted?.equals(password) ?? false
      if (this.#trying !== undefined && !proven) {
        await this.#trying.catch(() => undefined)
        continue
      }
      const trying = this.#judge(password, tryIt(password))
      if (!proven) this.#trying = trying
      const found = await trying.finally(() => {
        if (this.#trying === trying) this.#trying = undefined
      })
      if (typeof found === 'object') return found
    }
  }

  /** Whoever waits for the outcome finds it noted. */
  async #judge<T extends object>(password: Secret, tried: Promise<T | Refusing>): Promise<T | Refusing> {
    const found = await tried
    if (typeof found === 'object') {
      this.accept(password)
      this.#onAccepted(password)
    } else this.refuse(password, found)
    return found
  }

  /** Ends the pause after a refusal: a log-in has shown that it is over. */
  accept(password: Secret): void {
    this.#accepted = password
    this.#refused = undefined
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
    this.#accepted = undefined
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
