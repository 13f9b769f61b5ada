import fc from 'fast-check'

/** One request as its bytes go out (latin1). Names in braces are filled in from the attempt of the moment: see `fill`. */
export interface HostileRequest {
  method: string
  target: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string
  /** What the length of the body is said to be, when it is not what it is; the answer then does not matter. */
  claimedLength?: number
}

/** What a request may borrow from the world: an attempt that is really open, a real code of somebody else, the key. */
export interface Loan {
  state: string
  cookieName: string
  cookie: string
  code: string
  key: string
  issuer: string
  clientId: string
  tenantId: string
  redirectUri: string
  verifier: string
}

/** Would be seen in a page that does not escape. */
export const marker = '<fuzz onload=1>'

const loans = [
  'state',
  'cookieName',
  'cookie',
  'code',
  'key',
  'issuer',
  'clientId',
  'tenantId',
  'redirectUri',
  'verifier',
] as const satisfies readonly (keyof Loan)[]

/** Puts what is lent in its places. */
export function fill(text: string, loan: Loan): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const known = loans.find((each) => each === name)
    return known === undefined ? whole : loan[known]
  })
}

const nasty = fc.constantFrom(
  '',
  marker,
  encodeURIComponent(marker),
  '%',
  '%ff',
  '%00',
  '%0d%0aset-cookie:%20x=y',
  '../../etc/passwd',
  'https://attacker.example/',
  '__proto__',
  'constructor',
  '\u00e9\u00ff',
  'a'.repeat(3000),
  '1e999',
  '-1',
  'null',
  '{{',
  "' or 1=1",
  '\\',
)
const lent = fc.constantFrom(...loans.map((name) => `{${name}}`))
const part = fc.oneof(
  { weight: 4, arbitrary: lent },
  { weight: 3, arbitrary: nasty },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }).map((text) => Buffer.from(text, 'utf8').toString('latin1')) },
)
/** Some of it glued together, so that a real state or cookie is spoiled in the middle or at an end. */
const value = fc.oneof(
  { weight: 6, arbitrary: part },
  { weight: 1, arbitrary: fc.array(part, { minLength: 2, maxLength: 3 }).map((parts) => parts.join('')) },
)

const names = fc.constantFrom(
  'code',
  'state',
  'error',
  'error_description',
  'error_subcode',
  'session_state',
  'client_info',
  'iss',
  'same_site',
  'version',
  'x',
)
const errors = fc.constantFrom(
  'access_denied',
  'server_error',
  'interaction_required',
  'login_required',
  'invalid_client',
)
/** A callback that is nearly right, so that it gets far, or is not. */
const fields = fc.oneof(
  fc.array(fc.tuple(names, fc.oneof(value, errors)), { maxLength: 6 }),
  fc
    .tuple(fc.constant('state'), fc.constant('{state}'))
    .chain((state) =>
      fc
        .array(fc.tuple(names, fc.oneof(value, errors)), { maxLength: 3 })
        .map((more): [string, string][] => [state, ...more.filter(([name]) => name !== 'state')]),
    ),
)
/** What would end the request line or the form is what a client cannot send in them. */
const encode = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, (each) => encodeURIComponent(each))
const form = fields.map((pairs) => pairs.map(([name, text]) => `${name}=${encode(text)}`).join('&'))

const cookies = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('{cookieName}={cookie}') },
      { weight: 1, arbitrary: value.map((text) => `{cookieName}=${text}`) },
      { weight: 1, arbitrary: value.map((text) => `micetro-sign-in-${text}={cookie}`) },
      { weight: 1, arbitrary: value },
    ),
    { maxLength: 8 },
  )
  .map((each) => each.join('; '))
const headerValue = (text: string): string => text.replaceAll(/[\r\n\0]/g, '')

const otherHeaders = fc.array(
  fc.tuple(
    fc.constantFrom(
      'x-forwarded-host',
      'x-forwarded-proto',
      'origin',
      'accept',
      'x-functions-key',
      'referer',
      'x-ms-client-principal',
    ),
    value.map(headerValue),
  ),
  { maxLength: 2 },
)
const keyed = fc.oneof(
  { weight: 5, arbitrary: fc.constant([['x-functions-key', '{key}']] as [string, string][]) },
  { weight: 1, arbitrary: fc.constant([] as [string, string][]) },
)
const contentType = fc.constantFrom(
  'application/x-www-form-urlencoded',
  'application/json',
  'text/plain',
  'multipart/form-data',
  '',
)

const callback = '/mmws/auth_cb/microsoft'
const browser: fc.Arbitrary<HostileRequest> = fc
  .oneof(
    { weight: 1, arbitrary: fc.record({ method: fc.constant('GET'), target: form.map((query) => `/login?${query}`) }) },
    {
      weight: 5,
      arbitrary: fc.record({ method: fc.constant('GET'), target: form.map((query) => `${callback}?${query}`) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ method: fc.constant('GET'), target: fc.constantFrom('/health', '/config', '/') }),
    },
  )
  .chain(({ method, target }) =>
    fc.record({
      method: fc.constant(method),
      target: fc.constant(target),
      headers: fc
        .tuple(cookies, otherHeaders)
        .map(([cookie, more]) => [['cookie', headerValue(cookie)] as const, ...more]),
      body: fc.constant(''),
    }),
  )
const formPost: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.constant('POST'),
  target: form.map((query) => `${callback}${query.length % 3 === 0 ? `?${query}` : ''}`),
  headers: fc
    .tuple(cookies, contentType, otherHeaders)
    .map(([cookie, type, more]) => [
      ['cookie', headerValue(cookie)] as const,
      ['content-type', type.length % 2 === 0 ? type : 'application/x-www-form-urlencoded'] as const,
      ...more,
    ]),
  body: fc.oneof({ weight: 6, arbitrary: form }, { weight: 1, arbitrary: value }),
})

/** JSON that is nearly right: any value of it may be something else. */
const junk = fc.oneof(value, fc.jsonValue({ maxDepth: 3 }))
const spoiled = (right: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .tuple(
      fc.subarray(Object.keys(right), { maxLength: 2 }),
      junk,
      fc.option(fc.tuple(fc.string({ maxLength: 20 }), junk)),
    )
    .map(([at, bad, more]) => ({
      ...right,
      ...Object.fromEntries(at.map((key) => [key, bad])),
      ...(more !== null && { [more[0]]: more[1] }),
    }))

const central = fc
  .tuple(
    form,
    spoiled({ tenant_id: '{tenantId}', client_id: '{clientId}', redirect_uri: '{redirectUri}' }),
    spoiled({ code_verifier: '{verifier}', nonce: 'n' }),
  )
  .chain(([query, config, state]) => spoiled({ endpoint: 'microsoft', arguments: query, config, state, loglevel: 5 }))
/** Nothing with `save` true: an administrator who holds the key may save, and that would be a write. */
const candidate = spoiled({
  client_id: '{clientId}',
  tenant_id: '{tenantId}',
  redirect_uri: '{redirectUri}',
  cloud: 'custom',
  groups: { map: {} },
}).chain((configuration) =>
  fc
    .tuple(
      spoiled({ configuration, credential: 'c', only: 'settings' }),
      fc.constantFrom<unknown>(false, 'true', 1, null),
    )
    // The checks of another cloud would leave this machine.
    .map(([body, save]) => ({ ...body, save })),
)
const posted: fc.Arbitrary<HostileRequest> = fc
  .oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('/central/auth_cb'), central) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('/config/microsoft/save-and-test'), candidate) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('/config/microsoft/test-sign-in'), fc.constant({})) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('/central/auth_cb', '/config/microsoft/save-and-test'), junk) },
  )
  .chain(([target, json]) =>
    fc.record({
      method: fc.constant('POST'),
      target: fc.constant(target),
      headers: fc.tuple(keyed, contentType).map(([key, type]) => [...key, ['content-type', type] as const]),
      body: fc.oneof(
        { weight: 5, arbitrary: fc.constant(JSON.stringify(json)) },
        { weight: 1, arbitrary: fc.nat({ max: 200 }).map((end) => JSON.stringify(json).slice(0, end)) },
      ),
    }),
  )
const read: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.constant('GET'),
  target: form.map((query) => `/config/microsoft?${query}`),
  headers: keyed,
  body: fc.constant(''),
})
/** Any method, any path, any text where a header should be. */
const broken: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PATCH', 'CONNECT', 'BREW'),
  target: fc.oneof(
    value.map((text) => `/${encode(text)}`),
    fc.constantFrom(
      '*',
      '//',
      '/%2e%2e/login',
      '/LOGIN',
      '/login/',
      'http://attacker.example/login',
      '/admin/functions/x',
      `${callback}/`,
    ),
  ),
  headers: fc.array(
    fc.tuple(
      fc.constantFrom('a', 'transfer-encoding', 'expect', 'upgrade', 'connection', 'te'),
      value.map(headerValue),
    ),
    {
      maxLength: 3,
    },
  ),
  body: value,
  claimedLength: fc.constantFrom(0, 1, 17, 99_999),
})

/** Requests of somebody who knows the application and means it no good. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.oneof(
  { weight: 8, arbitrary: browser },
  { weight: 5, arbitrary: formPost },
  { weight: 5, arbitrary: posted },
  { weight: 1, arbitrary: read },
  { weight: 2, arbitrary: broken },
)
