import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import { fetchConfiguration } from './api.ts'
import { type Conflict, conflictsOf, merged } from './differences.ts'
import { make, makeButton } from './dom.ts'
import { reload, showVersions } from './loading.ts'
import { showNotice } from './notice.ts'
import type { Page } from './page.ts'

/** Somebody else saved meanwhile: shows both, and lets the reader choose field by field. */
export async function showConflict(page: Page, signal: AbortSignal): Promise<void> {
  const answer = await fetchConfiguration(page.key, signal)
  const base = page.loaded?.configuration ?? {}
  const theirs = answer.configuration
  const { candidate } = page.form.read()
  const ours = candidate.configuration as SavedConfiguration
  const conflicts = conflictsOf(base, theirs, ours)
  const rows = conflicts.map(choiceRow)

  const merge = makeButton('Merge into the form', '', () => {
    const fromThem = rows.filter(({ takesTheirs }) => takesTheirs()).map(({ key }) => key)
    const { credential, credentialExpires } = candidate
    page.loaded = answer
    page.readVersion = answer.version
    page.form.fillInForce(theirs, answer.sources)
    page.form.fill(merged(theirs, ours, fromThem), (key) => (key in ours ? 'merged, not saved yet' : undefined))
    if (credential !== undefined) page.form.putCredential(credential, credentialExpires)
    showVersions(page, answer)
    page.outdateTest()
    page.say('Merged. Test it, then save.')
    showNotice({ tone: 'good', title: 'The form holds what you chose. Nothing is saved yet.' })
  })
  merge.id = 'merge'
  const take = makeButton('Reload and lose mine', 'plain', () => {
    page.operation.start(async (own) => {
      await reload(page, own)
      page.say('The configuration in force was loaded.')
    })
  })
  take.id = 'reload'
  showNotice({
    tone: 'warn',
    title: 'Somebody else saved the configuration meanwhile. Nothing was changed.',
    lines:
      conflicts.length === 0
        ? ['What they saved is what the form holds.']
        : ['Choose for each field that differs. What only one of you changed is chosen already.'],
    content: [
      make('div', { class: 'conflict', children: rows.map(({ element }) => element) }),
      make('div', { class: 'buttons', children: [merge, take] }),
    ],
  })
}

function choiceRow({ key, label, from, to, changedBy }: Conflict): {
  key: string
  element: HTMLElement
  takesTheirs: () => boolean
} {
  const radio = (text: string, checked: boolean): HTMLInputElement => {
    const input = make('input')
    input.type = 'radio'
    input.name = `conflict-${key}`
    input.checked = checked
    input.dataset.side = text
    return input
  }
  const theirs = radio('theirs', changedBy === 'them')
  const ours = radio('ours', changedBy !== 'them')
  const choice = (input: HTMLInputElement, who: string, value: string): HTMLElement =>
    make('label', { class: 'choice', children: [input, make('span', { text: `${who}: ${value}` })] })
  const legend = changedBy === 'both' ? `${label} (both of you changed it)` : label
  const element = make('fieldset', {
    class: 'field',
    children: [make('legend', { text: legend }), choice(theirs, 'Theirs', from), choice(ours, 'Yours', to)],
  })
  element.dataset.conflict = key
  return { key, element, takesTheirs: () => theirs.checked }
}
