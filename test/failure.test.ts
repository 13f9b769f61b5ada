import { describe, expect, it } from 'vitest'
import { AppError, describe as describeError, failureOf } from '../shared/failure.ts'

describe('A thrown value', () => {
  it('is its failure when it is ours', () =>
    expect(failureOf(new AppError({ code: 'attempt_used' }))).toEqual({ code: 'attempt_used' }))

  for (const [name, value] of [
    ['an error', new Error('secret text')],
    ['a text', 'secret text'],
    ['nothing', undefined],
  ] as const) {
    it(`that is ${name} of a bug says nothing about itself`, () =>
      expect(failureOf(value)).toEqual({ code: 'internal' }))
  }
})

describe('An error described for the log', () => {
  /** As axios makes them: the request with its token hangs on the error. */
  const withRequest = Object.assign(new Error('Request failed with status code 401'), {
    config: { headers: { authorization: 'Bearer hush' } },
    response: { data: 'hush' },
  })

  const cases: [name: string, error: unknown, text: string][] = [
    ['shows name and message', new TypeError('bad argument'), 'TypeError: bad argument'],
    [
      'shows the chain of causes',
      new AppError({ code: 'internal' }, { cause: new RangeError('outer', { cause: new Error('inner') }) }),
      'AppError: internal <- RangeError: outer <- Error: inner',
    ],
    ['shows nothing of the properties', withRequest, 'Error: Request failed with status code 401'],
    [
      'shows nothing of the properties of a cause',
      new AppError({ code: 'internal' }, { cause: withRequest }),
      'AppError: internal <- Error: Request failed with status code 401',
    ],
    ['shows only the kind of a value that is no error', 'hush', 'string'],
    [
      'shows only the kind of a cause that is no error',
      new Error('failed', { cause: { token: 'hush' } }),
      'Error: failed <- object',
    ],
    ['shows nothing for nothing', undefined, ''],
  ]
  for (const [name, error, text] of cases) it(name, () => expect(describeError(error)).toBe(text))

  it('ends, even when the causes go round', () => {
    const error = new Error('round')
    error.cause = error
    expect(describeError(error).split(' <- ')).toHaveLength(4)
  })

  it('does not carry the facts of a failure: those are logged by name', () => {
    const error = new AppError({ code: 'name_collision', name: 'alice@contoso.com', authenticationType: 'AD' })
    expect(describeError(error)).toBe('AppError: name_collision')
  })
})
