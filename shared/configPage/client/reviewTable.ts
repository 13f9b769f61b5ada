import type { ReconcileReport, ReportedAccount } from '../../reconcile/report.ts'
import { byId, elementById, make } from './dom.ts'

/** Rows that a browser shows without effort; the file has all. */
const mostRows = 500

const verdictNames = {
  active: 'active',
  disabled: 'disabled',
  deleted: 'deleted',
  not_found: 'not found',
  unclear: 'unclear',
} as const

/** Shows the accounts of a report that the filter lets through. */
export function showRows({ accounts }: Pick<ReconcileReport, 'accounts'>): void {
  const filter = byId('review-filter', HTMLSelectElement).value
  const chosen = accounts.filter(({ verdict, removals }) =>
    filter === 'losing' ? removals.length > 0 : filter === '' || verdict === filter,
  )
  byId('review-rows', HTMLTableSectionElement).replaceChildren(...chosen.slice(0, mostRows).map(makeRow))
  const more = chosen.length > mostRows ? ` The first ${mostRows} are shown; the file has all.` : ''
  elementById('review-shown').textContent = `${chosen.length} of ${accounts.length} accounts.${more}`
}

function makeRow({ name, verdict, removals, reason = '' }: ReportedAccount): HTMLTableRowElement {
  const account = make('th', { text: name })
  account.scope = 'row'
  const cells = [verdictNames[verdict], removals.join(', '), reason].map((text) => make('td', { text }))
  return make('tr', { children: [account, ...cells] })
}
