import { byId, onClick } from './dom.ts'
import type { ConfigForm } from './form.ts'

/** Suggests the redirect URI that belongs to the address in use, and copies the one that is to be registered. */
export function setUpRedirectUri(form: ConfigForm): void {
  const field = byId('redirect_uri', HTMLInputElement)
  const suggested = `${location.origin}/mmws/auth_cb/microsoft`
  byId('redirect_uri-suggested', HTMLElement).textContent = suggested

  onClick('redirect_uri-use', () => {
    form.redirectUri = suggested
    field.focus()
  })

  onClick('redirect_uri-copy', () => {
    const said = byId('redirect_uri-copied', HTMLElement)
    const text = form.redirectUri === '' ? suggested : form.redirectUri
    const failed = (): void => {
      field.select()
      said.textContent = 'Press Ctrl+C to copy.'
    }
    // Only a secure page has a clipboard.
    if (navigator.clipboard === undefined) failed()
    else
      navigator.clipboard.writeText(text).then(() => {
        said.textContent = 'Copied.'
      }, failed)
  })
}
