import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import { type ConfigurationAnswer, fetchEarlier } from './api.ts'
import { type Difference, differences } from './differences.ts'
import { byId, elementById, itemsOf, make, makeButton, makeTime } from './dom.ts'
import type { Page } from './page.ts'

export const sentenceOfChange = ({ label, from, to }: Difference): string => `${label}: from ${from} to ${to}`

/** Lists the saved versions: when, what changed since the one before, and the way back to it. */
export function showHistory(
  page: Page,
  { history, version }: Pick<ConfigurationAnswer, 'history' | 'version'>,
  load: (version: string) => void,
): void {
  elementById('history-empty').hidden = history.length > 0
  byId('history', HTMLOListElement).replaceChildren(
    ...history.map((each, index) => {
      const when = makeTime(each.savedAt)
      const button = (text: string, act: () => void): HTMLButtonElement => {
        const made = makeButton(text, 'plain small', () => {
          if (made.getAttribute('aria-disabled') !== 'true') act()
        })
        made.setAttribute('aria-label', `${text} the version saved ${when.textContent}`)
        return made
      }
      const isInForce = each.version === version
      const row = make('li', {
        children: [
          make('span', { class: 'version', children: [when, make('code', { text: each.version.slice(0, 8) })] }),
          isInForce ? make('span', { class: 'source', text: 'in force' }) : undefined,
          make('span', {
            class: 'history-buttons',
            children: [
              button('Load', () => load(each.version)),
              isInForce || !page.canSave
                ? undefined
                : button('Restore', () => page.restore(each.version, when.textContent ?? '')),
            ],
          }),
          changesOf(page, each.version, history[index + 1]?.version),
        ],
      })
      row.dataset.version = each.version
      return row
    }),
  )
}

/** Folded; read from the server when it is opened. */
function changesOf(page: Page, version: string, before: string | undefined): HTMLElement {
  const list = make('ul')
  const details = make('details', { class: 'changes', children: [make('summary', { text: 'What changed' }), list] })
  const fetchFields = async (each: string | undefined): Promise<SavedConfiguration> =>
    each === undefined ? {} : (await fetchEarlier(page.key, each, new AbortController().signal)).configuration
  details.addEventListener('toggle', () => {
    if (!details.open || list.childElementCount > 0) return
    const say = (lines: readonly string[]): void => list.replaceChildren(...itemsOf(lines))
    say(['Loading…'])
    Promise.all([fetchFields(before), fetchFields(version)]).then(
      ([earlier, later]) => {
        const changed = differences(earlier, later).map(sentenceOfChange)
        say(changed.length > 0 ? changed : ['Nothing: it was saved again as it was.'])
      },
      () => say(['This version, or the one before, cannot be read.']),
    )
  })
  return details
}
