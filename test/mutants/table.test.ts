import { expect, test } from 'vitest'
import { faultsOf, mutated, textOf } from './apply.ts'
import { mutants } from './table.ts'

test('every mutant still fits its file, so that none is skipped without a word', () => {
  expect(mutants.flatMap((mutant) => faultsOf(mutant, textOf(mutant.file)))).toEqual([])
})

test('a mutant that does not fit, fits twice or changes nothing is a fault', () => {
  const mutant = { fault: 'x', file: 'a.ts', from: 'one', to: 'two', test: ['a.test.ts', 'a'] } as const
  expect(faultsOf(mutant, 'one')).toEqual([])
  expect(faultsOf(mutant, 'three')).toEqual(['a.ts does not have: one'])
  expect(faultsOf(mutant, 'one one')).toEqual(['a.ts has more than once: one'])
  expect(faultsOf({ ...mutant, to: 'one' }, 'one')).toEqual(['a.ts would stay as it is: one'])
})

test('a mutant from nothing makes a file, and is a fault where there is one', () => {
  const mutant = { fault: 'x', file: 'a.ts', from: '', to: 'two', test: ['a.test.ts', 'a'] } as const
  expect([faultsOf(mutant, undefined), mutated(mutant)]).toEqual([[], 'two'])
  expect(faultsOf(mutant, '')).toEqual(['a.ts is there already'])
  expect(faultsOf({ ...mutant, from: 'one' }, undefined)).toEqual(['a.ts is not there'])
})
