import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { explain } from '../../shared/catalogue.ts'
import type { Failure } from '../../shared/failure.ts'
import { errorPage } from '../../shared/web/errorPage.ts'
import { sameSiteStep, stepField } from '../../shared/web/sameSiteStep.ts'
import { findMarkupFaults } from '../e2e/markupFaults.ts'

const correlationId = '66666666-6666-4666-8666-666666666666'

function headersOf(page: { headers?: unknown }): Record<string, string> {
  return page.headers as Record<string, string>
}

describe('An error page', () => {
  const micetro = 'https://micetro.test/'
  const again = ['Start again', '/login']
  const other = ['Use another account', '/login?prompt=select_account']
  const open = ['Open Micetro', micetro]
  const shown: [name: string, failure: Failure, steps: string[][]][] = [
    ['a user without assignment', { code: 'entra_refused', error: 'access_denied', aadsts: 50105 }, [other]],
    ['one whom a browser calls so', { code: 'unverified_error', error: 'access_denied', aadsts: 50105 }, [other]],
    ['a user of another tenant', { code: 'tenant_not_allowed', tenant: 'another' }, [other]],
    ['a user in no group', { code: 'no_group', name: 'alice@contoso.com' }, [other]],
    ['a name that belongs to somebody else', { code: 'external_id_conflict', name: 'alice@contoso.com' }, [other]],
    ['several accounts', { code: 'external_id_ambiguous', names: ['alice@contoso.com'] }, [other]],
    [
      'a name of another kind of account, which signs in at Micetro itself',
      { code: 'name_collision', name: 'alice@contoso.com', authenticationType: 'Internal' },
      [other, open],
    ],
    ['sign-ins that are switched off', { code: 'sign_in_disabled' }, [open]],
    ['an attempt that landed', { code: 'attempt_used', landed: true }, [open, again]],
    ['an attempt that was used', { code: 'attempt_used' }, [again]],
    ['an attempt without its cookie', { code: 'attempt_missing' }, [again, open]],
    ['a fault of our own', { code: 'internal' }, [again]],
  ]
  for (const [name, failure, steps] of shown) {
    it(`for ${name} has status, sentence, code, reference and the way on`, async () => {
      const { status, body } = errorPage(failure, correlationId, { micetro })
      const { status: expected, user } = explain(failure)
      expect(status).toBe(expected)
      for (const text of [user, failure.code, correlationId]) expect(body).toContain(text)
      const links = [...String(body).matchAll(/<a class="([^"]*)" href="([^"]*)">([^<]*)</g)]
      expect(links.map(([, , address, label]) => [label, address])).toEqual(steps)
      expect(links.map(([, kind]) => kind)).toEqual(steps.map((_, index) => (index === 0 ? 'button' : 'button plain')))
      expect(await findMarkupFaults(String(body))).toEqual([])
    })
  }

  it('leaves the way to Micetro out where it is not known', () => {
    expect(errorPage({ code: 'sign_in_disabled' }, correlationId).body).not.toContain('<a')
  })

  it('shows the account that was used, escaped', () => {
    const failure: Failure = { code: 'external_id_conflict', name: 'alice@contoso.com' }
    expect(errorPage(failure, correlationId, { account: '<b>@contoso.com' }).body).toContain('&lt;b&gt;@contoso.com')
  })

  const retries: [failure: Failure, header: string | undefined][] = [
    [{ code: 'micetro_unreachable', hosts: [], reason: 'ECONNREFUSED' }, '5'],
    [{ code: 'entra_busy', status: 429, retryAfterSeconds: 60 }, '60'],
    [{ code: 'micetro_credentials', user: 'api', refused: 'log-in' }, undefined],
  ]
  for (const [failure, header] of retries) {
    it(`of ${failure.code} says ${header === undefined ? 'not' : 'in a header'} when to try again`, () => {
      expect(headersOf(errorPage(failure, correlationId))['retry-after']).toBe(header)
    })
  }

  it('says of a missing cookie that it was completed or that cookies are blocked', () => {
    expect(explain({ code: 'attempt_missing' }).user).toMatch(/already completed.*blocks its cookies/)
  })

  for (const failure of [
    { code: 'unverified_error', error: 'access_denied', aadsts: 65004 },
    { code: 'unverified_error', error: 'access_denied', cancelled: true },
    { code: 'entra_refused', error: 'access_denied', aadsts: 65004 },
  ] as const) {
    it(`calls Cancel at Entra ID cancelled (${JSON.stringify(failure)})`, () => {
      expect(explain<Failure['code']>(failure).user).toContain('was cancelled')
    })
  }

  const told: [name: string, failure: Failure, hint: string][] = [
    [
      'what Entra ID says of itself',
      { code: 'entra_refused', error: 'invalid_client', aadsts: 7000222 },
      'AADSTS7000222',
    ],
    [
      'what a browser says that Entra ID said, as unverified',
      { code: 'unverified_error', error: 'access_denied', aadsts: 65004 },
      'Unverified: the browser says that Entra ID answered AADSTS65004 (access_denied)',
    ],
    [
      'which settings are wrong',
      { code: 'config_invalid', problems: ['ENTRA_CLIENT_ID is missing'] },
      'ENTRA_CLIENT_ID is missing',
    ],
  ]
  for (const [name, failure, hint] of told) {
    it(`tells the administrator ${name}`, () => expect(errorPage(failure, correlationId).body).toContain(hint))
  }

  const hidden: [name: string, failure: Failure, facts: string[]][] = [
    [
      'hosts',
      { code: 'micetro_unreachable', hosts: ['inner.test'], reason: 'ECONNREFUSED' },
      ['inner.test', 'ECONNREFUSED'],
    ],
    ['the API account', { code: 'micetro_credentials', user: 'entra-sync', refused: 'log-in' }, ['entra-sync']],
    [
      'names of secrets',
      { code: 'vault_forbidden', secret: 'the-secret-name', reason: 'x', action: 'read' },
      ['the-secret-name'],
    ],
    ['other accounts', { code: 'external_id_ambiguous', names: ['alice2@contoso.com'] }, ['alice2@contoso.com']],
    [
      'kinds of accounts',
      { code: 'name_collision', name: 'alice@contoso.com', authenticationType: 'RADIUS' },
      ['RADIUS', 'alice@contoso.com'],
    ],
    [
      'messages of Micetro',
      { code: 'micetro_rejected', action: 'create users', status: 400, message: 'inner text' },
      ['inner text'],
    ],
    ['tenants', { code: 'tenant_not_allowed', tenant: 'the-tenant' }, ['the-tenant']],
  ]
  for (const [name, failure, facts] of hidden) {
    it(`keeps ${name} to the log`, () => {
      const { body } = errorPage(failure, correlationId)
      for (const fact of facts) expect(body).not.toContain(fact)
    })
  }

  it('escapes what came from outside', () => {
    const failure: Failure = { code: 'entra_refused', error: '<img src=x onerror=alert(1)>' }
    const { body } = errorPage(failure, '"><script>')
    expect(body).not.toContain('<img')
    expect(body).not.toContain('<script>')
  })

  it('has an answer for every error that a query can name', () => {
    for (const error of ['constructor', 'valueof', 'unknown_error', 'hasownproperty']) {
      const { status, body } = errorPage({ code: 'entra_refused', error }, correlationId)
      expect(status, error).toBeGreaterThanOrEqual(400)
      expect(body).not.toContain('<h1></h1>')
    }
  })

  it('may not be cached, framed, sniffed or told to another site', () => {
    expect(headersOf(errorPage({ code: 'internal' }, correlationId))).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'strict-transport-security': expect.stringMatching(/^max-age=\d{7,}/),
    })
  })

  it('may run no script, send no form and load nothing from elsewhere', () => {
    const { body, ...page } = errorPage({ code: 'internal' }, correlationId)
    const policy = headersOf(page)['content-security-policy']?.split('; ') ?? []
    for (const rule of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'none'"])
      expect(policy).toContain(rule)
    expect(policy.filter((rule) => rule.startsWith('script-src') || rule.includes('unsafe'))).toEqual([])
    expect(body).not.toMatch(/<script|\sstyle=|\son\w+=|https?:\/\//)
  })

  it('has the one style that its policy allows', () => {
    const { body, ...page } = errorPage({ code: 'internal' }, correlationId)
    const style = /<style>([\s\S]*?)<\/style>/.exec(String(body))?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headersOf(page)['content-security-policy']).toContain(`style-src 'sha256-${hash}'`)
  })
})

describe('The same-site step of a form_post', () => {
  const action = '/mmws/auth_cb/microsoft'
  const origins = ['https://login.test', 'https://micetro.test']
  const step = (query: string) => sameSiteStep(new URLSearchParams(query), action, origins)

  it('posts the same fields again, and marks that it did', () => {
    const { body } = step('code=c&state=s&session_state=x')
    for (const input of [
      '<input type="hidden" name="code" value="c">',
      '<input type="hidden" name="state" value="s">',
      '<input type="hidden" name="session_state" value="x">',
      `name="${stepField}"`,
      `action="${action}"`,
      'method="post"',
    ])
      expect(body).toContain(input)
  })

  it('escapes the fields', () => {
    expect(step('code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&state=s').body).not.toContain('<script>alert')
  })

  it('leaves other fields behind', () => {
    expect(step('code=c&state=s&id_token=hush&more=hush').body).not.toContain('hush')
  })

  it('may lead to us and the given origins only', () => {
    expect(headersOf(step('state=s'))['content-security-policy']).toContain(
      "form-action 'self' https://login.test https://micetro.test;",
    )
  })

  it('runs the one script that its policy allows', () => {
    const { body, ...page } = step('state=s')
    const scripts = [...String(body).matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '')
    expect(scripts).toHaveLength(1)
    const hash = createHash('sha256').update(scripts.join('')).digest('base64')
    expect(headersOf(page)['content-security-policy']).toContain(`script-src 'sha256-${hash}'`)
  })
})
