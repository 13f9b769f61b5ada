import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { searchOutput } from './search.ts'

const at = mkdtempSync(join(tmpdir(), 'search-'))
afterAll(() => rmSync(at, { recursive: true }))

const secret = 'p/ss"word+of 9 the tests'
writeFileSync(join(at, 'secrets-1.jsonl'), `${JSON.stringify(secret)}\n`)

const outputs: [how: string, printed: string, findings: number][] = [
  ['as it is', `{"x":"${secret}"}`, 1],
  ['in the middle of a word', `xx${secret}xx`, 1],
  ['at the very end', secret, 1],
  ['percent-encoded', `?x=${encodeURIComponent(secret)}`, 1],
  ['in JSON', JSON.stringify({ x: secret }), 1],
  ['in base64', `Basic ${Buffer.from(secret).toString('base64')}`, 1],
  ['twice', `${secret} ${secret}`, 2],
  ['cut off', secret.slice(0, -1), 0],
  ['not at all, but a token that nobody recorded', 'x eyJhbGciOiJkaXIi.eyJ4Ijox.y', 1],
  ['not at all', '{"event":"sign_in"}', 0],
]
test.each(outputs)('a secret is found where it was printed: %s', (_how, printed, findings) => {
  writeFileSync(join(at, 'output-1.log'), printed)
  const { found, secrets, searched } = searchOutput(at)
  expect([secrets, searched, found.length]).toEqual([1, printed.length, findings])
  expect(found.join()).not.toContain(secret)
})
