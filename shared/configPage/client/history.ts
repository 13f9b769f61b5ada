import type { ConfigurationAnswer } from './api.ts'
import { byId, make, makeButton, makeTime } from './dom.ts'

/** Lists the saved versions, each with a button that loads it into the form. */
export function showHistory(
  { history, version }: Pick<ConfigurationAnswer, 'history' | 'version'>,
  load: (version: string) => void,
): void {
  const list = byId('history', HTMLOListElement)
  byId('history-empty', HTMLElement).hidden = history.length > 0
  list.replaceChildren(
    ...history.map((each) => {
      const when = makeTime(each.savedAt)
      const button = makeButton('Load', 'plain small', () => load(each.version))
      button.setAttribute('aria-label', `Load the version saved ${when.textContent}`)
      const row = make('li', {
        children: [
          make('span', {
            class: 'version',
            children: [when, make('code', { text: each.version.slice(0, 8) })],
          }),
          each.version === version ? make('span', { class: 'source', text: 'in force' }) : undefined,
          button,
        ],
      })
      row.dataset.version = each.version
      return row
    }),
  )
}
