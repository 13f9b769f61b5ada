import { fieldsOf, shownValue } from './differences.ts'
import { byId, elementById, itemsOf, make, onClick } from './dom.ts'
import { labelOf } from './labels.ts'
import type { Page } from './page.ts'
import { mergePasted, type Pasted, PasteError, readPasted } from './pasted.ts'
import { sourceName } from './sourceNames.ts'

const area = (): HTMLTextAreaElement => byId('paste', HTMLTextAreaElement)
const message = (): HTMLElement => elementById('paste-message')
const fault = (): HTMLElement => elementById('paste-fault')

/** The pasted text holds the credential. */
export function clearPaste(): void {
  area().value = ''
  message().replaceChildren()
  fault().hidden = true
}

const listOf = (lines: readonly string[]): HTMLElement => make('ul', { children: itemsOf(lines) })

function fillInPasted(page: Page, { configuration, credential, notes = [] }: Pasted): void {
  const merged = mergePasted(page.form.read().candidate.configuration, configuration)
  const taken = new Set(Object.keys(configuration))
  const before = page.loaded?.sources ?? {}
  page.form.fill(merged, (key) => (taken.has(key) ? 'pasted, not saved yet' : sourceName(before, key)))
  if (credential !== undefined) page.form.putCredential(credential)
  clearPaste()
  byId('paste-panel', HTMLDetailsElement).open = false
  document.querySelector<HTMLElement>('#paste-panel > summary')?.focus()
  openWhatWasFilledIn(taken)
  page.outdateTest()
  const values = Object.entries(fieldsOf(configuration)).map(([key, value]) => `${labelOf(key)}: ${shownValue(value)}`)
  message().replaceChildren(
    make('p', { text: 'Filled in:' }),
    listOf([...values, ...(credential === undefined ? [] : ['Client credential: not shown'])]),
    ...notes.map((text) => make('p', { text })),
    make('p', { text: 'Test it, then save.' }),
  )
}

/** What nobody sees was not filled in, as far as a reader can tell. */
function openWhatWasFilledIn(keys: ReadonlySet<string>): void {
  const optional = byId('optional', HTMLDetailsElement)
  if (['scope', 'cloud', 'graph_endpoint', 'match_by_name', 'between_sign_ins'].some((key) => keys.has(key)))
    optional.open = true
}

export function setUpPaste(page: Page): void {
  onClick('paste-apply', () => {
    message().replaceChildren()
    fault().hidden = true
    area().removeAttribute('aria-invalid')
    try {
      fillInPasted(page, readPasted(area().value))
    } catch (error) {
      if (!(error instanceof PasteError)) throw error
      const [first = '', ...more] = error.faults
      fault().replaceChildren(...(more.length === 0 ? [make('p', { text: first })] : [listOf(error.faults)]))
      fault().hidden = false
      area().setAttribute('aria-invalid', 'true')
      area().focus()
    }
  })
}
