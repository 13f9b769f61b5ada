import type { Refusal } from './api.ts'
import { elementById, make } from './dom.ts'
import type { ConfigForm } from './form.ts'
import { sentenceOf } from './labels.ts'

interface Note {
  tone: 'bad' | 'warn' | 'good'
  title: string
  lines?: readonly (string | HTMLElement)[]
  /** Comes after the lines. */
  content?: readonly HTMLElement[]
}

const box = (): HTMLElement => elementById('notice')

/** One message about the page as a whole; it gets the focus, so that it is read out and in view. */
export function showNotice({ tone, title, lines = [], content = [] }: Note, focus = true): void {
  box().className = `notice ${tone}`
  box().dataset.tone = tone
  box().replaceChildren(
    make('h2', { text: title }),
    ...(lines.length === 0
      ? []
      : [make('ul', { children: lines.map((line) => make('li', { children: [asNode(line)] })) })]),
    ...content,
  )
  box().hidden = false
  if (focus) box().focus()
}

const asNode = (line: string | HTMLElement): Node => (typeof line === 'string' ? document.createTextNode(line) : line)

export function hideNotice(): void {
  box().hidden = true
  box().replaceChildren()
}

/** Lists what is wrong with the form, each line leading to its field. */
export function showProblems(title: string, problems: readonly string[], form: ConfigForm): void {
  form.clearFaults()
  const lines = problems.map((problem) => {
    const field = form.markFault(problem)
    const text = sentenceOf(problem)
    if (field === undefined) return text
    const link = make('a', { text })
    link.href = `#${field.id}`
    link.addEventListener('click', (event) => {
      // A fragment moves the view, not the focus.
      event.preventDefault()
      field.focus()
    })
    return link
  })
  showNotice({ tone: 'bad', title, lines })
}

/** What the server, or the way to it, said instead of an answer. */
export function showRefusal(error: Refusal): void {
  const lines = [error.hint, error.reference === '' ? '' : `Reference: ${error.reference}`].filter(
    (line) => line !== '',
  )
  showNotice({ tone: 'bad', title: error.message, lines })
}
