import { call } from './api.ts'
import { byId, elementById } from './dom.ts'
import { type GroupOffer, objectIdIn } from './groupTable.ts'
import type { Page } from './page.ts'

interface Answer {
  entra?: GroupOffer['entra']
  micetro?: GroupOffer['micetro']
}

/** Time without a key before a search begins, in milliseconds. */
const pause = 250

/** Looks up the groups that the table may hold, while it is used. */
export function setUpGroupLookup(page: Page): void {
  const table = byId('groups_map', HTMLTableElement)
  const note = elementById('groups_map-note')
  let running: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const lookUp = async (search: string): Promise<void> => {
    running?.abort()
    const own = new AbortController()
    running = own
    const { configuration, credential } = page.form.read().candidate
    const { groups: _, ...rest } = configuration
    const ids = [...table.querySelectorAll<HTMLInputElement>('input[data-column="entra"]')].flatMap(
      ({ value }) => objectIdIn(value) ?? [],
    )
    const body = { configuration: rest, ...(credential !== undefined && { credential }), search, ids: ids.slice(0, 60) }
    try {
      const { entra, micetro } = await call<Answer>(page.key, 'POST', '/config/microsoft/groups', body, own.signal)
      if (page.key === '') return
      page.form.groups.table.offer({ entra: entra ?? [], micetro: micetro ?? [] })
      note.textContent = [
        entra === undefined
          ? 'The application may not read the tenant’s groups: enter object IDs (Entra admin center, Groups, Object ID).'
          : 'Type a part of a group’s name and choose it, or enter its object ID.',
        micetro === undefined ? 'Micetro’s groups could not be read: enter their names.' : '',
      ]
        .join(' ')
        .trim()
    } catch {
      // A lookup is a help only. What is wrong shows when the form is tested.
      if (!own.signal.aborted) note.textContent = 'Groups cannot be looked up now: enter object IDs and names.'
    }
  }

  const section = elementById('groups-table')
  section.addEventListener('focusin', () => {
    if (note.textContent === '') void lookUp('')
  })
  section.addEventListener('input', (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.dataset.column !== 'entra') return
    const { value } = event.target
    clearTimeout(timer)
    if (objectIdIn(value) === undefined) timer = setTimeout(() => void lookUp(value.trim()), pause)
  })
}
