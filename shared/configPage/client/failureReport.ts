import { Refusal } from './api.ts'
import { showConflict } from './conflict.ts'
import { showProblems, showRefusal } from './notice.ts'
import type { Page } from './page.ts'
import { lock } from './unlocking.ts'

/** Shows what went wrong; a key that is not accepted any more locks the page. */
export function reportFailure(page: Page, error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return
  if (!(error instanceof Refusal)) throw error
  if (error.status === 401) {
    lock(page, 'This access key was not accepted.')
  } else if (error.code === 'save_conflict') {
    page.operation.startInstead((signal) => showConflict(page, signal))
  } else if (error.problems.length > 0) {
    showProblems(error.message, error.problems, page.form)
  } else {
    showRefusal(error)
  }
}
