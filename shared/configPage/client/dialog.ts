import { buttonById, byId, elementById, itemsOf } from './dom.ts'

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
  elementById('dialog-title').textContent = title
  elementById('dialog-lines').replaceChildren(...itemsOf(lines))
  const yes = buttonById('dialog-yes')
  const no = buttonById('dialog-no')
  yes.textContent = action
  dialog.returnValue = ''
  yes.onclick = () => dialog.close('yes')
  no.onclick = () => dialog.close()
  const answered = new Promise<boolean>((resolve) => {
    const close = (): void => {
      // The browser tells of the end of a dialog some time after it: this one may be of the question before.
      if (dialog.open) return
      dialog.removeEventListener('close', close)
      resolve(dialog.returnValue === 'yes')
    }
    dialog.addEventListener('close', close)
  })
  dialog.showModal()
  no.focus()
  return answered
}
