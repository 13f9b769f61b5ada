import { call, Refusal } from './api.ts'
import { byId, onClick } from './dom.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'

const link = (): HTMLAnchorElement => byId('test-sign-in-link', HTMLAnchorElement)
const ready = (): HTMLElement => byId('test-sign-in-ready', HTMLElement)

export function closeTestSignIn(): void {
  link().removeAttribute('href')
  ready().hidden = true
}

async function prepareTestSignIn(key: string, signal: AbortSignal): Promise<void> {
  const path = '/config/microsoft/test-sign-in'
  const { location } = await call<{ location: string }>(key, 'POST', path, undefined, signal)
  // A link that the reader follows: windows that open by themselves are blocked.
  if (!/^https?:\/\//.test(location)) throw new Refusal(502, { message: 'The server gave no address.' })
  link().href = location
  ready().hidden = false
  link().focus()
}

export function setUpTestSignIn(page: Page): void {
  onClick('test-sign-in', () => {
    hideNotice()
    closeTestSignIn()
    page.operation.start((signal) => prepareTestSignIn(page.key, signal))
  })

  // The attempt is good for one sign-in.
  link().addEventListener('click', () => {
    setTimeout(() => {
      closeTestSignIn()
      byId('test-sign-in', HTMLButtonElement).focus()
    })
  })
}
