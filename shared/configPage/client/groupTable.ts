import { buttonById, byId, elementById, make, makeButton } from './dom.ts'

/** A group of Entra ID as the page offers it. */
export interface OfferedGroup {
  id: string
  name: string
}

/** What the page could look up; without it ids and names are typed. */
export interface GroupOffer {
  entra: readonly OfferedGroup[]
  micetro: readonly string[]
}

const idAtEnd = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b(?=\)?\s*$)/i

/** The object ID in what was typed or chosen, "DNS Admins (id)" or the id alone. */
export function objectIdIn(text: string): string | undefined {
  return idAtEnd.exec(text)?.[0].toLowerCase()
}

/** The table of groups by object ID: one row, one group of Entra ID and the Micetro group that it stands for. */
export class GroupTable {
  readonly #body = byId('groups_map', HTMLTableElement).tBodies[0] ?? byId('groups_map', HTMLTableElement).createTBody()
  readonly #names = new Map<string, string>()
  readonly #changed: () => void

  /** @param changed comes when a row was added or removed */
  constructor(changed: () => void) {
    this.#changed = changed
    buttonById('groups_map-add').addEventListener('click', () => {
      this.#add('', '').focus()
      this.#changed()
    })
  }

  fill(map: Readonly<Record<string, string>>): void {
    this.#body.replaceChildren()
    for (const [id, name] of Object.entries(map)) this.#add(id, name)
  }

  get rows(): number {
    return this.#body.rows.length
  }

  /** A table without a row is no place to begin. */
  beginRow(): void {
    if (this.rows === 0) this.#add('', '')
  }

  /** @returns with what is wrong, worded as the server's; empty rows count for nothing */
  read(): { map: Record<string, string>; problems: string[] } {
    const map: Record<string, string> = {}
    const problems: string[] = []
    for (const [index, row] of [...this.#body.rows].entries()) {
      const [entra = '', micetro = ''] = [...row.querySelectorAll('input')].map(({ value }) => value.trim())
      if (entra === '' && micetro === '') continue
      const id = objectIdIn(entra)
      const fault = (what: string): void => {
        problems.push(`configuration.groups.map: row ${index + 1} ${what}`)
      }
      if (id === undefined) fault('needs the object ID of a group in Entra ID')
      else if (micetro === '') fault('names no group in Micetro')
      else if (id in map) fault('repeats a group')
      else map[id] = micetro
    }
    return { map, problems }
  }

  /** Shows the names of the groups that are known by now, and offers them where one is typed. */
  offer({ entra, micetro }: GroupOffer): void {
    for (const { id, name } of entra) this.#names.set(id, name)
    const options = (values: readonly string[]): HTMLOptionElement[] =>
      values.map((value) => {
        const option = make('option')
        option.value = value
        return option
      })
    elementById('entra-groups').replaceChildren(...options(entra.map(({ id, name }) => `${name} (${id})`)))
    elementById('micetro-groups').replaceChildren(...options(micetro))
    for (const row of this.#body.rows) {
      const [field] = row.querySelectorAll('input')
      if (field !== undefined && document.activeElement !== field) field.value = this.#named(field.value)
    }
  }

  /** Forgets what was looked up. */
  forget(): void {
    this.#names.clear()
    this.offer({ entra: [], micetro: [] })
    // A note stands for a lookup that was made.
    elementById('groups_map-note').textContent = ''
  }

  #named(text: string): string {
    const name = this.#names.get(text.trim().toLowerCase())
    return name === undefined ? text : `${name} (${text.trim().toLowerCase()})`
  }

  #add(id: string, name: string): HTMLInputElement {
    const input = (label: string, value: string, list: string): HTMLInputElement => {
      const field = make('input')
      field.type = 'text'
      field.value = value
      field.autocomplete = 'off'
      field.spellcheck = false
      field.setAttribute('list', list)
      field.setAttribute('aria-label', label)
      field.setAttribute('aria-describedby', 'groups_map-fault')
      return field
    }
    const number = this.rows + 1
    const entra = input(`Row ${number}, group in Entra ID: object ID`, this.#named(id), 'entra-groups')
    entra.dataset.column = 'entra'
    const micetro = input(`Row ${number}, group in Micetro`, name, 'micetro-groups')
    micetro.dataset.column = 'micetro'
    const remove = makeButton('Remove', 'quiet small', () => {
      const next = row.nextElementSibling ?? row.previousElementSibling
      row.remove()
      this.#changed()
      const goTo = next?.querySelector('input') ?? buttonById('groups_map-add')
      goTo.focus()
    })
    remove.setAttribute('aria-label', `Remove row ${number}`)
    const row = make('tr', { children: [entra, micetro, remove].map((each) => make('td', { children: [each] })) })
    this.#body.append(row)
    return entra
  }
}
