import { csvOfRows } from './csv.ts'

const rows = (): HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>('#groups tbody tr')]

/** Makes the table of groups searchable, and offers it as a file. */
export function setUpGroupsTable(): void {
  const tools = document.querySelector<HTMLElement>('#group-tools')
  const search = document.querySelector<HTMLInputElement>('#group-search')
  const found = document.querySelector<HTMLElement>('#group-found')
  const link = document.querySelector<HTMLAnchorElement>('#group-csv')
  if (tools === null || search === null || found === null || link === null) return
  tools.hidden = false

  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase()
    let count = 0
    for (const row of rows()) {
      row.hidden = !(row.textContent ?? '').toLowerCase().includes(wanted)
      if (!row.hidden) count += 1
    }
    found.textContent = wanted === '' ? '' : `${count} found.`
  })

  const head = [...document.querySelectorAll('#groups thead th')].map((cell) => cell.textContent ?? '')
  const lines = rows().map((row) => [...row.cells].map((cell) => cell.dataset.value ?? ''))
  link.href = URL.createObjectURL(new Blob([csvOfRows([head, ...lines])], { type: 'text/csv' }))
}
