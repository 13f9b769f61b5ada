/** What a spreadsheet would take for a formula gets an apostrophe in front: anybody may make a group of such a name. */
const cell = (text: string): string => `"${text.replace(/^(?=[=+\-@\t\r])/, "'").replaceAll('"', '""')}"`

/** RFC 4180, with the byte order mark by which spreadsheets know UTF-8. */
export function csvOfRows(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}
