import { describe, expect, it } from 'vitest'
import { filterQuery } from '../../shared/micetro/client.ts'

describe('A look-up at Micetro', () => {
  const cases: [name: string, value: string, query: string][] = [
    ['compares the whole value', 'alice@contoso.com', 'filter=name%3Dalice%40contoso.com'],
    ['writes spaces as %20: Micetro does not decode a plus', 'Alice Adams', 'filter=name%3DAlice%20Adams'],
    ['writes a plus as %2B', 'alice+dns@contoso.com', 'filter=name%3Dalice%2Bdns%40contoso.com'],
    ['writes letters beyond ASCII in UTF-8', 'jörg', 'filter=name%3Dj%C3%B6rg'],
    ['writes an equals sign like any other', 'a=b', 'filter=name%3Da%3Db'],
    [
      'writes a hash like any other',
      'guest_home.test#EXT#@contoso.com',
      'filter=name%3Dguest_home.test%23EXT%23%40contoso.com',
    ],
    [
      'asks for what comes before an ampersand: no escape is documented',
      'bill&bob@contoso.com',
      'filter=name%3D%5Ebill',
    ],
    ['does not filter where the ampersand comes first', '&bob', ''],
    ['does not filter where the value would say "begins with"', '^alice', ''],
    ['may have a circumflex further on', 'al^ice', 'filter=name%3Dal%5Eice'],
  ]
  for (const [name, value, query] of cases) it(name, () => expect(filterQuery('name', value)).toBe(query))

  it('adds no condition, whatever the value', () => {
    const hostile = ['x&authenticationType=External', 'x&name=^', '%26name=x', 'x%26name=y']
    for (const value of hostile) {
      const filter = new URLSearchParams(filterQuery('externalID', value)).get('filter') ?? ''
      expect(filter.split('&'), value).toHaveLength(1)
      expect(filter).toMatch(/^externalID=/)
    }
  })
})
