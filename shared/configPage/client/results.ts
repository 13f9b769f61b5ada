import type { CheckResult, Outcome } from '../../saveAndTest/check.ts'
import { fieldFor, titleOf, withTitles } from './checkTitles.ts'
import { byId, elementById, make } from './dom.ts'
import { nameOf, reveal } from './formFaults.ts'
import { withLabels } from './labels.ts'

type Shown = Outcome | 'pending' | 'running'

const words: Record<Shown, string> = {
  pending: 'Waiting',
  running: 'Running',
  passed: 'Passed',
  failed: 'Failed',
  warning: 'Warning',
  skipped: 'Skipped',
}
const icons: Record<Shown, string> = { pending: '', running: '', passed: '✓', failed: '✕', warning: '!', skipped: '–' }

/** What needs a reader comes first, when all is said. */
const order: readonly Shown[] = ['failed', 'warning', 'skipped', 'passed']

interface Row {
  outcome: Shown
  element: HTMLLIElement
  /** By performance.now(), while it runs. */
  since: number
}

/** The list of checks, each with what became of it. */
export class Results {
  readonly #list = byId('results', HTMLOListElement)
  readonly #folded = byId('results-passed', HTMLDetailsElement)
  readonly #foldedList = byId('results-passed-list', HTMLOListElement)
  readonly #progress = byId('progress', HTMLProgressElement)
  readonly #rows = new Map<string, Row>()
  /** Id of the field that holds the credential now. */
  readonly #credentialField: () => string
  #clock: ReturnType<typeof setInterval> | undefined

  constructor(credentialField: () => string) {
    this.#credentialField = credentialField
  }

  /** Every check waits. */
  begin(names: readonly string[]): void {
    this.clear()
    elementById('results-section').hidden = false
    for (const name of names) this.#put(name, 'pending')
    this.#progress.max = Math.max(1, names.length)
    this.#progress.value = 0
    this.#progress.hidden = false
    // Against a peer that drops packets a check takes up to 20 seconds: the reader sees that it is at work.
    this.#clock = setInterval(() => this.#tick(), 1000)
  }

  running(name: string): void {
    this.#put(name, 'running')
  }

  show(result: CheckResult): void {
    this.#put(result.name, result.outcome, result)
    const done = [...this.#rows.values()].filter(({ outcome }) => outcome !== 'pending' && outcome !== 'running')
    this.#progress.value = done.length
  }

  /** Ends a run: what has no result by now will not get one. Failures come first, what passed is folded to one line. */
  end(): void {
    clearInterval(this.#clock)
    this.#progress.hidden = true
    for (const [name, { outcome }] of this.#rows) {
      if (outcome === 'pending' || outcome === 'running') this.#put(name, 'skipped', { detail: 'Not finished.' })
    }
    const sorted = [...this.#rows].sort(([, a], [, b]) => order.indexOf(a.outcome) - order.indexOf(b.outcome))
    for (const [name, { outcome, element }] of sorted) {
      const isQuiet = (outcome === 'passed' || outcome === 'skipped') && name !== 'save'
      const list = isQuiet ? this.#foldedList : this.#list
      list.append(element)
    }
    this.#folded.hidden = this.#foldedList.childElementCount === 0
    elementById('results-passed-count').textContent = this.#count(['passed', 'skipped'])
  }

  clear(): void {
    clearInterval(this.#clock)
    this.#rows.clear()
    this.#list.replaceChildren()
    this.#foldedList.replaceChildren()
    this.#folded.hidden = true
    this.#folded.open = false
    this.#progress.hidden = true
    elementById('results-section').hidden = true
    this.stale(false)
  }

  /** Results of a form that was changed since say nothing about what is in it now. */
  stale(isStale: boolean): void {
    elementById('stale').hidden = !isStale || this.#rows.size === 0
  }

  get failed(): boolean {
    return this.#outcomes.includes('failed')
  }

  /** Titles of the checks that failed, each as a sentence. */
  get failures(): string[] {
    return [...this.#rows].flatMap(([name, { outcome }]) => (outcome === 'failed' ? [`${titleOf(name)} failed.`] : []))
  }

  get warned(): boolean {
    return this.#outcomes.includes('warning')
  }

  /** Such as "14 passed, 1 failed, 1 skipped". */
  get counts(): string {
    return this.#count(['passed', 'failed', 'warning', 'skipped'])
  }

  get #outcomes(): Shown[] {
    return [...this.#rows.values()].map(({ outcome }) => outcome)
  }

  #count(outcomes: readonly Shown[]): string {
    return outcomes
      .map((outcome) => [outcome, this.#outcomes.filter((each) => each === outcome).length] as const)
      .filter(([, count]) => count > 0)
      .map(([outcome, count]) => `${count} ${outcome === 'warning' && count > 1 ? 'warnings' : outcome}`)
      .join(', ')
  }

  #tick(): void {
    for (const { outcome, element, since } of this.#rows.values()) {
      const seconds = Math.floor((performance.now() - since) / 1000)
      const time = element.querySelector('.time')
      if (outcome === 'running' && time !== null && seconds > 1) time.textContent = `${seconds} s`
    }
  }

  #put(name: string, outcome: Shown, result?: { detail: string; hint?: string; milliseconds?: number }): void {
    const icon = make('span', { class: 'icon', text: icons[outcome] })
    icon.setAttribute('aria-hidden', 'true')
    const time = result?.milliseconds === undefined ? '' : `${result.milliseconds} ms`
    const needsReader = outcome === 'failed' || outcome === 'warning'
    const element = make('li', {
      class: 'check',
      children: [
        icon,
        make('div', {
          class: 'check-head',
          children: [
            make('span', { class: 'check-title', text: titleOf(name) }),
            make('span', { class: 'outcome', text: words[outcome] }),
            make('span', { class: 'time', text: time }),
          ],
        }),
        result === undefined ? undefined : make('p', { class: 'detail', text: withLabels(withTitles(result.detail)) }),
        result?.hint === undefined ? undefined : make('p', { class: 'hint', text: withLabels(result.hint) }),
        needsReader ? this.#linkToField(name, result?.hint) : undefined,
      ],
    })
    element.dataset.check = name
    element.dataset.outcome = outcome
    const before = this.#rows.get(name)
    if (before === undefined) this.#list.append(element)
    else before.element.replaceWith(element)
    this.#rows.set(name, { outcome, element, since: performance.now() })
  }

  #linkToField(check: string, hint: string | undefined): HTMLElement | undefined {
    const id = fieldFor(check, hint, this.#credentialField())
    if (id === undefined) return undefined
    const link = make('a', { class: 'to-field', text: `Go to ${nameOf(id)}` })
    link.href = `#${id}`
    link.addEventListener('click', (event) => {
      event.preventDefault()
      reveal(id)?.focus()
    })
    return link
  }
}
