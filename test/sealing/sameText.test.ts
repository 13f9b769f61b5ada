import { describe, expect, it } from 'vitest'
import { sameText } from '../../shared/sealing/sameText.ts'

describe('Texts are the same', () => {
  const cases: [a: string, b: string, same: boolean][] = [
    ['state', 'state', true],
    ['', '', true],
    ['state', 'State', false],
    ['state', 'state2', false],
    ['ä', 'a', false],
  ]
  for (const [a, b, same] of cases) it(`"${a}" and "${b}": ${same}`, () => expect(sameText(a, b)).toBe(same))
})
