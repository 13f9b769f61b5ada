import functions, { type Cookie } from '@azure/functions'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { attemptCookie, callback, login } from '../../shared/web/signInRoutes.ts'
import { failureIn } from '../failing.ts'

// The library is CommonJS and gives its classes through the default export only.
const { HttpRequest } = functions

const central = 'https://central.test/mmws/auth_cb/microsoft'
const redirectUri = 'https://signin.test/mmws/auth_cb/microsoft'
const settings = {
  ENTRA_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  ENTRA_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
  ENTRA_REDIRECT_URI: redirectUri,
  SIGN_IN_KEY: Buffer.alloc(32, 1).toString('base64'),
  MICETRO_API_URLS: 'https://micetro.test/mmws/api',
  MICETRO_API_USER: 'entra-sync',
  MICETRO_WEB_URL: 'https://micetro.test/',
  CENTRAL_CALLBACK_URL: central,
}
// The engine of the process is made from the environment, at the first request.
beforeAll(() => {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
})
afterAll(() => vi.unstubAllEnvs())

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const exchange = (request: InstanceType<typeof HttpRequest>, cookies: Cookie[] = []) => ({
  request,
  log: silent,
  correlationId: 'c',
  signal: new AbortController().signal,
  cookies,
  fail: () => Promise.reject(new TypeError('no answer of a failure is asked for')),
})
const form = (body: string, headers: Record<string, string> = {}) =>
  new HttpRequest({
    method: 'POST',
    url: redirectUri,
    body: { string: body },
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })

describe('A state that is not ours', () => {
  const elsewhere = { host: 'evil.test', 'x-forwarded-host': 'evil.test', referer: 'https://evil.test/' }

  it('goes on to Central’s own address, whatever the request says of itself, by 303: the form is not sent again', async () => {
    const body = 'code=c&state=8f14e45fceea167a5a36dedd4bea2543&redirect_uri=https%3A%2F%2Fevil.test'
    const { status, headers } = await callback(exchange(form(body, elsewhere)))
    expect(status).toBe(303)
    expect(headers).toMatchObject({ location: `${central}?${body}`, 'cache-control': 'no-store' })
  })

  it('but looks like ours goes nowhere', async () => {
    const state = `${'0'.repeat(40)}.${'x'.repeat(43)}`
    expect(await failureIn(() => callback(exchange(form(`code=c&state=${state}`))))).toEqual({
      code: 'attempt_unknown',
    })
  })
})

describe('The cookie of an attempt', () => {
  it('is kept from scripts, plain http and other hosts', () => {
    expect(attemptCookie('__Host-x', 'v', 600)).toEqual({
      name: '__Host-x',
      value: 'v',
      maxAge: 600,
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'None',
    })
  })

  it('is Lax where there is no https, on a developer’s machine', () => {
    expect(attemptCookie('x', 'v', 600)).toMatchObject({ httpOnly: true, secure: false, sameSite: 'Lax' })
  })

  it('goes out with the way to Entra ID, and is taken away with the answer, whatever becomes of it', async () => {
    const out: Cookie[] = []
    const { headers } = await login(exchange(new HttpRequest({ method: 'GET', url: 'https://signin.test/login' }), out))
    expect(out).toMatchObject([{ httpOnly: true, maxAge: 600 }])
    const state = new URL(String((headers as Record<string, string>).location)).searchParams.get('state')
    const back: Cookie[] = []
    const cookie = `${out[0]?.name}=${out[0]?.value}`
    const failure = await failureIn(() =>
      callback(exchange(form(`code=c&state=${state}&iss=https%3A%2F%2Fevil.test`, { cookie }), back)),
    )
    expect(failure).toMatchObject({ code: 'bad_request' })
    expect(back).toMatchObject([{ name: out[0]?.name, value: '', maxAge: 0 }])
  })
})
