import type { ReconcileReport } from '../../reconcile/report.ts'
import { csvOfRows } from '../../web/client/csv.ts'

export function csvOf({ accounts }: Pick<ReconcileReport, 'accounts'>): string {
  const rows = accounts.map(({ name, verdict, removals, reason = '' }) => [name, verdict, removals.join('; '), reason])
  return csvOfRows([['account', 'verdict', 'removals', 'reason'], ...rows])
}
