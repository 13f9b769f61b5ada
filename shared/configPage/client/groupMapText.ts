/** Groups by object ID as the form shows them: one per line, `object id = Micetro group`. */
export function writeGroupMap(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map(([id, name]) => `${id} = ${name}`)
    .join('\n')
}

/** @returns with the faults of the text, worded as the server's; a line with a fault is left out */
export function readGroupMap(text: string): { map: Record<string, string>; problems: string[] } {
  const map: Record<string, string> = {}
  const problems: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const equals = line.indexOf('=')
    const id = line.slice(0, Math.max(0, equals)).trim().toLowerCase()
    const name = line.slice(equals + 1).trim()
    const fault = (what: string): void => {
      problems.push(`configuration.groups.map: line ${index + 1} ${what}`)
    }
    if (equals < 0 || id === '' || name === '') fault('is not of the form "object id = Micetro group"')
    else if (id in map) fault('repeats an object id')
    else map[id] = name
  }
  return { map, problems }
}
