const rows = (): HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>('#groups tbody tr')]

/** A text as one field of a CSV file (RFC 4180). */
function csvField(text: string): string {
  // A spreadsheet would run it as a formula, and anybody may make a group of such a name.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}

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
  const text = [head, ...lines].map((line) => line.map(csvField).join(',')).join('\r\n')
  // The mark at the beginning makes a spreadsheet read it as UTF-8.
  link.href = URL.createObjectURL(new Blob([`\ufeff${text}\r\n`], { type: 'text/csv' }))
}
