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
  // Two questions at once would share one answer.
  if (dialog.open) return Promise.resolve(false)
  elementById('dialog-title').textContent = title
  elementById('dialog-lines').replaceChildren(...itemsOf(lines))
  const yes = buttonById('dialog-yes')
  const no = buttonById('dialog-no')
  yes.textContent = action
  return new Promise((resolve) => {
    const answer = (isYes: boolean): void => {
      dialog.close()
      resolve(isYes)
    }
    yes.onclick = () => answer(true)
    no.onclick = () => answer(false)
    // Escape. The browser tells of an end some time after it: it may be that of the question before.
    dialog.onclose = () => {
      if (!dialog.open) resolve(false)
    }
    dialog.showModal()
    no.focus()
  })
}
