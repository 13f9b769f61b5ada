import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a test run collects outputs and secrets; set by `setup.ts`, absent outside of tests. */
const folder = process.env.NO_SECRETS_FOLDER

/** Every secret that this process has seen used. */
export const used = new Set<string>()

/** Values that a hostile request may call a code or a verifier, and that may be printed all the same. */
const open = new Set<string>()

/** Keeps values that are no secrets from being remembered, whatever a request calls them. */
export function knowAsOpen(...values: readonly string[]): void {
  for (const value of values) open.add(value)
}

/** Remembers a value that must not be printed; short ones would be found by chance. */
export function recordSecret(value: string | null | undefined): void {
  if (folder === undefined || value === null || value === undefined || value.length < 12) return
  if (used.has(value) || open.has(value)) return
  used.add(value)
  appendFileSync(join(folder, `secrets-${process.pid}.jsonl`), `${JSON.stringify(value)}\n`)
}

/**
 * Keeps what an application has printed, to be searched when all tests are over.
 * @param pid of its process: the lines of two must not be mixed
 */
export function recordOutput(pid: number, printed: string): void {
  if (folder !== undefined) appendFileSync(join(folder, `output-${pid}.log`), printed)
}

/** Parameters of requests and members of answers that are secrets wherever they stand. */
const secretFields = new Set([
  'code',
  'code_verifier',
  'client_secret',
  'client_assertion',
  'nonce',
  'password',
  'session',
  'access_token',
  'id_token',
  'refresh_token',
])

/** What hostile requests call a code or a verifier is mostly a word; what somebody drew at random has many characters. */
const isRandom = (value: string): boolean => /\d/.test(value) && new Set(value).size >= 8

function recordFields(entries: Iterable<[string, unknown]>): void {
  for (const [name, value] of entries) {
    if (typeof value === 'string') {
      if (secretFields.has(name) && isRandom(value)) recordSecret(value)
    } else if (typeof value === 'object' && value !== null) recordFields(Object.entries(value))
  }
}

/** Remembers the secrets of a request as a peer got it. */
export function recordRequest(request: { authorization: string | undefined; query: string; body: string }): void {
  if (folder === undefined) return
  recordSecret(request.authorization?.replace(/^\w+ /, ''))
  recordFields(new URLSearchParams(request.query))
  if (/^[[{]/.test(request.body)) recordAnswer(request.body)
  else recordFields(new URLSearchParams(request.body))
}

/** Remembers the secrets of an answer, or of anything else in JSON. */
export function recordAnswer(body: unknown): void {
  if (folder === undefined) return
  try {
    const json: unknown = typeof body === 'string' ? JSON.parse(body) : body
    recordFields([['', json]])
  } catch {
    // It is no JSON.
  }
}
