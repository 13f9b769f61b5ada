import type { HttpRequestInit } from '@azure/functions'
import functions from '@azure/functions'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/failure.ts'
import type { Callback } from '../../shared/signIn/signIn.ts'
import { readCallback, readCallbackRequest } from '../../shared/web/callbackRequest.ts'
import { failureIn } from '../failing.ts'

// The library is CommonJS and gives its classes through the default export only.
const { HttpRequest } = functions

const url = 'https://signin.test/mmws/auth_cb/microsoft'
const get = (query: string) => new HttpRequest({ method: 'GET', url: `${url}?${query}` })
const post = (body: NonNullable<HttpRequestInit['body']>, type = 'application/x-www-form-urlencoded', address = url) =>
  new HttpRequest({ method: 'POST', url: address, body, headers: { 'content-type': type } })

const refused = (problem: string): Failure => ({ code: 'bad_request', problem })

/** Both steps, as the callback does them. */
const read = async (request: InstanceType<typeof HttpRequest>): Promise<Callback> =>
  readCallback(await readCallbackRequest(request))

describe('A callback', () => {
  const code = { state: 's', outcome: { code: 'c' } }
  const taken: [name: string, request: () => InstanceType<typeof HttpRequest>, callback: Callback][] = [
    ['by query has code and state', () => get('code=c&state=s&session_state=x'), code],
    ['by form has code and state', () => post({ string: 'code=c&state=s' }), code],
    [
      'by form may name its character set',
      () => post({ string: 'code=c&state=s' }, 'application/x-www-form-urlencoded; charset=UTF-8'),
      code,
    ],
    ['may have parameters that we do not know', () => get('code=c&state=s&new=1&new=2'), code],
    [
      'may name who answered',
      () => get('code=c&state=s&iss=https%3A%2F%2Fi.test'),
      { ...code, issuer: 'https://i.test' },
    ],
    ['may be percent-encoded', () => get('code=a%2Fb%2Bc&state=%73'), { state: 's', outcome: { code: 'a/b+c' } }],
    [
      'may be an error with its description',
      () => get('error=access_denied&error_description=AADSTS65004%3A+declined%21&state=s'),
      { state: 's', outcome: { error: 'access_denied', description: 'AADSTS65004: declined!' } },
    ],
    [
      'of somebody who pressed Cancel',
      () => get('error=access_denied&error_subcode=cancel&state=s'),
      { state: 's', outcome: { error: 'access_denied', description: '', cancelled: true } },
    ],
    [
      'may be an error without a description',
      () => get('error=access_denied&state=s'),
      { state: 's', outcome: { error: 'access_denied', description: '' } },
    ],
    [
      'by form takes nothing from the address',
      () => post({ string: 'code=c&state=s' }, undefined, `${url}?code=other&state=other`),
      code,
    ],
  ]
  for (const [name, request, callback] of taken) {
    it(name, async () => expect(await read(request())).toEqual(callback))
  }

  const long = 'x'.repeat(16_385)
  const bad: [name: string, request: () => InstanceType<typeof HttpRequest>, problem: string][] = [
    ['without anything', () => get(''), 'the parameter state is missing'],
    ['without a state', () => get('code=c'), 'the parameter state is missing'],
    ['with an empty state', () => get('code=c&state='), 'the parameter state is missing'],
    ['without a code', () => get('state=s'), 'the parameter code is missing'],
    ['with an empty code', () => get('code=&state=s'), 'the parameter code is missing'],
    ['with code and error', () => get('code=c&error=e&state=s'), 'code and error came together'],
    ...['code', 'state', 'error', 'error_description', 'session_state', 'iss'].map(
      (parameter): [string, () => InstanceType<typeof HttpRequest>, string] => [
        `with a repeated ${parameter}`,
        () => get(`state=s&code=c&${parameter}=1&${parameter}=2`),
        `the parameter ${parameter} is repeated`,
      ],
    ),
    [
      'with a repeated code in a form',
      () => post({ string: 'code=c&code=c&state=s' }),
      'the parameter code is repeated',
    ],
    [
      'with a parameter repeated under another encoding',
      () => get('code=c&c%6fde=d&state=s'),
      'the parameter code is repeated',
    ],
    ['that is too long', () => get(`code=${long}&state=s`), 'the parameters are too long'],
    ['with a form that is too long', () => post({ string: `code=${long}&state=s` }), 'the form is too long'],
    ['that is not UTF-8', () => get('code=%FF%FE&state=s'), 'the parameters are not UTF-8'],
    ['with a broken percent sign', () => get('code=%zz&state=s'), 'the parameters are not UTF-8'],
    ['with a form that is not UTF-8', () => post({ string: 'code=%C3%28&state=s' }), 'the parameters are not UTF-8'],
    [
      'with bytes that no browser sends',
      () => post({ bytes: Buffer.from([0x63, 0x3d, 0xff, 0x00]) }),
      'the form is not percent-encoded UTF-8',
    ],
    [
      'with a line break in its form',
      () => post({ string: 'code=c\r\nSet-Cookie: x=y&state=s' }),
      'the form is not percent-encoded UTF-8',
    ],
    [
      'with a code of other letters',
      () => get('code=%C3%B6&state=s'),
      'the parameter code has characters that a code cannot have',
    ],
    [
      'with a line break in its code',
      () => get('code=a%0D%0Ab&state=s'),
      'the parameter code has characters that a code cannot have',
    ],
    ['with JSON', () => post({ string: '{"code":"c"}' }, 'application/json'), 'the body is not a form'],
    ['with parts', () => post({ string: 'x' }, 'multipart/form-data; boundary=x'), 'the body is not a form'],
    [
      'with a type that only begins alike',
      () => post({ string: 'x' }, 'application/x-www-form-urlencodedx'),
      'the body is not a form',
    ],
  ]
  for (const [name, request, problem] of bad) {
    it(`${name} is refused`, async () => expect(await failureIn(() => read(request()))).toEqual(refused(problem)))
  }

  it('keeps its query as it came, for Central', async () => {
    const query = 'code=a%2Fb&state=%73&session_state=x+y'
    expect((await readCallbackRequest(get(query))).raw).toBe(query)
  })

  it('writes its form anew for Central, so that nothing in it ends the query early', async () => {
    const form = 'code=a%2Fb&state=%73&session_state=x+y#z'
    const { raw } = await readCallbackRequest(post({ string: form }))
    expect(raw).toBe('code=a%2Fb&state=s&session_state=x+y%23z')
  })

  it('repeats nothing of what it refuses', async () => {
    const failure = await failureIn(() => read(get('code=hush&code=hush&state=s')))
    expect(JSON.stringify(failure)).not.toContain('hush')
  })
})
