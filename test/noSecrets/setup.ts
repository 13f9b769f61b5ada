import { globSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { folder, searchOutput } from './search.ts'

/** Begins to collect before any test, and searches when all are over. */
export default function setup(): () => void {
  mkdirSync(folder, { recursive: true })
  for (const file of globSync(join(folder, '*'))) rmSync(file)
  process.env.NO_SECRETS_FOLDER = resolve(folder)
  return () => {
    const { secrets, searched, found } = searchOutput()
    if (found.length > 0) throw new Error(`a secret was printed:\n${found.slice(0, 20).join('\n')}`)
    if (searched > 0) console.log(`None of ${secrets} secrets is in the ${searched} characters that were printed.`)
  }
}
