import type { LastRun } from '../../reconcile/lastRun.ts'
import { type Counts, countRemovals, type Mode, type Outcome, type ReconcileReport } from '../../reconcile/report.ts'
import { type ConfigurationAnswer, call } from './api.ts'
import { ask } from './dialog.ts'
import { elementById, make, makeTime, onClick } from './dom.ts'
import { closed, counted } from './labels.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'
import { csvOf } from './reviewFile.ts'
import { showRows } from './reviewTable.ts'

interface Run {
  mode: Mode
  outcome: Outcome
  counts: Counts
  removals: number
  reason?: string
}

const tones = { done: 'good', stopped: 'bad', failed: 'bad', off: 'warn' } as const

const outcomes: Record<Outcome, string> = {
  done: 'Done.',
  stopped: 'Stopped by the brake: nothing was written.',
  failed: 'The run failed.',
  off: 'Between sign-ins is switched off in the saved configuration.',
}

function sentenceOf({ mode, outcome, counts, removals, reason }: Run): string {
  if (outcome === 'off') return outcomes.off
  const { active, disabled, deleted, not_found, unclear } = counts
  const all = active + disabled + deleted + not_found + unclear
  return [
    outcomes[outcome],
    ...(reason === undefined ? [] : [closed(reason)]),
    `${counted(all, 'account')}: ${active} active, ${disabled} disabled, ${deleted} deleted, ${not_found} not found, ${unclear} unclear.`,
    `${counted(removals, 'membership')} ${mode === 'enforce' && outcome !== 'stopped' ? 'removed' : 'to remove'}.`,
  ].join(' ')
}

/** What is known of runs before the page's own; the timer's are seen by one instance only. */
export function showLastRun({ configuration, runs }: Pick<ConfigurationAnswer, 'configuration' | 'runs'>): void {
  const said = elementById('review-last')
  const isOff = (configuration.between_sign_ins?.mode ?? 'off') === 'off'
  if (isOff)
    said.replaceChildren(
      'Switched off in the saved configuration. Under Optional set Between sign-ins to Report and save; then run a report here.',
    )
  else if (runs?.last)
    said.replaceChildren(
      'Last run that this instance has seen: ',
      makeTime(runs.last.at),
      `, ${runs.last.by === 'timer' ? 'by the timer' : 'on request'}, ${runs.last.mode === 'enforce' ? 'enforced' : 'a report'}. ${sentenceOf(runs.last)}`,
    )
  else
    said.replaceChildren(
      'This instance has seen no run since it started, ',
      makeTime(runs?.since),
      '. The workbook and the log (event reconcile) have the runs of all instances.',
    )
}

function say(text: string, tone: string): void {
  const said = elementById('review-outcome')
  said.textContent = text
  said.dataset.tone = tone
}

function show(report: ReconcileReport): void {
  const { mode, outcome, reason } = report
  const removals = countRemovals(report)
  say(sentenceOf({ ...report, removals }), outcome === 'done' && reason !== undefined ? 'warn' : tones[outcome])
  elementById('review-result').hidden = outcome === 'off'
  elementById('review-enforce').hidden = mode !== 'report' || outcome !== 'done' || removals === 0
  showRows(report)
  elementById('review-outcome').focus()
}

/** The question names the numbers of the report that it rests on. */
function mayRemove(report: ReconcileReport): Promise<boolean> {
  const losing = report.accounts.filter(({ removals }) => removals.length > 0).length
  return ask({
    title: `Remove ${counted(countRemovals(report), 'membership')} of ${counted(losing, 'account')}?`,
    lines: [
      'They are removed in Micetro now. The accounts stay.',
      'Everything is read again first: what has changed since the report counts.',
      'A mistake heals when the person signs in again.',
    ],
    action: 'Remove now',
  })
}

function download(report: ReconcileReport): void {
  const link = make('a')
  link.href = URL.createObjectURL(new Blob([csvOf(report)], { type: 'text/csv' }))
  link.download = 'access-review.csv'
  link.click()
  URL.revokeObjectURL(link.href)
}

let latest: ReconcileReport | undefined

/** Forgets the report, and whose names it has. */
export function closeAccessReview(): void {
  latest = undefined
  elementById('review-result').hidden = true
  showRows({ accounts: [] })
  elementById('review-last').replaceChildren()
  say('', '')
}

export function setUpAccessReview(page: Page): void {
  const run = (mode: Mode): void => {
    hideNotice()
    page.operation.start(async (signal) => {
      elementById('review-result').hidden = true
      say('Asking Entra ID about every External account…', 'busy')
      try {
        latest = await call<ReconcileReport>(page.key, 'POST', '/config/microsoft/reconcile', { mode }, signal)
      } catch (error) {
        say('', '')
        throw error
      }
      show(latest)
      remember(page, latest)
    })
  }
  onClick('review-report', () => run('report'))
  onClick('review-enforce', () => {
    if (latest === undefined) return
    void mayRemove(latest).then((yes) => {
      if (yes) run('enforce')
    })
  })
  onClick('review-csv', () => {
    if (latest !== undefined) download(latest)
  })
  elementById('review-filter').addEventListener('change', () => {
    if (latest !== undefined) showRows(latest)
  })
}

/** A question about saving names what this run came to. */
function remember({ loaded }: Page, report: ReconcileReport): void {
  if (loaded === undefined || report.outcome === 'off') return
  const { mode, outcome, counts } = report
  const at = new Date().toISOString()
  const last: LastRun = { at, by: 'request', mode, outcome, counts, removals: countRemovals(report) }
  loaded.runs = { since: loaded.runs?.since ?? at, last }
  elementById('review-last').replaceChildren()
}
