import { byId, onClick } from './dom.ts'
import type { Page } from './page.ts'
import { mergePasted, type Pasted, PasteError, readPasted } from './pasted.ts'
import { sourceName } from './sourceNames.ts'

const area = (): HTMLTextAreaElement => byId('paste', HTMLTextAreaElement)

/** The pasted text holds the credential. */
export function clearPaste(): void {
  area().value = ''
}

function fillInPasted(page: Page, { configuration, credential }: Pasted): void {
  const merged = mergePasted(page.form.read().candidate.configuration, configuration)
  const taken = new Set(Object.keys(configuration))
  const before = page.loaded?.sources ?? {}
  page.form.fill(merged, (key) => (taken.has(key) ? 'pasted, not saved yet' : sourceName(before, key)))
  if (credential !== undefined) page.form.putCredential(credential)
  clearPaste()
  page.outdateTest()
  const parts = [...taken, ...(credential === undefined ? [] : ['client credential'])]
  byId('paste-message', HTMLElement).textContent = `Filled in: ${parts.join(', ')}. Test it, then save.`
}

export function setUpPaste(page: Page): void {
  const fault = byId('paste-fault', HTMLElement)
  onClick('paste-apply', () => {
    byId('paste-message', HTMLElement).textContent = ''
    fault.hidden = true
    area().removeAttribute('aria-invalid')
    try {
      fillInPasted(page, readPasted(area().value))
    } catch (error) {
      if (!(error instanceof PasteError)) throw error
      fault.textContent = error.message
      fault.hidden = false
      area().setAttribute('aria-invalid', 'true')
      area().focus()
    }
  })
}
