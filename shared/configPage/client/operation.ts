import { buttonById, elementById } from './dom.ts'

type Work = (signal: AbortSignal) => Promise<void>

const ids = [
  ...['test', 'save', 'save-despite', 'test-sign-in', 'put-in-force'],
  ...['review-report', 'review-enforce', 'unlock', 'paste-apply'],
]

const buttons = (): HTMLButtonElement[] => [
  ...ids.map((id) => buttonById(id)),
  ...document.querySelectorAll<HTMLButtonElement>('#history button'),
]

/** Runs one operation at a time. Its buttons stay focusable, so that the keyboard does not lose its place. */
export class Operation {
  readonly #report: (error: unknown) => void
  readonly #settle: () => void
  #running: AbortController | undefined
  #ended: Promise<void> = Promise.resolve()

  /**
   * @param report shows why an operation failed
   * @param settle comes after every operation, when its buttons work again
   */
  constructor(report: (error: unknown) => void, settle: () => void) {
    this.#report = report
    this.#settle = settle
  }

  /** Does nothing while another operation is under way. */
  start(work: Work): void {
    if (this.#running === undefined) this.#ended = this.#run(work)
  }

  abort(): void {
    this.#running?.abort()
  }

  /** Gives up what is under way; that ends first, and then this begins. */
  startInstead(work: Work): void {
    this.abort()
    const go = (): void => this.start(work)
    void this.#ended.then(go, go)
  }

  async #run(work: Work): Promise<void> {
    const app = elementById('app')
    const own = new AbortController()
    this.#running = own
    app.setAttribute('aria-busy', 'true')
    for (const button of buttons()) button.setAttribute('aria-disabled', 'true')
    try {
      await work(own.signal)
    } catch (error) {
      this.#report(error)
    } finally {
      this.#running = undefined
      app.removeAttribute('aria-busy')
      for (const button of buttons()) button.removeAttribute('aria-disabled')
      this.#settle()
    }
  }
}
