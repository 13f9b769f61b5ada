import type { Mode, ReconcileReport } from '../../reconcile/report.ts'
import { call } from './api.ts'
import { byId, make, onClick } from './dom.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'
import { csvOf } from './reviewFile.ts'
import { showRows } from './reviewTable.ts'

const result = (): HTMLElement => byId('review-result', HTMLElement)
const confirmation = (): HTMLInputElement => byId('review-confirm', HTMLInputElement)

const outcomes: Record<ReconcileReport['outcome'], string> = {
  done: '',
  stopped: 'The brake stopped it; nothing was written.',
  failed: 'The run failed.',
  off: 'Between sign-ins is switched off in the saved configuration.',
}

function sentenceOf({ mode, outcome, accounts, counts, reason }: ReconcileReport): string {
  if (outcome === 'off') return outcomes.off
  const removals = accounts.reduce((sum, account) => sum + account.removals.length, 0)
  const verb = mode === 'enforce' && outcome !== 'stopped' ? 'removed' : 'to remove'
  const { active, disabled, deleted, not_found, unclear } = counts
  const people = `${active} active, ${disabled} disabled, ${deleted} deleted, ${not_found} not found, ${unclear} unclear`
  const parts = [
    outcomes[outcome],
    reason ?? '',
    `${accounts.length} accounts: ${people}.`,
    `${removals} memberships ${verb}.`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

/** The question names the numbers of the report that it rests on. */
function questionOf({ accounts }: ReconcileReport): string | undefined {
  const losing = accounts.filter(({ removals }) => removals.length > 0)
  if (losing.length === 0) return undefined
  const removals = losing.reduce((sum, account) => sum + account.removals.length, 0)
  return `Remove ${removals} memberships of ${losing.length} accounts in Micetro. I have read the list.`
}

function close(): void {
  result().hidden = true
  confirmation().checked = false
}

function show(report: ReconcileReport): void {
  const said = byId('review-outcome', HTMLElement)
  said.textContent = sentenceOf(report)
  result().hidden = report.outcome === 'off'
  const question = report.mode === 'report' && report.outcome === 'done' ? questionOf(report) : undefined
  byId('review-question', HTMLElement).textContent = question ?? ''
  byId('review-enforce-section', HTMLElement).hidden = question === undefined
  showRows(report)
  said.focus()
}

function download(report: ReconcileReport): void {
  const link = make('a')
  link.href = URL.createObjectURL(new Blob([csvOf(report)], { type: 'text/csv' }))
  link.download = 'access-review.csv'
  link.click()
  URL.revokeObjectURL(link.href)
}

export function setUpAccessReview(page: Page): void {
  let latest: ReconcileReport | undefined
  const run = (mode: Mode): void => {
    hideNotice()
    page.operation.start(async (signal) => {
      byId('review-outcome', HTMLElement).textContent = ''
      close()
      latest = await call<ReconcileReport>(page.key, 'POST', '/config/microsoft/reconcile', { mode }, signal)
      show(latest)
    })
  }
  onClick('review-report', () => run('report'))
  onClick('review-enforce', () => {
    if (confirmation().checked) run('enforce')
    else confirmation().focus()
  })
  onClick('review-csv', () => {
    if (latest !== undefined) download(latest)
  })
  byId('review-filter', HTMLSelectElement).addEventListener('change', () => {
    if (latest !== undefined) showRows(latest)
  })
}
