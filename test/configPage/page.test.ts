import { createHash } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mergePasted, readPasted } from '../../shared/configPage/client/pasted.ts'
import { localAccessKey, renderConfigPage } from '../../shared/configPage/page.ts'
import { chromiumPath, findOverflow, findTraces, findViolations, launchBrowser, looks } from '../e2e/browser.ts'
import { findMarkupFaults } from '../e2e/markupFaults.ts'
import { accessKey, type ConfigServer, checkNames, passedCheck, startConfigServer } from './configServer.ts'

const bodyOf = (page: ReturnType<typeof renderConfigPage>): string => String(page.body)
const policyOf = (page: ReturnType<typeof renderConfigPage>): string =>
  String(new Headers(page.headers as Record<string, string>).get('content-security-policy'))
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe('the Save and Test page', () => {
  it('asks for the access key and holds no data', () => {
    const body = bodyOf(renderConfigPage(undefined))
    expect(body).toContain('id="access-key"')
    expect(body).not.toContain('id="local-hint"')
    expect(body).not.toMatch(/<input[^>]* value="(?!secret|certificate|managed-identity)/)
    expect(body).toMatch(/<div id="app" hidden>/)
  })

  it('allows its one style and its one script by their hashes, and nothing else', () => {
    const page = renderConfigPage(undefined)
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(bodyOf(page)) ?? []
    const scripts = [...bodyOf(page).matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text)
    expect(scripts).toHaveLength(1)
    expect(policyOf(page).split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hashOf(style)}`,
      'img-src data:',
      `script-src ${hashOf(scripts[0] ?? '')}`,
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "connect-src 'self'",
    ])
  })

  it('has no inline handler, no style attribute and no outside asset', () => {
    const markup = bodyOf(renderConfigPage('key')).replace(/<script>[\s\S]*<\/script>/, '')
    expect(markup).not.toMatch(/<[^>]*\s(?:on\w+|style)=/)
    expect(markup).not.toMatch(/<[^>]*\s(?:src|href)=(?!"data:image)/)
  })

  it('gives the field of the access key no name that a form could send', () => {
    expect(/<input id="access-key"[^>]*>/.exec(bodyOf(renderConfigPage(undefined)))?.[0]).not.toContain(' name=')
  })

  const cases: [name: string, env: Record<string, string>, key: string | undefined][] = [
    ['beside a simulated vault', { HOST_FUNCTION_KEY: 'k', KEY_VAULT_URL: 'https://localhost:8443' }, 'k'],
    ['beside a simulated vault by address', { HOST_FUNCTION_KEY: 'k', KEY_VAULT_URL: 'http://127.0.0.1:1' }, 'k'],
    ['never beside a real vault', { HOST_FUNCTION_KEY: 'k', KEY_VAULT_URL: 'https://v.vault.azure.net' }, undefined],
    [
      'never beside a vault that only looks local',
      { HOST_FUNCTION_KEY: 'k', KEY_VAULT_URL: 'https://localhost.example' },
      undefined,
    ],
    ['never without a vault', { HOST_FUNCTION_KEY: 'k' }, undefined],
    ['never without a key', { KEY_VAULT_URL: 'https://localhost:8443', HOST_FUNCTION_KEY: '' }, undefined],
  ]
  it.each(cases)('shows the access key %s', (_name, env, key) => {
    expect(localAccessKey(env)).toBe(key)
  })

  it('escapes the access key that it shows', () => {
    expect(bodyOf(renderConfigPage('<b>"'))).toContain('<code id="local-key">&lt;b&gt;&quot;</code>')
  })
})

describe('a pasted ext_auth_conf.json', () => {
  const taken: [name: string, file: unknown, configuration: unknown, credential: string | undefined][] = [
    [
      'gives its microsoft block and its secret',
      { microsoft: { tenant_id: 't', client_id: 'c', client_credential: 's3', redirect_uri: 'r' } },
      { tenant_id: 't', client_id: 'c', redirect_uri: 'r', credential_kind: 'secret' },
      's3',
    ],
    [
      'may be the block alone',
      { tenant_id: 't', scope: 'User.Read Mail.Read' },
      { tenant_id: 't', scope: ['User.Read', 'Mail.Read'] },
      undefined,
    ],
    [
      'gives a certificate as one PEM',
      { microsoft: { client_credential: { private_key: '-----BEGIN PRIVATE KEY-----', public_certificate: 'PEM\n' } } },
      { credential_kind: 'certificate' },
      '-----BEGIN PRIVATE KEY-----\nPEM\n',
    ],
    [
      'names the Graph endpoint by the address of the groups',
      { microsoft: { groups_uri: 'https://dod-graph.microsoft.us/v1.0/me/memberOf' } },
      { graph_endpoint: 'https://dod-graph.microsoft.us' },
      undefined,
    ],
  ]
  it.each(taken)('%s', (_name, file, configuration, credential) => {
    expect(readPasted(JSON.stringify(file))).toEqual({ configuration, credential })
  })

  const refused: [name: string, text: string, message: RegExp][] = [
    ['an okta block alone', '{"okta": {}}', /okta/],
    [
      'several faults, all of them at once',
      '{"microsoft": {"colour": 1, "client_id": 7, "scope": {}, "groups_uri": "x"}, "x": 1}',
      /beside "microsoft": x.*colour.*"client_id" must be a text.*"scope" must be a list.*groups_uri/,
    ],
    ['text that is not JSON', '{', /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['a key beside the block', '{"microsoft": {}, "x": 1}', /Unknown key beside "microsoft": x/],
    ['an unknown key in the block', '{"microsoft": {"colour": 1}}', /Unknown key: colour/],
    ['an inherited name as a key', '{"microsoft": {"constructor": 1}}', /Unknown key: constructor/],
    ['a value of the wrong type', '{"microsoft": {"client_id": 7}}', /client_id/],
    [
      'a thumbprint without its certificate',
      '{"client_credential": {"private_key": "k", "thumbprint": "t"}}',
      /public_certificate/,
    ],
    ['an address that is not of Graph', '{"groups_uri": "https://graph.example/"}', /groups_uri/],
  ]
  it.each(refused)('is refused with %s', (_name, text, message) => {
    expect(() => readPasted(text)).toThrow(message)
  })

  it('skips the block of another provider, and says so', () => {
    const { configuration, notes } = readPasted('{"okta": {"x": 1}, "microsoft": {"tenant_id": "t"}}')
    expect(configuration).toEqual({ tenant_id: 't' })
    expect(notes).toEqual([expect.stringContaining('"okta" block was skipped')])
  })

  it('names the cloud by its Graph endpoint, but leaves the custom cloud to the settings', () => {
    const government = { graph_endpoint: 'https://graph.microsoft.us' } as const
    expect(mergePasted({ cloud: 'commercial' }, government)).toEqual({ cloud: 'usgov', ...government })
    expect(mergePasted({ cloud: 'custom' }, { graph_endpoint: 'https://graph.microsoft.com' })).toEqual({
      cloud: 'custom',
    })
  })
})

describe.skipIf(chromiumPath === undefined)(`the Save and Test page in Chromium`, () => {
  let browser: Browser
  let server: ConfigServer
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })
  beforeEach(async () => {
    server = await startConfigServer()
    page = await browser.newPage()
    faults = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) faults.push(message.text())
    })
    page.setDefaultTimeout(10_000)
    await page.goto(`${server.url}/config`)
  })
  afterEach(async () => {
    await page.context().close()
    await server[Symbol.asyncDispose]()
    // Whatever a test did: no error of the script, and nothing that the policy had to stop.
    expect(faults).toEqual([])
  })

  const unlock = async (key = accessKey): Promise<void> => {
    await page.fill('#access-key', key)
    await page.click('#unlock')
  }
  const summary = (text: RegExp): Promise<unknown> =>
    page.locator('#summary').filter({ hasText: text }).waitFor({ state: 'visible' })
  const rows = async (): Promise<string[]> =>
    page.locator('[data-check]').evaluateAll((all) => all.map((row) => `${row.dataset.check} ${row.dataset.outcome}`))
  const lookups = () => server.seen.filter(({ path }) => path === '/config/microsoft/groups')
  const posts = () => server.seen.filter((each) => each.method === 'POST' && !lookups().includes(each))
  const paste = async (file: unknown): Promise<void> => {
    await page.click('#paste-panel > summary')
    await page.fill('#paste', JSON.stringify(file))
    await page.click('#paste-apply')
  }

  it('shows nothing for a wrong key, and says so', async () => {
    await unlock('wrong')
    await page.getByText('This access key was not accepted').waitFor()
    expect(await page.isVisible('#app')).toBe(false)
    expect(await page.inputValue('#tenant_id')).toBe('')
    await unlock('kéy with ✓ that no header can carry')
    await page.getByText('This access key was not accepted').waitFor()
    expect(server.seen).toHaveLength(1)
  })

  it('shows the configuration in force, where each value comes from, and never a credential', async () => {
    await unlock()
    await page.waitForSelector('#tenant_id:visible')
    expect(await page.inputValue('#tenant_id')).toBe('11111111-1111-4111-8111-111111111111')
    expect(await page.textContent('#tenant_id-source')).toBe('saved')
    expect(await page.textContent('#redirect_uri-source')).toBe('from app settings')
    expect(await page.textContent('#scope-source')).toBe('from ext_auth_conf.json')
    expect(await page.textContent('#enabled-source')).toBe('default')
    expect(await page.inputValue('#credential')).toBe('')
    expect(await page.isVisible('#allowed_tenants')).toBe(false)
    expect(server.seen).toEqual([{ method: 'GET', path: '/config/microsoft', key: accessKey, body: undefined }])
  })

  it('keeps the key in memory only: nothing in storage, cookies or address, and a reload forgets it', async () => {
    await unlock()
    await page.waitForSelector('#app:visible')
    await page.click('#test')
    await summary(/The test passed/)
    expect(await findTraces(page)).toEqual({ stored: [], cookies: [], url: `${server.url}/config` })
    expect(await page.content()).not.toContain(accessKey)
    await page.reload()
    expect(await page.isVisible('#app')).toBe(false)
  })

  it('fills in the key that local development shows', async () => {
    await using local = await startConfigServer(accessKey)
    await page.goto(`${local.url}/config`)
    await page.click('#fill-key')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#app:visible')
  })

  it('can be worked with the keyboard alone', async () => {
    await page.focus('#access-key')
    await page.keyboard.type(accessKey)
    await page.keyboard.press('Enter')
    await page.waitForSelector('#app:visible')
    expect(await page.evaluate('document.activeElement.id')).toBe('application-heading')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('enabled')
  })

  it('runs every check by itself and shows mixed results as they come', async () => {
    server.test = (only) => ({
      body: {
        saved: false,
        outcome: 'failed',
        checks: [
          {
            ...passedCheck(only),
            ...(only === 'credential' && {
              outcome: 'failed',
              detail: 'AADSTS7000215 <img src=x>',
              hint: 'Use the value, not the ID.',
            }),
            ...(only === 'clock' && { outcome: 'warning' }),
            ...(only === 'permissions' && {
              outcome: 'skipped',
              detail: 'Not tried, because "credential" did not pass.',
            }),
          },
        ],
      },
    })
    await unlock()
    await page.fill('#credential', 'a-secret')
    await page.click('#test')
    await summary(/^The test failed: 13 passed, 1 failed, 1 warning, 1 skipped\.$/)
    expect(posts().map(({ body }) => body?.only)).toEqual(expect.arrayContaining(checkNames))
    for (const { body } of posts()) expect(body).toMatchObject({ save: false, credential: 'a-secret' })
    const failed = page.locator('[data-check="credential"][data-outcome="failed"]')
    expect(await failed.textContent()).toMatch(/Client credentialFailed12 msAADSTS7000215 <img src=x>Use the value/)
    expect(await failed.locator('img').count()).toBe(0)
    expect(await page.locator('[data-check="permissions"]').textContent()).toContain(
      'because "Client credential" did not',
    )
    await page.fill('#credential', 'another')
    expect(await page.isVisible('#stale')).toBe(true)
  })

  it('shows a server that fails as the result of the check concerned', async () => {
    server.test = (only) =>
      only === 'graph'
        ? { status: 500, body: { message: 'Something went wrong.', hint: 'See the log.', correlationId: 'ref-1' } }
        : { body: { saved: false, outcome: 'passed', checks: [passedCheck(only)] } }
    await unlock()
    await page.click('#test')
    await summary(/The test failed: 15 passed, 1 failed/)
    expect(await page.locator('[data-check="graph"]').textContent()).toContain('See the log. Reference: ref-1.')
  })

  it('saves what it tested: the form, the kept keys, and the version that it had read', async () => {
    server.versions.v3 = { tenant_id: 'saved.example', credential_version: 'c2' }
    await unlock()
    await page.fill('#client_id', '33333333-3333-4333-8333-333333333333')
    await page.fill('#credential', 'new-secret')
    await page.click('#optional > summary')
    await page.check('#government')
    await page.selectOption('#graph_endpoint', 'https://dod-graph.microsoft.us')
    await page.check('#groups_choice-table')
    await page.fill('[data-column="entra"]', 'Admins (44444444-4444-4444-8444-444444444444)')
    await page.fill('[data-column="micetro"]', 'DNS = admins')
    await page.click('#save')
    // Another app registration knows everybody by another External ID.
    await page.click('#dialog-yes')
    await summary(/^Saved: 17 passed/)
    const { only, save, ...tested } = posts()[0]?.body ?? {}
    const saved = posts().at(-1)?.body
    expect([save, typeof only]).toEqual([false, 'string'])
    expect(saved).toEqual({ ...tested, save: true, version: 'v2' })
    expect(saved).toEqual({
      press: expect.stringMatching(/^[0-9a-f-]{36}$/),
      configuration: {
        enabled: true,
        tenant_id: '11111111-1111-4111-8111-111111111111',
        client_id: '33333333-3333-4333-8333-333333333333',
        redirect_uri: 'https://sign-in.example/mmws/auth_cb/microsoft',
        scope: ['User.Read'],
        cloud: 'usgov-dod',
        graph_endpoint: 'https://dod-graph.microsoft.us',
        credential_kind: 'secret',
        credential_version: 'c1',
        groups: { match: 'id', map: { '44444444-4444-4444-8444-444444444444': 'DNS = admins' } },
      },
      credential: 'new-secret',
      save: true,
      version: 'v2',
    })
    expect(await rows()).toContain('save passed')
    expect(await page.inputValue('#credential')).toBe('')
    // The fake goes on answering v2, as another instance does for a minute: the page has asked for what was saved.
    expect(await page.inputValue('#tenant_id')).toBe('saved.example')
    await page.click('#save')
    await expect.poll(() => posts().filter(({ body }) => body?.save).length).toBe(2)
    expect(posts().at(-1)?.body).toMatchObject({
      configuration: { tenant_id: 'saved.example', credential_version: 'c2' },
      save: true,
      version: 'v3',
    })
  })

  it('offers nothing more to save once the form has changed after a failed test', async () => {
    server.test = (only) => ({ body: { checks: [{ ...passedCheck(only), outcome: 'failed' }] } })
    await unlock()
    await page.click('#save')
    await summary(/^Not saved/)
    expect(await page.isVisible('#save-despite')).toBe(true)
    await page.fill('#client_id', 'x')
    expect(await page.isVisible('#save-despite')).toBe(false)
  })

  it('gives up a test under way on Cancel', async () => {
    server.test = () => new Promise(() => undefined)
    await unlock()
    await page.click('#test')
    await page.waitForSelector('[data-outcome="running"]')
    expect(await rows()).toHaveLength(checkNames.length)
    expect((await rows()).filter((row) => row.endsWith(' running'))).toHaveLength(4)
    await page.click('#cancel')
    await summary(/discarded/)
    expect(await rows()).toEqual([])
  })

  it('does not save after a failed check, unless that is confirmed', async () => {
    server.test = (only) => ({
      body: {
        saved: false,
        outcome: 'failed',
        checks: [{ ...passedCheck(only), ...(only === 'tenant' && { outcome: 'failed' }) }],
      },
    })
    await unlock()
    await page.click('#save')
    await summary(/^Not saved, because a check failed/)
    expect(posts().filter(({ body }) => body?.save)).toEqual([])
    await page.click('#save-despite')
    expect(await page.innerText('#dialog-lines')).toMatch(/^Tenant failed\.\n/)
    await page.keyboard.press('Escape')
    expect(posts().filter(({ body }) => body?.save)).toEqual([])
    await page.click('#save-despite')
    await page.click('#dialog-yes')
    await summary(/^Saved despite failures/)
    expect(posts().at(-1)?.body).toMatchObject({ save: true, saveDespiteFailures: true, version: 'v2' })
    expect(await page.isVisible('#save-despite')).toBe(false)
  })

  it('says that somebody else saved, and reloads', async () => {
    server.save = () => ({
      status: 409,
      body: { error: 'save_conflict', message: 'Somebody else.', hint: 'Newest: v9.' },
    })
    await unlock()
    await page.check('#groups_required')
    await page.click('#save')
    await page.getByText('Somebody else saved the configuration').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('notice')
    await page.click('#reload')
    await summary(/was loaded/)
    expect(await page.isChecked('#groups_required')).toBe(false)
  })

  it('puts the problems of a refused candidate on top and at their fields', async () => {
    server.test = () => ({
      status: 400,
      body: {
        error: 'candidate_invalid',
        message: 'The configuration that was sent is not valid.',
        problems: [
          'configuration.client_id: client_id must be a GUID',
          'configuration: allowed_tenants must name the tenants',
        ],
      },
    })
    await unlock()
    await page.fill('#tenant_id', 'common')
    await page.fill('#client_id', 'nonsense')
    await page.click('#test')
    await page.getByText('The configuration that was sent is not valid.').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('notice')
    expect(await page.getAttribute('#client_id', 'aria-invalid')).toBe('true')
    expect(await page.textContent('#client_id-fault')).toBe('Client ID must be a GUID.')
    expect(await page.getAttribute('#allowed_tenants', 'aria-invalid')).toBe('true')
    await page.click('#notice a')
    expect(await page.evaluate('document.activeElement.id')).toBe('client_id')
    expect(await findViolations(page)).toEqual([])
  })

  it('takes a pasted file, its credential included, and empties the place where it was pasted', async () => {
    await unlock()
    await paste({
      microsoft: { tenant_id: 'contoso.example', client_credential: 'from-file', redirect_uri: 'https://m.example/cb' },
    })
    await page.getByText('Filled in:').waitFor()
    expect(await page.inputValue('#paste')).toBe('')
    expect(await page.inputValue('#tenant_id')).toBe('contoso.example')
    expect(await page.textContent('#tenant_id-source')).toBe('pasted, not saved yet')
    expect(await page.textContent('#client_id-source')).toBe('saved')
    expect(await page.inputValue('#credential')).toBe('from-file')
    await page.click('#test')
    await summary(/The test passed/)
    expect(posts()[0]?.body).toMatchObject({ credential: 'from-file', configuration: { tenant_id: 'contoso.example' } })
  })

  it('refuses a pasted okta block by name', async () => {
    await unlock()
    await paste({ okta: { client_id: 'x' } })
    await page.locator('#paste-fault').filter({ hasText: 'okta' }).waitFor()
    expect(await page.inputValue('#client_id')).toBe('22222222-2222-4222-8222-222222222222')
  })

  it('asks for what belongs to the kind of credential', async () => {
    await unlock()
    await page.check('#credential_kind-certificate')
    expect([await page.isVisible('#credential'), await page.isVisible('#certificate')]).toEqual([false, true])
    await page.check('#credential_kind-managed-identity')
    expect([await page.isVisible('#credential'), await page.isVisible('#certificate')]).toEqual([false, false])
    await page.click('#test')
    await summary(/The test passed/)
    const { configuration } = posts()[0]?.body ?? {}
    expect(configuration).toMatchObject({ credential_kind: 'managed-identity' })
    expect(configuration).not.toHaveProperty('credential_version')
  })

  it('keeps a cloud that only the settings can name', async () => {
    server.inForce = { ...server.inForce, configuration: { cloud: 'custom', client_id: 'c' }, sources: {} }
    await unlock()
    await page.click('#optional > summary')
    expect(await page.isVisible('#government')).toBe(false)
    await page.click('#test')
    await summary(/The test passed/)
    expect(posts()[0]?.body?.configuration).toEqual({ cloud: 'custom', client_id: 'c' })
  })

  it('goes back from a Government cloud in so many words', async () => {
    const configuration = { cloud: 'usgov', graph_endpoint: 'https://graph.microsoft.us' }
    server.inForce = { ...server.inForce, configuration, sources: {} }
    await unlock()
    await page.click('#optional > summary')
    await page.uncheck('#government')
    await page.click('#test')
    await summary(/The test passed/)
    expect(posts()[0]?.body?.configuration).toEqual({
      cloud: 'commercial',
      graph_endpoint: 'https://graph.microsoft.com',
    })
  })

  it('loads an earlier version with the credential that it names', async () => {
    await unlock()
    await page.click('[data-version="v1"] button[aria-label^="Load"]')
    await page.getByText('An earlier version is in the form').waitFor()
    expect(await page.inputValue('#tenant_id')).toBe('contoso.example')
    await page.click('#save')
    await summary(/^Saved/)
    expect(posts().at(-1)?.body).toMatchObject({
      configuration: { tenant_id: 'contoso.example', credential_version: 'c0' },
      save: true,
      version: 'v2',
    })
  })

  it('gives up what was changed on Cancel', async () => {
    await unlock()
    await page.fill('#tenant_id', 'x')
    await page.fill('#credential', 'y')
    await page.click('#cancel')
    await summary(/discarded/)
    expect(await page.inputValue('#tenant_id')).toBe('11111111-1111-4111-8111-111111111111')
    expect(await page.inputValue('#credential')).toBe('')
  })

  it('suggests the redirect URI from the address in use', async () => {
    await unlock()
    await page.click('#redirect_uri-use')
    expect(await page.inputValue('#redirect_uri')).toBe(`${server.url}/mmws/auth_cb/microsoft`)
    expect(await page.isVisible('#redirect_uri-suggestion')).toBe(false)
  })

  it('offers the test sign-in as a link that the reader follows', async () => {
    await unlock()
    await page.click('#test-sign-in')
    await page.waitForSelector('#test-sign-in-link:visible')
    expect(await page.getAttribute('#test-sign-in-link', 'href')).toBe('https://login.example/authorize?state=s')
    expect(posts().at(-1)).toMatchObject({ path: '/config/microsoft/test-sign-in', key: accessKey })
    server.testSignIn = () => ({ body: { location: 'javascript:alert(1)' } })
    await page.click('#test-sign-in')
    await page.getByText('The server gave no address').waitFor()
    expect(await page.isVisible('#test-sign-in-link')).toBe(false)
  })

  const openReport = (message: object): Promise<unknown> =>
    page.evaluate(`new BroadcastChannel('micetro-test-sign-in').postMessage(${JSON.stringify(message)})`)

  it('sends the form to Test sign-in only when it was changed, and shows what became of its own attempt', async () => {
    await unlock()
    await page.click('#test-sign-in')
    await page.waitForSelector('#test-sign-in-link:visible')
    expect(posts().at(-1)?.body).toEqual({})
    await page.fill('#credential', 'new-secret')
    await page.fill('#credential_expires', '2031-05-01')
    await page.click('#test-sign-in')
    await page.waitForSelector('#test-sign-in-link:visible')
    expect(posts().at(-1)?.body).toMatchObject({
      credential: 'new-secret',
      configuration: { credential_version: 'c1' },
    })
    expect(posts().at(-1)?.body).not.toHaveProperty('credentialExpires')
    await openReport({ kind: 'report', attempt: 'of somebody else', outcome: 'passed' })
    await openReport({ kind: 'save', attempt: 'of somebody else' })
    expect(await page.isVisible('#put-in-force')).toBe(false)
    await openReport({ kind: 'report', attempt: 's', outcome: 'passed' })
    await page.waitForSelector('#put-in-force:visible')
    // A form that was changed since is not what was tried.
    await page.fill('#client_id', 'x')
    expect(await page.isVisible('#put-in-force')).toBe(false)
    await openReport({ kind: 'save', attempt: 's' })
    await page.fill('#client_id', '22222222-2222-4222-8222-222222222222')
    expect(posts().filter(({ body }) => body?.save === true)).toEqual([])
  })

  it('a Test sign-in that failed offers nothing to put in force', async () => {
    await unlock()
    await page.fill('#credential', 'new-secret')
    await page.click('#test-sign-in')
    await page.waitForSelector('#test-sign-in-link:visible')
    await openReport({ kind: 'report', attempt: 's', outcome: 'failed' })
    await page.getByText('Test sign-in failed. Its report says why.').waitFor()
    expect(await page.isVisible('#put-in-force')).toBe(false)
  })

  it('asks before a cleared value falls back to a setting, and sends nothing when the question is left', async () => {
    const below = { configuration: { tenant_id: 'setting.test' }, sources: { tenant_id: 'setting' } }
    server.inForce = { ...server.inForce, below }
    await unlock()
    await page.fill('#tenant_id', '')
    await page.click('#save')
    await page.getByText('setting.test counts instead, from the app setting ENTRA_TENANT_ID').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.isVisible('#dialog')).toBe(false)
    expect(posts()).toEqual([])
  })

  it.each([
    ['[data-version="v1"] button[aria-label^="Load"]', /^Load the earlier/],
    ['[data-version="v1"] button[aria-label^="Restore"]', /^Restore the version/],
    ['#lock', /^Lock this page/],
  ])('asks before %s loses what is not saved', async (button, title) => {
    await unlock()
    await page.fill('#credential', 'typed with care')
    await page.click(button)
    await page.locator('#dialog-title').filter({ hasText: title }).waitFor()
    expect(await page.innerText('#dialog-lines')).toContain('has not been saved and will be lost')
    await page.click('#dialog-no')
    expect(await page.inputValue('#credential')).toBe('typed with care')
    expect(await page.isVisible('#app')).toBe(true)
  })

  it('begins without a tenant where nobody has chosen one, and asks for it', async () => {
    const configuration = { tenant_id: 'common', client_id: 'c' }
    const sources = { tenant_id: 'default' }
    server.inForce = { ...server.inForce, configuration, sources, below: { configuration, sources } }
    await unlock()
    await page.waitForSelector('#tenant_id:visible')
    expect(await page.inputValue('#tenant_id')).toBe('')
    await page.click('#test')
    await page
      .getByText('Tenant ID is missing. It is the Directory (tenant) ID of the app registration.')
      .first()
      .waitFor()
    expect(posts()).toEqual([])
  })

  it('does not restore a version whose test fails', async () => {
    server.test = (only) => ({ body: { checks: [{ ...passedCheck(only), outcome: 'failed' }] } })
    await unlock()
    await page.click('[data-version="v1"] button[aria-label^="Restore"]')
    await page.click('#dialog-yes')
    await summary(/^Not saved/)
    expect(posts().filter(({ body }) => body?.save)).toEqual([])
  })

  it('shows the switches to whoever set them by hand, and keeps them', async () => {
    const groups = {
      security_only: true,
      match: 'name',
      claim: 'required',
      map: { [`${'4'.repeat(8)}-4444-4444-8444-${'4'.repeat(12)}`]: 'DNS' },
    }
    server.inForce = { ...server.inForce, configuration: { client_id: 'c', groups }, sources: {} }
    await unlock()
    await page.waitForSelector('#groups_match:visible')
    expect(await page.isChecked('#groups_choice-custom')).toBe(true)
    expect(await page.inputValue('#groups_claim')).toBe('required')
    await page.click('#test')
    await summary(/The test passed/)
    expect(posts()[0]?.body?.configuration).toEqual({ client_id: 'c', groups })
    await page.check('#groups_choice-assigned')
    await page.click('#test')
    await expect
      .poll(() => posts().at(-1)?.body?.configuration)
      .toEqual({ client_id: 'c', groups: { security_only: false, match: 'name', claim: 'required', map: {} } })
  })

  it('offers groups of both sides, and lets ids be typed where they cannot be looked up', async () => {
    const id = '55555555-5555-4555-8555-555555555555'
    await unlock()
    await page.check('#groups_choice-table')
    await page.focus('[data-column="entra"]')
    await page.getByText('may not read the tenant’s groups').waitFor()
    server.groups = () => ({ body: { entra: [{ id, name: 'Net Ops' }], micetro: ['IPAM'] } })
    await page.fill('[data-column="entra"]', 'net')
    await page.waitForSelector(`#entra-groups option[value="Net Ops (${id})"]`, { state: 'attached' })
    expect(lookups().at(-1)?.body).toMatchObject({ search: 'net' })
    await page.fill('[data-column="entra"]', id)
    await page.click('#groups_map-add')
    await page.fill('tr:nth-child(2) [data-column="entra"]', id)
    await page.click('#test')
    await page.getByText('row 1 names no group in Micetro').first().waitFor()
    await page.click('[aria-label="Remove row 2"]')
    await page.fill('[data-column="micetro"]', 'IPAM')
    await page.click('#test')
    await summary(/The test passed/)
    expect(posts().at(-1)?.body?.configuration).toMatchObject({ groups: { match: 'id', map: { [id]: 'IPAM' } } })
  })

  it('offers no saving without a vault, and says why', async () => {
    server.inForce = { ...server.inForce, canSave: false }
    await unlock()
    await page.getByText('There is no Key Vault to save to').waitFor()
    await page.locator('#save').click({ force: true })
    expect(posts()).toEqual([])
  })

  it('locks itself when the key is not accepted any more', async () => {
    server.test = () => ({ status: 401, body: {} })
    await unlock()
    await page.waitForSelector('#app:visible')
    await page.click('#test')
    await page.getByText('This access key was not accepted').waitFor()
    expect(await page.isVisible('#app')).toBe(false)
    expect(await page.inputValue('#client_id')).toBe('')
  })

  it.each(looks)('has no accessibility violation in $colorScheme at $width pixels', async ({ colorScheme, width }) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    server.test = (only) => ({
      body: {
        saved: false,
        outcome: 'failed',
        checks: [
          {
            ...passedCheck(only),
            ...(only === 'tenant' && { outcome: 'failed', hint: 'Mend it.' }),
            ...(only === 'clock' && { outcome: 'warning', hint: 'Look.' }),
            ...(only === 'graph' && { outcome: 'skipped' }),
          },
        ],
      },
    })
    expect(await findViolations(page)).toEqual([])
    await unlock()
    for (const panel of ['paste-panel', 'optional']) await page.click(`#${panel} > summary`)
    await page.check('#government')
    await page.check('#match_by_name')
    await page.check('#groups_choice-table')
    await page.click('#save')
    expect(await findViolations(page)).toEqual([])
    await page.click('#dialog-yes')
    await summary(/^Not saved/)
    await page.click('#results-passed > summary')
    await page.click('#test-sign-in')
    await page.waitForSelector('#test-sign-in-link:visible')
    expect(await findViolations(page)).toEqual([])
    expect(await findMarkupFaults(await page.content())).toEqual([])
    expect(await findOverflow(page)).toBe(0)
  })
})
