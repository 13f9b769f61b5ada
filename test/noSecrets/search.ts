import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where everything is collected. */
export const folder = '.tools/no-secrets'

export interface Search {
  secrets: number
  /** Characters of output that were searched. */
  searched: number
  /** Where something was found, with some of the text before it and never with the secret itself. */
  found: string[]
}

const windowLength = 12

/** Every way in which a secret may be written. */
const forms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
]

/** Looks for every secret that was used in all that the applications of a test run have printed. */
export function searchOutput(at = folder): Search {
  const secrets = new Set(
    globSync(join(at, 'secrets-*.jsonl')).flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => String(JSON.parse(line))),
    ),
  )
  const byBeginning = new Map<string, Set<string>>()
  for (const form of new Set([...secrets].flatMap(forms))) {
    const beginning = form.slice(0, windowLength)
    byBeginning.set(beginning, (byBeginning.get(beginning) ?? new Set()).add(form))
  }
  const result: Search = { secrets: secrets.size, searched: 0, found: [] }
  for (const file of globSync(join(at, 'output-*.log'))) {
    const output = readFileSync(file, 'utf8')
    result.searched += output.length
    const tell = (place: number): void => {
      result.found.push(`${file}: ${JSON.stringify(output.slice(Math.max(0, place - 120), place))}`)
    }
    for (let place = 0; place + windowLength <= output.length; place += 1) {
      const candidates = byBeginning.get(output.slice(place, place + windowLength))
      if (candidates !== undefined && [...candidates].some((form) => output.startsWith(form, place))) tell(place)
    }
    // ID tokens and sealed attempts that nobody recorded: each begins like any JWT or JWE.
    for (const { index } of output.matchAll(/eyJ[\w-]{10,}\.[\w-]*\./g)) tell(index)
  }
  return result
}

if (import.meta.main) {
  const { secrets, searched, found } = searchOutput()
  console.log(`${secrets} secrets were used, ${searched} characters printed, ${found.length} findings`)
  for (const place of found.slice(0, 20)) console.log(place)
  // A search that had nothing to look at shows nothing.
  if (found.length > 0 || secrets < 1000 || searched < 1_000_000) process.exitCode = 1
}
