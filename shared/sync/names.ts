const beyondAscii = /[\u0080-\uffff]/
/** Nothing below U+0300 composes or is replaced by NFC. */
const mayChange = /[\u0300-\uffff]/

/**
 * A name as names are compared: in Unicode NFC, without blanks at the ends. NFC turns some characters into others, the
 * Kelvin sign U+212A into `K`, so that anybody could make a lookalike: a name with such a character stays as it is written.
 */
export function comparedName(name: string): string {
  if (!mayChange.test(name)) return name.trim()
  return holdsReplaced(name) ? name : name.normalize('NFC').trim()
}

/**
 * The same without regard to case, for ASCII letters only: `K` (Kelvin sign) is not `k`. The one way in which names of
 * groups and accounts are folded.
 */
export function foldedName(name: string): string {
  if (!beyondAscii.test(name)) return name.trim().toLowerCase()
  return mayChange.test(name) && holdsReplaced(name)
    ? name
    : comparedName(name).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const holdsReplaced = (name: string): boolean => [...name].some((character) => character.normalize('NFC') !== character)
