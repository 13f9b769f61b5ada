import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildId } from '../../shared/buildId.atBuild.ts'
import { certificateEntry, userOf } from '../simulators/directory.ts'
import type { TokenFault } from '../simulators/entraId.ts'
import { makeCertificate } from './clientCertificate.ts'
import { expectNoSecrets } from './noSecrets.ts'
import {
  chooseUser,
  comeBack,
  forget,
  goToEntra,
  type Stage,
  shownError,
  signIn,
  signInToTheEnd,
  startStage,
} from './stage.ts'
import { UserAgent, type Visit } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())
beforeEach(() => {
  stage.world.entra.behave()
  stage.world.vault.behave()
  stage.world.vault.permit()
  forget(stage)
})

const audit = () => stage.world.micetro.store.audit
const tokenCalls = () => stage.world.entra.requests.filter(({ path }) => path.endsWith('/token')).length
const callbackUrl = (query: string) => `${stage.host.url}/mmws/auth_cb/microsoft?${query}`

describe('an ID token is refused, and nothing is written, when', () => {
  const cases: [fault: TokenFault, check: string][] = [
    ['wrongSignature', 'signature'],
    ['unknownKid', 'signature'],
    ['algNone', 'algorithm'],
    ['hs256', 'algorithm'],
    ['wrongNonce', 'nonce'],
    ['noNonce', 'nonce'],
    ['expired', 'expired'],
    ['notYetValid', 'not_yet_valid'],
    ['wrongAudience', 'audience'],
    ['wrongIssuer', 'issuer'],
    ['wrongTenant', 'issuer'],
    ['version1', 'issuer'],
    ['malformedIdToken', 'format'],
  ]
  test.each(cases)('%s: the check that fails is the %s', async (fault, check) => {
    stage.world.entra.next(fault)
    const done = await signIn(stage, 'nora')
    expect(shownError(done)).toBe('token_rejected')
    expect(stage.output()).toContain(`"code":"token_rejected","check":"${check}"`)
    expect(audit()).toEqual([])
  })

  test('there is none', async () => {
    stage.world.entra.next('noIdToken')
    expect(shownError(await signIn(stage, 'nora'))).toBe('entra_malformed')
  })

  test('but a rotated signing key costs no sign-in', async () => {
    await signIn(stage, 'nora')
    await stage.world.entra.rotateKeys()
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })
})

describe('the token endpoint', () => {
  const toMicetro = () => ({ status: 303, location: stage.world.micetro.webUrl })

  test.each(['unavailable', 'serverError', 'throttled'] as const)(
    '%s, the code may be used up: the sign-in begins anew by itself, and nobody sees an error page',
    async (fault) => {
      stage.world.entra.next(fault, { retryAfter: 3600 })
      expect(await signInToTheEnd(stage, 'nora')).toMatchObject({ ...toMicetro(), walks: 2 })
      expect(stage.output()).toMatch(/"event":"sign_in","outcome":"restarted","error":"entra_busy"/)
    },
  )

  test('throttled for a moment is asked again with the same code, which was not processed', async () => {
    stage.world.entra.next('throttled', { retryAfter: 0 })
    expect(await signInToTheEnd(stage, 'nora')).toMatchObject({ ...toMicetro(), walks: 1 })
  })

  test('that answers what is no token is a page, and does not hinder the next sign-in', async () => {
    stage.world.entra.next('notJson')
    expect(shownError(await signIn(stage, 'nora'))).toBe('entra_malformed')
    expect((await signIn(stage, 'nora')).location).toBe(stage.world.micetro.webUrl)
  })

  test('that stays down is a page after one fresh start', async () => {
    stage.world.entra.misbehave({ kind: 'drop' }, { path: /\/token/, times: Number.POSITIVE_INFINITY })
    const done = await signInToTheEnd(stage, 'nora')
    expect([shownError(done), done.walks]).toEqual(['entra_unreachable', 2])
  })
})

describe('interaction_required and an expired code', () => {
  test.each(['interactionRequired', 'expiredCode'] as const)('%s restarts the sign-in once', async (fault) => {
    stage.world.entra.next(fault, { claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}' })
    const agent = new UserAgent()
    const first = await signIn(stage, 'nora', agent)
    expect(first.status).toBe(303)
    expect(first.location).toContain('/oauth2/v2.0/authorize')
    if (fault === 'interactionRequired') expect(decodeURIComponent(first.location ?? '')).toContain('acrs')
    const second = await comeBack(agent, await chooseUser(agent, first.location ?? '', 'nora'))
    expect(second.location).toBe(stage.world.micetro.webUrl)
  })

  test('never in a loop', async () => {
    stage.world.entra.next('interactionRequired', { times: 5 })
    const agent = new UserAgent()
    const first = await signIn(stage, 'nora', agent)
    const second = await comeBack(agent, await chooseUser(agent, first.location ?? '', 'nora'))
    expect([second.status, shownError(second)]).toEqual([403, 'entra_refused'])
  })

  test('at the authorize endpoint too', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const state = new URL(callback).searchParams.get('state') ?? ''
    const back = await agent.visit(
      callbackUrl(new URLSearchParams({ error: 'interaction_required', state }).toString()),
    )
    expect(back.location).toContain('/oauth2/v2.0/authorize')
  })
})

describe('a person whose account is refused', () => {
  const steps: [key: string, error: string, account: string][] = [
    ['ian', 'name_collision', 'ian@contoso.com'],
    ['una', 'unverified_error', ''],
  ]
  test.each(steps)('%s (%s) reads which account it was, and can take another', async (key, error, account) => {
    const { behaviour } = stage.world.entra
    behaviour.unassigned = 'redirect'
    const done = await signIn(stage, key)
    behaviour.unassigned = 'page'
    expect(shownError(done)).toBe(error)
    expect(done.body).toContain(account)
    const next = /href="([^"]*)">Use another account/.exec(done.body)?.[1] ?? ''
    const { location } = await new UserAgent().visit(stage.host.url + next)
    expect(new URL(location ?? '').searchParams.get('prompt')).toBe('select_account')
  })

  test('in another tenant reads which account it was', async () => {
    stage.world.directory.app.multiTenant = true
    stage.world.vault.set(
      'another-configuration',
      JSON.stringify({ tenant_id: 'common', allowed_tenants: [crypto.randomUUID()] }),
    )
    await stage.restart({ ENTRA_CONFIG_SECRET: 'another-configuration' })
    const done = await signIn(stage, 'nora')
    expect([shownError(done), done.body.includes('nora@contoso.com')]).toEqual(['tenant_not_allowed', true])
    stage.world.directory.app.multiTenant = false
    await stage.restart()
  })

  test('and no other prompt than that is handed on', async () => {
    const { location } = await new UserAgent().visit(`${stage.host.url}/login?prompt=none`)
    expect(new URL(location ?? '').searchParams.has('prompt')).toBe(false)
  })
})

describe('an attempt is refused when it is', () => {
  test('used already: no second redemption', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const held = new Map(agent.cookies.get('localhost'))
    expect((await comeBack(agent, callback)).status).toBe(303)
    const again = await comeBack(agent, callback)
    expect([again.status, shownError(again)]).toEqual([409, 'attempt_used'])
    expect(again.body).toContain('This sign-in is done')
    expect(again.body).toContain(`href="${stage.world.micetro.webUrl}">Open Micetro`)
    expect(
      [...(agent.cookies.get('localhost') ?? new Map()).keys()].filter((name) => name.startsWith('micetro-')),
    ).toEqual([])
    agent.cookies.set('localhost', held)
    const calls = tokenCalls()
    expect(shownError(await comeBack(agent, callback))).toBe('attempt_used')
    expect(tokenCalls()).toBe(calls)
  })

  test('used already, and came to nothing: it is not called done', async () => {
    const { agent, callback } = await goToEntra(stage, 'ian')
    expect(shownError(await comeBack(agent, callback))).toBe('name_collision')
    const again = await comeBack(agent, callback)
    expect([again.status, again.body.includes('is done')]).toEqual([409, false])
  })

  test('perhaps used already, which this instance cannot know: the page names that and blocked cookies', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    expect((await comeBack(agent, callback)).status).toBe(303)
    await stage.restart()
    const again = await comeBack(agent, callback)
    expect([again.status, shownError(again)]).toEqual([400, 'attempt_missing'])
    expect(again.body).toMatch(/already completed, or your browser blocks its cookies/)
    for (const step of ['href="/login">Start again', `href="${stage.world.micetro.webUrl}">Open Micetro`])
      expect(again.body).toContain(step)
  })

  test('begun in another browser', async () => {
    const { callback } = await goToEntra(stage, 'nora')
    expect(shownError(await comeBack(new UserAgent(), callback))).toBe('attempt_missing')
    expect(tokenCalls()).toBe(0)
  })

  test('tampered with', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const jar = agent.cookies.get('localhost') ?? new Map()
    for (const [name, value] of jar) if (name.startsWith('micetro-')) jar.set(name, `${value.slice(0, -6)}AAAAAA`)
    expect(shownError(await comeBack(agent, callback))).toBe('attempt_missing')
    expect(tokenCalls()).toBe(0)
  })

  const spoiled: [what: string, cookie: (name: string, value: string) => string, code: string][] = [
    ['doubled', (name, value) => `${name}=${value}; other=1; ${name}=${value}`, 'bad_request'],
    ['doubled in two lines', (name, value) => `${name}=${value},${name}=garbage`, 'bad_request'],
    ['behind a blank that is none in a cookie', (name, value) => `\u00a0${name}=${value}`, 'attempt_missing'],
  ]
  test.each(spoiled)('in a cookie that came %s', async (_what, cookie, code) => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const [name = '', value = ''] =
      [...(agent.cookies.get('localhost') ?? [])].find(([each]) => each.startsWith('micetro-')) ?? []
    const done = await new UserAgent().visit(callback, { headers: { cookie: cookie(name, value) } })
    expect([done.status, shownError(done)]).toEqual([400, code])
    expect(tokenCalls()).toBe(0)
  })

  test('not, in whichever line of cookies it came', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const cookie = [...(agent.cookies.get('localhost') ?? [])].map(([name, value]) => `${name}=${value}`).join(',')
    const done = await new UserAgent().visit(callback, { headers: { cookie: `first=1,${cookie}` } })
    expect(done.status).toBe(303)
  })

  test('sealed for another state: cookies of two attempts are no pair', async () => {
    const agent = new UserAgent()
    const { callback } = await goToEntra(stage, 'nora', agent)
    const first = new Map(agent.cookies.get('localhost'))
    const { callback: second } = await goToEntra(stage, 'nora', new UserAgent())
    const mine = [...first].find(([name]) => name.startsWith('micetro-'))
    const other = `micetro-sign-in-${new URL(second).searchParams.get('state')?.slice(0, 40)}`
    agent.cookies.set('localhost', new Map([[other, mine?.[1] ?? '']]))
    expect(shownError(await comeBack(agent, second))).toBe('attempt_missing')
    expect(callback).not.toBe(second)
  })

  test('of a state that we did not make', async () => {
    const done = await new UserAgent().visit(callbackUrl('code=c&state=somebody-elses'))
    expect([done.status, shownError(done)]).toEqual([400, 'attempt_unknown'])
  })

  test('stale: by its own time, whatever cookie comes', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    await stage.restart({ NODE_OPTIONS: `--import=data:text/javascript,const%20n=Date.now;Date.now=()=>n()%2B601000` })
    expect(shownError(await comeBack(agent, callback))).toBe('attempt_stale')
    await stage.restart()
  })

  test('sealed with a key before the previous one; the previous key still opens', async () => {
    const { agent, callback } = await goToEntra(stage, 'nora')
    let created = Date.now()
    const rotate = (): void => {
      created += 5000
      const key = Buffer.alloc(32, created).toString('base64')
      stage.world.vault.set('micetro-sign-in-key', key, { createdOn: new Date(created) })
    }
    rotate()
    await stage.restart()
    expect((await comeBack(agent, callback)).status).toBe(303)
    const later = await goToEntra(stage, 'nora')
    rotate()
    rotate()
    await stage.restart()
    expect(shownError(await comeBack(later.agent, later.callback))).toBe('attempt_unknown')
  })
})

test('six attempts in one browser: the oldest is given up, so that its cookies stay small', async () => {
  const agent = new UserAgent()
  for (let attempt = 0; attempt < 6; attempt += 1) await agent.visit(`${stage.host.url}/login`)
  const names = [...(agent.cookies.get('localhost')?.keys() ?? [])].filter((name) =>
    name.startsWith('micetro-sign-in-'),
  )
  expect(names).toHaveLength(5)
})

describe('the credential', () => {
  test('rotated in the vault costs no failed sign-in', async () => {
    expect((await signIn(stage, 'nora')).status).toBe(303)
    const { app } = stage.world.directory
    app.secrets = [{ value: 'the-rotated-client-secret', expired: false }]
    stage.world.vault.set('micetro-entra-client-credential', 'the-rotated-client-secret')
    forget(stage)
    expect((await signIn(stage, 'nora')).status).toBe(303)
    expect(tokenCalls()).toBe(2)
    expect((await signIn(stage, 'nora')).status).toBe(303)
    expect(tokenCalls()).toBe(3)
  })

  test('expired and not rotated: a page for the user, the number and the fix in the log', async () => {
    const [secret] = stage.world.directory.app.secrets
    if (secret === undefined) throw new Error('no secret')
    secret.expired = true
    const done = await signIn(stage, 'nora')
    secret.expired = false
    expect([done.status, shownError(done)]).toEqual([500, 'entra_refused'])
    expect(done.body).toContain('AADSTS7000222')
  })

  test('as a certificate, PEM or PKCS#12, is sent with x5c', async () => {
    const certificate = await makeCertificate()
    stage.world.directory.app.certificates = [certificateEntry(certificate.certificatePem)]
    for (const text of [certificate.pem, certificate.pkcs12]) {
      stage.world.vault.set('micetro-entra-client-credential', text)
      await stage.restart({ ENTRA_CREDENTIAL_KIND: 'certificate' })
      expect((await signIn(stage, 'nora')).status).toBe(303)
    }
    const body = stage.world.entra.requests.findLast(({ path }) => path.endsWith('/token'))?.body ?? ''
    const header = Buffer.from(
      new URLSearchParams(body).get('client_assertion')?.split('.')[0] ?? '',
      'base64url',
    ).toString()
    expect(JSON.parse(header)).toMatchObject({ alg: 'PS256', x5c: [expect.any(String)] })
  })

  test('may be none at all: the managed identity is the federated credential', async () => {
    const { world } = stage
    world.directory.app.federatedCredentials = [
      { issuer: world.identity.issuer, subject: world.identity.principalId, audience: 'api://AzureADTokenExchange' },
    ]
    world.directory.app.secrets = []
    world.vault.softDelete('micetro-entra-client-credential')
    await stage.restart({ ENTRA_CREDENTIAL_KIND: 'managed-identity' })
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })
})

describe('bad input gets a clear page, writes nothing, and the process lives', () => {
  const long = 'x'.repeat(20_000)
  const cases: [what: string, send: () => Promise<Visit>, status: number][] = [
    ['no parameters', () => new UserAgent().visit(callbackUrl('')), 400],
    ['no state', () => new UserAgent().visit(callbackUrl('code=c')), 400],
    ['a repeated code', () => new UserAgent().visit(callbackUrl('code=a&code=b&state=s')), 400],
    ['a repeated state', () => new UserAgent().visit(callbackUrl('code=a&state=s&state=t')), 400],
    [
      'an oversized code',
      () => new UserAgent().visit(callbackUrl(`state=s&code=${long.slice(0, 15_000)}&x=${long.slice(0, 3000)}`)),
      414,
    ],
    ['bytes that are not UTF-8', () => new UserAgent().visit(callbackUrl('state=%ff%fe&code=%c3%28')), 400],
    [
      'markup in every parameter',
      () => new UserAgent().visit(callbackUrl('error=<script>alert(1)</script>&error_description=<img>&state=<b>')),
      400,
    ],
    [
      'a form that is no form',
      () =>
        new UserAgent().visit(callbackUrl(''), {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body: 'x',
        }),
      400,
    ],
    ['an oversized form', () => new UserAgent().post(callbackUrl(''), { state: 's', code: long }), 400],
    [
      'line breaks in a form',
      () =>
        new UserAgent().visit(callbackUrl(''), {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'state=a\r\nset-cookie: x=y',
        }),
      400,
    ],
    ['another method', () => new UserAgent().visit(callbackUrl('code=c&state=s'), { method: 'PUT' }), 404],
    ['another method at /login', () => new UserAgent().post(`${stage.host.url}/login`, {}), 404],
    [
      'garbage cookies',
      () =>
        new UserAgent().visit(callbackUrl('code=c&state=s'), {
          headers: { cookie: '=;;;a;\u00e9=\u00ff; micetro-sign-in-=%%%' },
        }),
      400,
    ],
  ]
  test.each(cases)('%s', async (_what, send, status) => {
    const done = await send()
    expect(done.status).toBe(status)
    expect(done.body).not.toMatch(/<script>alert|<img>/)
    if (done.body !== '') expect(done.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(audit()).toEqual([])
    expect((await new UserAgent().visit(`${stage.host.url}/login`)).status).toBe(302)
  })

  test('a broken request line', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(stage.port, '127.0.0.1', () => socket.end('GET /login HTTP/9.9\r\nnonsense\r\n\r\n'))
      socket.on('data', () => undefined)
      socket.on('close', () => resolve())
      socket.on('error', () => resolve())
    })
    expect((await new UserAgent().visit(`${stage.host.url}/login`)).status).toBe(302)
  })
})

describe('every answer', () => {
  test('is not cached, framed, sniffed, or told to another site', async () => {
    for (const url of ['/login', '/health', '/mmws/auth_cb/microsoft?code=1', '/config']) {
      const { headers } = await new UserAgent().visit(stage.host.url + url)
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
    }
  })

  test('sets the attempt in a cookie with the __Host- prefix, HttpOnly, Secure and SameSite=None when the redirect URI is https', async () => {
    await stage.restart({ ENTRA_REDIRECT_URI: 'https://sign-in.example.com/mmws/auth_cb/microsoft' })
    const { headers } = await new UserAgent().visit(`${stage.host.url}/login`)
    const [cookie] = headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-micetro-sign-in-[0-9a-f]{40}=[A-Za-z0-9_.-]+; max-age=600; path=\/; secure; samesite=none; httponly$/,
    )
    expect(cookie?.length).toBeLessThan(2000)
    await stage.restart()
  })
})

describe('settings', () => {
  test('of local development beside a vault are named by the pages and by /health, which says its build', async () => {
    await stage.restart({ SIGN_IN_KEY: 'a-key-that-is-in-the-settings' })
    for (const path of ['/login', '/health']) {
      const { body } = await new UserAgent().visit(stage.host.url + path)
      expect(body).toContain('SIGN_IN_KEY is for local development')
    }
    const { status, headers, body } = await new UserAgent().visit(`${stage.host.url}/health`)
    expect([status, headers.get('x-build-id')]).toEqual([503, buildId])
    expect(body).toMatch(new RegExp(`^build: ${buildId}$`, 'm'))
    await stage.restart()
  })

  test('alone, without a vault, are enough for local development', async () => {
    const { clientSecret, micetroPassword, signInKey } = stage.world.secrets
    stage.world.directory.app.secrets = [{ value: clientSecret, expired: false }]
    await stage.restart({
      KEY_VAULT_URL: '',
      ENTRA_CLIENT_CREDENTIAL: clientSecret,
      MICETRO_API_PASSWORD: micetroPassword,
      SIGN_IN_KEY: signInKey,
    })
    forget(stage)
    expect((await signIn(stage, 'nora')).status).toBe(303)
    expect(stage.world.vault.requests).toEqual([])
    await stage.restart()
  })

  test('of another tenant: domains are resolved, common needs the tenants that may sign in', async () => {
    stage.world.directory.app.secrets = [{ value: stage.world.secrets.clientSecret, expired: false }]
    const credential = { ENTRA_CREDENTIAL_SECRET: 'another-credential' }
    stage.world.vault.set('another-credential', stage.world.secrets.clientSecret)
    await stage.restart({ ...credential, ENTRA_TENANT_ID: 'contoso.com' })
    expect((await signIn(stage, 'nora')).status).toBe(303)

    await stage.restart({ ...credential, ENTRA_TENANT_ID: 'common' })
    expect((await new UserAgent().visit(`${stage.host.url}/login`)).body).toContain('allowed_tenants')

    stage.world.directory.app.multiTenant = true
    const { home } = stage.world.directory
    stage.world.vault.set('micetro-entra-config', JSON.stringify({ tenant_id: 'common', allowed_tenants: [home.id] }))
    await stage.restart({ ...credential, ENTRA_TENANT_ID: '' })
    expect((await signIn(stage, 'nora')).status).toBe(303)
    userOf(stage.world.directory, 'felix').assigned = true
    const foreign = await signIn(stage, 'felix')
    expect([foreign.status, shownError(foreign)]).toEqual([403, 'tenant_not_allowed'])

    stage.world.vault.set('micetro-entra-config', JSON.stringify({ enabled: false }))
    await stage.restart(credential)
    expect(shownError(await new UserAgent().visit(`${stage.host.url}/login`))).toBe('sign_in_disabled')
  })
})

test('SIGTERM ends the host cleanly', async () => {
  expect(await stage.host.close()).toBe(0)
  await stage.restart()
})

test('no secret, code, token, verifier, cookie or password is in any line at the most talkative level', () => {
  expectNoSecrets(stage)
})
