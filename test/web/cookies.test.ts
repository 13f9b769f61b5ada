import { describe, expect, it } from 'vitest'
import { readCookies } from '../../shared/web/cookies.ts'

describe('The cookies of a request', () => {
  const cases: [name: string, header: string | null, cookies: Record<string, string>][] = [
    ['may be none', null, {}],
    ['may be empty', '', {}],
    ['are read by name', 'a=1; b=2', { a: '1', b: '2' }],
    ['may stand without spaces', 'a=1;b=2', { a: '1', b: '2' }],
    ['may have an equals sign in their value', 'a=b=c==', { a: 'b=c==' }],
    ['may be empty in their value', 'a=', { a: '' }],
    ['keep their prefix', '__Host-a=1', { '__Host-a': '1' }],
    ['are told apart by case', 'a=1; A=2', { a: '1', A: '2' }],
    ['count once: the first is the most specific', 'a=1; a=2', { a: '1' }],
    ['are not percent-decoded', 'a=%41', { a: '%41' }],
    ['without a name are passed over', '=x; a=1', { a: '1' }],
    ['without a value sign are passed over', 'garbage; a=1; ;;', { a: '1' }],
    [
      'may be called like a property of objects',
      '__proto__=x; constructor=y',
      Object.fromEntries([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    ],
  ]
  for (const [name, header, cookies] of cases) {
    it(name, () => expect([...readCookies(header)]).toEqual(Object.entries(cookies)))
  }
})
