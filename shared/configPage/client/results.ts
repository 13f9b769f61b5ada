import type { CheckResult, Outcome } from '../../saveAndTest/check.ts'
import { titleOf, withTitles } from './checkTitles.ts'
import { byId, make } from './dom.ts'

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

/** The list of checks, each with what became of it. */
export class Results {
  readonly #list = byId('results', HTMLOListElement)
  readonly #progress = byId('progress', HTMLProgressElement)
  readonly #outcomes = new Map<string, Shown>()

  /** Every check waits. */
  begin(names: readonly string[]): void {
    this.clear()
    for (const name of names) this.#put(name, 'pending')
    this.#progress.max = Math.max(1, names.length)
    this.#progress.value = 0
    this.#progress.hidden = false
  }

  running(name: string): void {
    this.#put(name, 'running')
  }

  show(result: CheckResult): void {
    this.#put(result.name, result.outcome, result)
    this.#progress.value = [...this.#outcomes.values()].filter(
      (each) => each !== 'pending' && each !== 'running',
    ).length
  }

  /** Ends a run; what has no result by now will not get one. */
  end(): void {
    this.#progress.hidden = true
    for (const [name, outcome] of this.#outcomes) {
      if (outcome === 'pending' || outcome === 'running') {
        this.#put(name, 'skipped', { detail: 'Not finished.' })
      }
    }
  }

  clear(): void {
    this.#outcomes.clear()
    this.#list.replaceChildren()
    this.#progress.hidden = true
    this.stale(false)
  }

  /** Results of a form that was changed since say nothing about what is in it now. */
  stale(isStale: boolean): void {
    byId('stale', HTMLElement).hidden = !isStale || this.#outcomes.size === 0
  }

  get failed(): boolean {
    return [...this.#outcomes.values()].includes('failed')
  }

  /** Such as "14 passed, 1 failed, 1 skipped". */
  get counts(): string {
    const all = [...this.#outcomes.values()]
    return (['passed', 'failed', 'warning', 'skipped'] as const)
      .map((outcome) => [outcome, all.filter((each) => each === outcome).length] as const)
      .filter(([, count]) => count > 0)
      .map(([outcome, count]) => `${count} ${outcome === 'warning' && count > 1 ? 'warnings' : outcome}`)
      .join(', ')
  }

  #put(name: string, outcome: Shown, result?: { detail: string; hint?: string; milliseconds?: number }): void {
    this.#outcomes.set(name, outcome)
    const icon = make('span', { class: 'icon', text: icons[outcome] })
    icon.setAttribute('aria-hidden', 'true')
    const row = make('li', {
      class: 'check',
      children: [
        icon,
        make('div', {
          class: 'check-head',
          children: [
            make('span', { class: 'check-title', text: titleOf(name) }),
            make('span', { class: 'outcome', text: words[outcome] }),
            result?.milliseconds === undefined
              ? undefined
              : make('span', { class: 'time', text: `${result.milliseconds} ms` }),
          ],
        }),
        result === undefined ? undefined : make('p', { class: 'detail', text: withTitles(result.detail) }),
        result?.hint === undefined ? undefined : make('p', { class: 'hint', text: result.hint }),
      ],
    })
    row.dataset.check = name
    row.dataset.outcome = outcome
    const before = [...this.#list.children].find((each) => each instanceof HTMLElement && each.dataset.check === name)
    if (before === undefined) this.#list.append(row)
    else before.replaceWith(row)
  }
}
