import { expect, test } from 'vitest'
import { LineLimit } from '../../shared/web/lineLimit.ts'

const minute = 60_000

test('lines above the limit of a minute are withheld, and the next one says how many', () => {
  let now = 0
  const limit = new LineLimit(2, () => now)
  const admitted = (times: number) => Array.from({ length: times }, () => limit.admit('callback bad_request'))
  expect(admitted(5)).toEqual([0, 0, undefined, undefined, undefined])
  now = minute - 1
  expect(admitted(1)).toEqual([undefined])
  now = minute
  expect(admitted(3)).toEqual([4, 0, undefined])
  // None is lost in a quiet time.
  now = 90 * minute
  expect(admitted(2)).toEqual([1, 0])
})

test('one kind of line does not hold another one back', () => {
  const limit = new LineLimit(1, () => 0)
  expect(
    ['callback bad_request', 'callback bad_request', 'callback micetro_unreachable'].map((kind) => limit.admit(kind)),
  ).toEqual([0, undefined, 0])
})
