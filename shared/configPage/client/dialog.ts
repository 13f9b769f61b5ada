import { byId, make } from './dom.ts'

export interface Question {
  title: string
  /** What would happen. */
  lines: readonly string[]
  /** What the button that goes on says. */
  action: string
}

/**
 * Asks before something that is hard to undo. Escape, and the button that has the focus, leave everything as it is; the
 * browser gives the focus back.
 */
export function ask({ title, lines, action }: Question): Promise<boolean> {
  const dialog = byId('dialog', HTMLDialogElement)
  byId('dialog-title', HTMLElement).textContent = title
  byId('dialog-lines', HTMLElement).replaceChildren(...lines.map((text) => make('li', { text })))
  const yes = byId('dialog-yes', HTMLButtonElement)
  const no = byId('dialog-no', HTMLButtonElement)
  yes.textContent = action
  dialog.returnValue = ''
  yes.onclick = () => dialog.close('yes')
  no.onclick = () => dialog.close()
  const answered = new Promise<boolean>((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
  dialog.showModal()
  no.focus()
  return answered
}
