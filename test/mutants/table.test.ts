import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { faultsOf } from './apply.ts'
import { mutants } from './table.ts'

test('every mutant still fits its file, so that none is skipped without a word', () => {
  expect(mutants.flatMap((mutant) => faultsOf(mutant, readFileSync(mutant.file, 'utf8')))).toEqual([])
})

test('a mutant that does not fit, fits twice or changes nothing is a fault', () => {
  const mutant = { fault: 'x', file: 'a.ts', from: 'one', to: 'two', test: ['a.test.ts', 'a'] } as const
  expect(faultsOf(mutant, 'one')).toEqual([])
  expect(faultsOf(mutant, 'three')).toEqual(['a.ts does not have: one'])
  expect(faultsOf(mutant, 'one one')).toEqual(['a.ts has more than once: one'])
  expect(faultsOf({ ...mutant, to: 'one' }, 'one')).toEqual(['a.ts would stay as it is: one'])
})
