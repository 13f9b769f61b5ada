import type { LogEntry } from '../log.ts'
import type { Step } from '../sync/planSync.ts'

/** Who got or lost which right, when and why: the log line of one change that Micetro has taken, never a value. */
export function changeLine(step: Step, account: string): LogEntry {
  switch (step.do) {
    case 'create':
      return { event: 'account_created', account }
    case 'change':
      return { event: 'account_changed', account, property: step.property }
    case 'leave':
      return { event: 'membership_removed', account, group: step.group }
    case 'join': {
      const { group, because } = step
      return { event: 'membership_added', account, group, by: because?.by, because: because?.group }
    }
  }
}
