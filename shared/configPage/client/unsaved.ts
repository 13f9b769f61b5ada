import { ask } from './dialog.ts'
import type { Page } from './page.ts'

/** What a question says about the form. */
export const losesDraft = 'What you changed in the form has not been saved and will be lost.'

/** Asks before changes that are not saved are lost; without any there is nothing to ask. */
export async function mayDiscard({ form }: Page, title: string, action: string): Promise<boolean> {
  if (!form.changed) return true
  return ask({ title, lines: [losesDraft], action })
}

/** Has the browser ask before a page with unsaved changes is left. */
export function setUpUnsaved(page: Page): void {
  addEventListener('beforeunload', (event) => {
    if (page.key !== '' && page.form.changed) event.preventDefault()
  })
}
