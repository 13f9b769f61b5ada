import { describe, expect, it } from 'vitest'
import { onlyCookie, readCookies } from '../../shared/web/cookies.ts'
import { failureIn } from '../failing.ts'

describe('The cookies of a request', () => {
  const cases: [name: string, header: string | null, cookies: [name: string, ...values: string[]][]][] = [
    ['may be none', null, []],
    ['may be empty', '', []],
    [
      'are read by name',
      'a=1; b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'may stand without spaces',
      'a=1;b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'of two lines are parted by a comma',
      'a=1; b=2,c=3',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    ['may have an equals sign in their value', 'a=b=c==', [['a', 'b=c==']]],
    ['may be empty in their value', 'a=', [['a', '']]],
    ['keep their prefix', '__Host-a=1', [['__Host-a', '1']]],
    [
      'are told apart by case',
      'a=1; A=2',
      [
        ['a', '1'],
        ['A', '2'],
      ],
    ],
    [
      'may have space and tab around them',
      ' \ta \t=\t 1\t ;b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'have another name with another blank before it',
      '\u00a0a=1; \u3000a=2',
      [
        ['\u00a0a', '1'],
        ['\u3000a', '2'],
      ],
    ],
    ['have another value with another blank in it', 'a=1\u00a0', [['a', '1\u00a0']]],
    [
      'keep every value of a doubled name',
      'a=1; b=2, a=3',
      [
        ['a', '1', '3'],
        ['b', '2'],
      ],
    ],
    ['are not percent-decoded', 'a=%41', [['a', '%41']]],
    ['without a name are passed over', '=x; a=1', [['a', '1']]],
    ['without a value sign are passed over', 'garbage; a=1,x; ;;', [['a', '1']]],
    [
      'may be called like a property of objects',
      '__proto__=x; constructor=y',
      [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
    ],
  ]
  for (const [name, header, cookies] of cases) {
    it(name, () => expect([...readCookies(header)].map(([key, values]) => [key, ...values])).toEqual(cookies))
  }
})

describe('One cookie', () => {
  it('is its value', () => expect(onlyCookie(readCookies('a=1; b=2'), 'a')).toBe('1'))

  it('may be absent', () => expect(onlyCookie(readCookies('b=2'), 'a')).toBeUndefined())

  for (const header of ['a=1; a=2', 'a=1,a=2', 'a=1; a=1']) {
    it(`is refused when it is doubled: ${header}`, async () => {
      expect(await failureIn(() => onlyCookie(readCookies(header), 'a'))).toEqual({
        code: 'bad_request',
        problem: 'the cookie of this sign-in came twice',
      })
    })
  }

  it('is not refused for another one that is doubled', () =>
    expect(onlyCookie(readCookies('b=1; a=1; b=2'), 'a')).toBe('1'))
})
