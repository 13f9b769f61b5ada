import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a package is made of; a change elsewhere makes no other build. */
const sources = ['functions', 'shared', 'host.json', 'package.json', 'package-lock.json']

function git(...args: string[]): string {
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio }).trim()
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  const files = sources.flatMap((each) => (each.includes('.') ? [each] : globSync(`${each}/**/*.ts`, { cwd: root })))
  for (const file of files.map((each) => each.replaceAll('\\', '/')).sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex').slice(0, 12)
}

function identify(): string {
  try {
    const commit = git('rev-parse', 'HEAD')
    return git('status', '--porcelain', '--', ...sources) === '' ? commit : `${commit}-${hashOfSources()}`
  } catch {
    return hashOfSources()
  }
}

/**
 * Names the code: the commit; where sources have changed since, a hash of them behind it; without Git the hash alone.
 * Run by the build, which puts the text into the package, so that /health can say which code answers.
 */
export const buildId: string = identify()
