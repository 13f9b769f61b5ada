import { expect, test } from 'vitest'
import { rotated } from '../../shared/reconcile/order.ts'

const hour = 3_600_000
const accounts = (count: number) => Array.from({ length: count }, (_, index) => ({ ref: `Users/${index}` }))

test('every account stands in every order once, whatever order it came in', () => {
  const all = accounts(123)
  const shuffled = [...all].reverse()
  for (let at = 0; at < 30; at += 1) {
    expect(new Set(rotated(all, at * hour))).toEqual(new Set(all))
    expect(rotated(shuffled, at * hour)).toEqual(rotated(all, at * hour))
  }
  expect(rotated([], 0)).toEqual([])
})

test('within an hour the place stays, and with the hour it moves on', () => {
  const all = accounts(100)
  expect(rotated(all, 5 * hour + 1)).toEqual(rotated(all, 6 * hour - 1))
  expect(rotated(all, 6 * hour)).not.toEqual(rotated(all, 5 * hour))
})

// A day's rhythm, too, must not come back to the same places.
test.each([
  [1, 20],
  [3, 30],
  [12, 35],
  [24, 20],
])('runs every %i hours that reach a tenth of the accounts have reached all after %i', (rhythm, runs) => {
  for (const count of [7, 100, 400, 1000, 4800]) {
    const all = accounts(count)
    const reached = new Set(
      Array.from({ length: runs }, (_, run) =>
        rotated(all, run * rhythm * hour).slice(0, Math.ceil(count / 10)),
      ).flat(),
    )
    expect(reached.size).toBe(count)
  }
})
