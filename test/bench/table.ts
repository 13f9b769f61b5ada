/** One line of a table, by the titles of its columns. */
export type Row = Readonly<Record<string, string | number>>

/** Rows as a table in Markdown; the first one has all columns. */
export function table(rows: readonly Row[]): string {
  const titles = Object.keys(rows[0] ?? {})
  const lines = [titles, titles.map((_, index) => (index === 0 ? '---' : '---:'))]
  for (const row of rows) lines.push(titles.map((title) => String(row[title] ?? '')))
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
export const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ×`

/** A number beside what it may be at the most. */
export const within = (value: number, most: number, show: (value: number) => string): string =>
  `${show(value)} ${value <= most ? '≤' : '**above**'} ${show(most)}`
