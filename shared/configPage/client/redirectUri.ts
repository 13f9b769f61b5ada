import { elementById, inputById, onClick } from './dom.ts'
import type { ConfigForm } from './form.ts'

/** Suggests the redirect URI that belongs to the address in use, and copies the one that is to be registered. */
export function setUpRedirectUri(form: ConfigForm): void {
  const field = inputById('redirect_uri')
  const suggested = `${location.origin}/mmws/auth_cb/microsoft`
  elementById('redirect_uri-suggested').textContent = suggested

  onClick('redirect_uri-use', () => {
    form.redirectUri = suggested
    field.focus()
  })

  onClick('redirect_uri-copy', () => {
    const said = elementById('redirect_uri-copied')
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
