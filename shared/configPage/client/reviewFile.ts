import type { ReconcileReport } from '../../reconcile/report.ts'

/** What a spreadsheet would take for a formula gets an apostrophe in front. */
const cell = (text: string): string => `"${text.replace(/^(?=[=+\-@\t\r])/, "'").replaceAll('"', '""')}"`

/** RFC 4180, with the byte order mark by which spreadsheets know UTF-8. */
export function csvOf({ accounts }: Pick<ReconcileReport, 'accounts'>): string {
  const rows = accounts.map(({ name, verdict, removals, reason = '' }) => [name, verdict, removals.join('; '), reason])
  return `\ufeff${[['account', 'verdict', 'removals', 'reason'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}
