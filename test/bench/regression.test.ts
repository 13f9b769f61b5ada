import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'

/** Generous: what a change makes worse by accident shows, what a busy machine adds does not. */
const limits: [what: string, sentence: string, most: number][] = [
  ['sign-in / bare', 'a steady sign-in takes at most 6 times the CPU of the bare calls', 6],
  ['sign-in / libraries', 'and twice that of the libraries which make the calls', 2],
  ['central / libraries', "an answer for Central's own button, too", 2],
  ['cold load / SDKs', 'the worker loads the package with less CPU than the bare SDKs', 1],
  ['bytes kept / sign-in', 'a sign-in leaves no more than 2 KiB behind', 2048],
  ['fresh login', '/login of a fresh process waits for 3 calls in a row', 3],
  ['fresh callback', 'its callback for 2', 2],
  ['idle login', '/login after a pause waits for 2 calls in a row', 2],
  ['idle callback', 'its callback for 2', 2],
]

let measured: Record<string, number> = {}

beforeAll(async () => {
  // In a process of its own and as it runs in the package: the test runner's transformation would cost more than the rest.
  const { stdout } = await promisify(execFile)(process.execPath, ['test/bench/regression.ts'])
  measured = JSON.parse(stdout) as Record<string, number>
}, 180_000)

describe('neither slower nor larger, by ratios and counts of one run', () => {
  test.each(limits)('%s: %s', (what, _, most) => {
    expect(measured[what]).toBeLessThanOrEqual(most)
  })

  test('every number that was measured has its limit, and is one', () => {
    expect(Object.keys(measured)).toEqual(limits.map(([what]) => what))
    expect(Object.values(measured).every(Number.isFinite)).toBe(true)
  })
})
