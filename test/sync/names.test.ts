import { describe, expect, it } from 'vitest'
import { comparedName, foldedName } from '../../shared/sync/names.ts'

describe('Two names', () => {
  type Kind = 'equal' | 'equal without regard to case' | 'different'
  const pairs: [a: string, b: string, kind: Kind, why: string][] = [
    ['DNS', 'DNS', 'equal', 'one text'],
    [' DNS\t', 'DNS\u00a0', 'equal', 'blanks at the ends'],
    ['D NS', 'DNS', 'different', 'a blank inside'],
    ['DNS', 'dns', 'equal without regard to case', 'ASCII letters'],
    ['Gr\u00f6\u00dfe', 'Gro\u0308\u00dfe', 'equal', 'composed and not'],
    ['gr\u00f6\u00dfe', 'Gro\u0308\u00dfe', 'equal without regard to case', 'composed and not, ASCII letters'],
    ['Gr\u00f6\u00dfe', 'GR\u00d6\u00dfE', 'different', 'a letter beyond ASCII in another case'],
    ['K', '\u212a', 'different', 'the Kelvin sign'],
    ['k', '\u212a', 'different', 'the Kelvin sign'],
    ['\u212a Ops', '\u212a ops', 'different', 'a name with the Kelvin sign is taken as it is written'],
    ['\u212a Ops', '\u212a Ops ', 'different', 'a name with the Kelvin sign is taken as it is written'],
    ['\u03a9', '\u2126', 'different', 'the Ohm sign'],
    ['\u00c5', '\u212b', 'different', 'the Angstrom sign'],
    ['a;b', 'a\u037eb', 'different', 'the Greek question mark'],
    ['I', '\u0131', 'different', 'the dotless i'],
    ['s', '\u017f', 'different', 'the long s'],
    ['\u8c48', '\uf900', 'different', 'a compatibility ideograph'],
  ]
  for (const [a, b, kind, why] of pairs) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)} are ${kind}: ${why}`, () => {
      expect(comparedName(a) === comparedName(b)).toBe(kind === 'equal')
      expect(foldedName(a) === foldedName(b)).toBe(kind !== 'different')
    })
  }
})
