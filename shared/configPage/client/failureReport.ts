import { Refusal } from './api.ts'
import { makeButton } from './dom.ts'
import { reload } from './loading.ts'
import { showNotice, showProblems, showRefusal } from './notice.ts'
import type { Page } from './page.ts'
import { lock } from './unlocking.ts'

/** Shows what went wrong; a key that is not accepted any more locks the page. */
export function reportFailure(page: Page, error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return
  if (!(error instanceof Refusal)) throw error
  if (error.status === 401) {
    lock(page, 'This access key was not accepted.')
  } else if (error.code === 'save_conflict') {
    showNotice({
      tone: 'warn',
      title: 'Somebody else saved the configuration meanwhile. Nothing was changed.',
      lines: ['Reload to see what is in force now. What you changed in the form is lost then, so note it first.'],
      button: reloadButton(page),
    })
  } else if (error.problems.length > 0) {
    showProblems(error.message, error.problems, page.form)
  } else {
    showRefusal(error)
  }
}

function reloadButton(page: Page): HTMLButtonElement {
  const button = makeButton('Reload', 'plain', () => {
    page.operation.start(async (signal) => {
      await reload(page, signal)
      page.summary.textContent = 'The configuration in force was loaded.'
    })
  })
  button.id = 'reload'
  return button
}
