import { closeAccessReview } from './accessReview.ts'
import { fetchConfiguration, Refusal } from './api.ts'
import { buttonById, byId, elementById, inputById, onClick } from './dom.ts'
import { show, showVersions } from './loading.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'
import { clearPaste } from './pastePanel.ts'
import { closeTestSignIn } from './testSignIn.ts'
import { mayDiscard } from './unsaved.ts'

const app = (): HTMLElement => elementById('app')
const unlockForm = (): HTMLFormElement => byId('unlock-form', HTMLFormElement)
const keyField = (): HTMLInputElement => inputById('access-key')
const message = (): HTMLElement => elementById('unlock-message')

/** Forgets the access key, and all that it let the page show. */
export function lock(page: Page, why: string): void {
  page.operation.abort()
  page.key = ''
  page.loaded = undefined
  app().hidden = true
  page.form.fill({}, () => undefined)
  page.results.clear()
  showVersions(page, { history: [], version: null })
  clearPaste()
  page.despite = undefined
  closeTestSignIn()
  closeAccessReview()
  page.form.groups.table.forget()
  page.triedScopes.clear()
  page.form.markSaved()
  page.say('')
  page.showUnsaved()
  hideNotice()
  unlockForm().hidden = false
  message().textContent = why
  keyField().focus()
}

async function unlock(page: Page, key: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await fetchConfiguration(key, signal)
    page.key = key
    keyField().value = ''
    unlockForm().hidden = true
    app().hidden = false
    page.say('')
    show(page, answer)
    elementById('application-heading').focus()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    message().textContent =
      error.status === 401
        ? 'This access key was not accepted. Copy the function key again, without spaces.'
        : [error.message, error.hint, error.reference && `Reference: ${error.reference}`].filter(Boolean).join(' ')
    keyField().focus()
  }
}

export function setUpUnlocking(page: Page): void {
  unlockForm().addEventListener('submit', (event) => {
    event.preventDefault()
    message().textContent = ''
    const given = keyField().value.trim()
    if (given === '') {
      message().textContent = 'Enter the access key.'
      keyField().focus()
      return
    }
    page.operation.start((signal) => unlock(page, given, signal))
  })

  onClick('lock', () => {
    void mayDiscard(page, 'Lock this page?', 'Lock').then((yes) => {
      if (yes) lock(page, 'The page is locked. It has forgotten the access key.')
    })
  })

  // On the page in local development only.
  document.getElementById('fill-key')?.addEventListener('click', () => {
    keyField().value = document.getElementById('local-key')?.textContent ?? ''
    buttonById('unlock').focus()
  })

  // A page that the back button brings out of the browser's memory would come back unlocked.
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload()
  })
}
