import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoSecrets, mustNotBePrinted } from '../integration/noSecrets.ts'
import { type Stage, startStage } from '../integration/stage.ts'
import { chromiumPath, findOverflow, findTraces, launchBrowser } from './browser.ts'
import { press, tabTo, type } from './keyboard.ts'
import { Gallery, hold } from './states.ts'

const newSecret = 'a-secret-that-the-administrator-made'

const question = (text: string): string => `#dialog:has-text("${text}")`

/** Every state of the page and of the report of a Test sign-in. */
const gallery = new Gallery({
  locked: '#unlock-form',
  'wrong-key': '#unlock-message:has-text("not accepted")',
  'first-run': '#notice[data-tone="warn"]:has-text("not complete yet")',
  'value-missing': '#notice[data-tone="bad"]:has-text("Tenant ID is missing")',
  'paste-faults': '#paste-fault li',
  pasted: '#paste-message:has-text("was skipped")',
  certificate: '#certificate',
  'managed-identity': '#kind-managed-identity',
  'several-tenants': '#allowed_tenants',
  government: '#graph_endpoint',
  'question-scope': question('neither saved before nor tried'),
  busy: '[data-outcome="running"]',
  failed: '[data-check="credential"][data-outcome="failed"]',
  'question-despite': question('Save although checks failed?'),
  'test-sign-in-ready': '#test-sign-in-link',
  'report-cancelled': 'main[data-outcome="failed"]:has-text("would be refused")',
  'test-sign-in-failed': '#test-sign-in-report.bad',
  'report-gone': 'main[data-outcome="gone"]',
  'report-good': 'main:not([data-outcome="failed"]) #put-in-force',
  'test-sign-in-good': '#test-sign-in-report:not(.bad) #put-in-force',
  saved: '#summary:has-text("Saved:")',
  'report-collision': 'main[data-outcome="failed"]:has-text("never taken over")',
  'report-many-groups': '#groups:not([open]):has-text("250 groups")',
  'report-groups-found': '#group-found:has-text("1 found")',
  'question-harm': question('Enabled is off'),
  'question-lock': question('Lock this page?'),
  'groups-names': '#groups_choice-names:checked',
  'groups-assigned': '#groups_choice-assigned:checked',
  'groups-table': '#groups-table:has-text("Type a part")',
  'groups-by-hand': '#groups-switches',
  history: '#history li:has-text("from not set to id")',
  'question-load': question('Load the earlier version'),
  'question-restore': question('Restore the version'),
  conflict: '[data-conflict]',
  merged: '#notice.good',
  'question-fallback': question('counts instead'),
  'no-answer': '#notice:has-text("did not answer")',
  'locked-again': '#unlock-message:has-text("has forgotten")',
})

describe.skipIf(chromiumPath === undefined)('Save and Test in a browser, by keyboard alone', () => {
  let stage: Stage
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    // Nothing is configured yet but what a deployment sets: the tenant, the client and the credential come by the page.
    stage = await startStage({}, { ENTRA_TENANT_ID: '', ENTRA_CLIENT_ID: '', ENTRA_REDIRECT_URI: '' })
    stage.world.directory.app.secrets = [{ value: newSecret, expired: false }]
    stage.world.directory.app.grantedRoles = ['GroupMember.Read.All']
    mustNotBePrinted(newSecret)
    browser = await launchBrowser()
    context = await browser.newContext()
    context.setDefaultTimeout(15_000)
    page = await context.newPage()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  const summary = (text: RegExp) => page.locator('#summary').filter({ hasText: text }).waitFor()
  const saved = () => stage.world.vault.versions('micetro-entra-config')
  const savedNow = () => JSON.parse(saved().at(-1)?.value ?? '{}') as Record<string, unknown>
  const dialogLines = () => page.locator('#dialog-lines').innerText()

  const look = (name: Parameters<typeof gallery.look>[1], at: Page = page) => gallery.look(at, name)
  const focused = () => page.evaluate<string>('document.activeElement.id')

  const file = (credential: string): string =>
    JSON.stringify({
      okta: { client_id: 'of the other provider' },
      microsoft: {
        tenant_id: stage.world.directory.home.id,
        client_id: stage.world.directory.app.clientId,
        client_credential: credential,
        redirect_uri: `http://localhost:${stage.port}/mmws/auth_cb/microsoft`,
        scope: 'User.Read GroupMember.Read.All',
      },
    })

  /** Begins a Test sign-in with the form and signs in as somebody, or cancels there. @returns the tab with the report */
  async function testSignIn(user: string | undefined): Promise<Page> {
    await press(page, '#test-sign-in')
    await look('test-sign-in-ready')
    expect(await focused()).toBe('test-sign-in-link')
    const opened = context.waitForEvent('page')
    await page.keyboard.press('Enter')
    const tab = await opened
    await press(tab, user === undefined ? 'button[name="cancel"]' : `button[value="${user}"]`)
    await tab.locator('main[data-attempt]').waitFor()
    return tab
  }

  /** Presses what closes a tab. */
  async function leave(tab: Page, button: string): Promise<void> {
    await tabTo(tab, button)
    const closed = tab.waitForEvent('close')
    await tab.keyboard.press('Enter').catch(() => undefined)
    await closed
  }

  test('a wrong access key shows nothing', async () => {
    await page.goto(`${stage.host.url}/config`)
    await look('locked')
    await type(page, '#access-key', 'not-the-key')
    await page.keyboard.press('Enter')
    await look('wrong-key')
    expect(await page.locator('#app').isVisible()).toBe(false)
  })

  test('in local development the page shows the key, and begins with an empty tenant', async () => {
    await press(page, '#fill-key')
    await page.keyboard.press('Enter')
    await look('first-run')
    expect(await page.locator('#tenant_id').inputValue()).toBe('')
    expect(await page.locator('#tenant_id-note').innerText()).toContain('Directory (tenant) ID')
    await press(page, '#test')
    await look('value-missing')
    await press(page, '#notice a')
    expect(await focused()).toBe('tenant_id')
  })

  test('a pasted file fills the form, says what it filled in, and skips another provider', async () => {
    await tabTo(page, '#paste-panel > summary')
    await page.keyboard.press('Enter')
    await type(page, '#paste', '{ "microsoft": { "colour": 1, "client_id": 7, "scope": {} } }')
    await press(page, '#paste-apply')
    await look('paste-faults')
    expect(await page.locator('#paste-fault li').count()).toBe(3)
    await type(page, '#paste', file('this-is-the-wrong-secret'))
    await press(page, '#paste-apply')
    const said = await page.locator('#paste-message').innerText()
    expect(said).toContain(`Client ID: ${stage.world.directory.app.clientId}`)
    expect(said).toContain('Client credential: not shown')
    expect(said).toContain('"okta" block was skipped')
    expect(said).not.toContain('this-is-the-wrong-secret')
    expect(await page.locator('#scope').isVisible()).toBe(true)
    await look('pasted')
  })

  test('what belongs to a choice is there with the choice', async () => {
    await tabTo(page, '[name="credential_kind"]')
    for (const name of ['certificate', 'managed-identity'] as const) {
      await page.keyboard.press('ArrowRight')
      await look(name)
    }
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('#credential').inputValue()).toBe('this-is-the-wrong-secret')
    await type(page, '#tenant_id', 'organizations')
    await look('several-tenants')
    await type(page, '#tenant_id', stage.world.directory.home.id)
  })

  test('a wrong secret fails exactly one check, which comes first and leads to its field', async () => {
    await press(page, '#save')
    await look('question-scope')
    expect(await dialogLines()).toContain('GroupMember.Read.All')
    const release = await hold(page, '**/save-and-test')
    await press(page, '#dialog-yes')
    await look('busy')
    await release()
    await summary(/^Not saved, because a check failed/)
    expect(await page.locator('[data-outcome="failed"]').count()).toBe(1)
    expect(await page.locator('#results > li').first().getAttribute('data-check')).toBe('credential')
    expect(await page.locator('[data-check="credential"]').textContent()).toContain('AADSTS7000215')
    expect(await page.locator('#results-passed').isVisible()).toBe(true)
    expect(saved()).toEqual([])
    await look('failed')
    await press(page, '#save-despite')
    await look('question-despite')
    expect(await dialogLines()).toContain('Client credential failed.')
    await page.keyboard.press('Escape')
    expect([await focused(), saved()]).toEqual(['save-despite', []])
    await press(page, '[data-check="credential"] .to-field')
    expect(await focused()).toBe('credential')
  })

  test('Test sign-in tries what is not saved: a cancelled one leaves everything as it was', async () => {
    await type(page, '#credential', newSecret)
    const report = await testSignIn(undefined)
    const words = await report.locator('main').innerText()
    expect(words).toContain('would be refused')
    expect(words).not.toContain('The person')
    expect(await report.locator('a[href="/login"]').count()).toBe(0)
    await look('report-cancelled', report)
    await look('test-sign-in-failed')
    expect(saved()).toEqual([])
    const parked = stage.world.vault.versions('micetro-entra-candidate')
    expect(parked.map(({ enabled }) => enabled)).toEqual([false])

    await report.reload()
    await look('report-gone', report)
    // It has told the tab with the form, which takes its reader back, unlocked.
    await report.getByText('closes this tab').waitFor()
    await leave(report, '#back')
    expect(await page.locator('#app').isVisible()).toBe(true)
    expect(await focused()).toBe('test-sign-in')
  })

  test('from a good report one press puts the candidate in force, and the key is not asked for again', async () => {
    const report = await testSignIn('alice')
    await report.locator('li[data-step="create"]').waitFor()
    expect(await report.locator('li[data-step="join"]').count()).toBe(3)
    expect(stage.world.micetro.store.user('alice@contoso.com')).toBeUndefined()
    await look('report-good', report)
    await look('test-sign-in-good')
    await leave(report, '#put-in-force')
    await summary(/^Saved: /)
    expect(saved()).toHaveLength(1)
    // The scope was tried, so nothing was asked.
    expect(savedNow()).toMatchObject({ scope: ['User.Read', 'GroupMember.Read.All'] })
    expect(await page.locator('#credential').inputValue()).toBe('')
    await look('saved')
  })

  test('a collision shows what is known, and offers nothing to put in force', async () => {
    const report = await testSignIn('ian')
    await look('report-collision', report)
    expect(await report.locator('#put-in-force').count()).toBe(0)
    await leave(report, '#back')
  })

  test('many groups are folded, and can be searched', async () => {
    const report = await testSignIn('grace')
    await look('report-many-groups', report)
    await press(report, '#groups > summary')
    await type(report, '#group-search', 'dns adm')
    await look('report-groups-found', report)
    const download = report.waitForEvent('download')
    await press(report, '#group-csv')
    expect((await download).suggestedFilename()).toBe('groups.csv')
    await leave(report, '#back')
  })

  test('the credential and the access key are in no storage, page or address', async () => {
    const { stored, cookies, url } = await findTraces(page)
    expect([stored, url]).toEqual([[], `${stage.host.url}/config`])
    // Of Entra ID's own session there is a cookie; of ours there is none left.
    expect(cookies.filter((name) => name.includes('micetro'))).toEqual([])
    expect(await page.evaluate('indexedDB.databases().then((all) => all.length)')).toBe(0)
    expect(await page.content()).not.toContain(newSecret)
  })

  test('signs in with what was saved, without a restart', async () => {
    const person = await browser.newContext()
    const tab = await person.newPage()
    await tab.goto(`${stage.host.url}/login`)
    await press(tab, 'button[value="alice"]')
    await tab.waitForURL(stage.world.micetro.webUrl)
    expect(await tab.getByTestId('account-name').textContent()).toBe('alice@contoso.com')
    await person.close()
  })

  test('nothing harmful is saved without a question, and Escape leaves it', async () => {
    await press(page, '#enabled', 'Space')
    await type(page, '#scope', 'User.Read Foo.Bar')
    await press(page, '#match_by_name', 'Space')
    await press(page, '#save')
    await look('question-harm')
    const lines = await dialogLines()
    for (const text of ['Enabled is off', 'Foo.Bar was neither saved before nor tried', 'Match accounts by name is on'])
      expect(lines).toContain(text)
    expect(await focused()).toBe('dialog-no')
    await page.keyboard.press('Escape')
    expect(await page.locator('#dialog').isVisible()).toBe(false)
    expect(await focused()).toBe('save')
    expect(saved()).toHaveLength(1)
    expect(await page.locator('#unsaved').isVisible()).toBe(true)

    await press(page, '#lock')
    await look('question-lock')
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('lock')
    await press(page, '#history > li:last-child button[aria-label^="Load"]')
    await look('question-load')
    await press(page, '#dialog-no')
    expect(await page.locator('#enabled').isChecked()).toBe(false)

    // Leaving loses what is not saved, so the browser asks.
    const asked = page.waitForEvent('dialog')
    const leaving = page.evaluate('location.reload()').catch(() => undefined)
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    await leaving
    await press(page, '#cancel')
    await summary(/discarded/)
    expect(await page.locator('#enabled').isChecked()).toBe(true)
  })

  test('which groups decide is one question; the table looks groups up on both sides', async () => {
    await look('groups-names')
    await tabTo(page, '[name="groups_choice"]')
    expect(await focused()).toBe('groups_choice-names')
    await page.keyboard.press('ArrowUp')
    await look('groups-assigned')
    for (const _ of ['names', 'table']) await page.keyboard.press('ArrowDown')
    expect(await page.locator('#groups-table').isVisible()).toBe(true)
    const group = stage.world.directory.groups.find(({ displayName }) => displayName === 'DNS Admins')
    await type(page, '[data-column="entra"]', 'dns adm')
    await expect
      .poll(() =>
        page.locator('#entra-groups option').evaluateAll((all) => all.map((each) => Reflect.get(each, 'value'))),
      )
      .toContain(`DNS Admins (${group?.id})`)
    await type(page, '[data-column="entra"]', `DNS Admins (${group?.id})`)
    expect(
      await page.locator('#micetro-groups option').evaluateAll((all) => all.map((each) => Reflect.get(each, 'value'))),
    ).toContain('IPAM Readers')
    await type(page, '[data-column="micetro"]', 'IPAM Readers')
    await look('groups-table')
    await press(page, '#save')
    await summary(/^Saved: /)
    expect(savedNow()).toMatchObject({ groups: { match: 'id', map: { [group?.id ?? '']: 'IPAM Readers' } } })
  })

  test('whoever set the switches by hand sees them as they are', async () => {
    await press(page, '#paste-panel > summary')
    await type(page, '#paste', '{ "cloud": "usgov", "groups": { "security_only": true } }')
    await press(page, '#paste-apply')
    await look('groups-by-hand')
    await look('government')
    await press(page, '#cancel')
    await summary(/discarded/)
  })

  test('the history tells what changed, and restores with one question', async () => {
    await press(page, '#history > li:first-child summary')
    await page.getByText('A group is matched by: from not set to id').waitFor()
    await look('history')
    await press(page, '#history > li:last-child button[aria-label^="Restore"]')
    await look('question-restore')
    expect(await dialogLines()).toContain('A group is matched by: from id to not set')
    await press(page, '#dialog-yes')
    await expect.poll(() => saved().length).toBe(3)
    await summary(/^Saved: /)
    expect(savedNow()).not.toHaveProperty('groups')
  })

  test('two administrators at once: both versions are shown and merged by field', async () => {
    await press(page, '#match_by_name', 'Space')
    await type(page, '#credential', newSecret)
    await page.locator('#credential_expires').fill('2027-05-01')
    const theirs = { ...savedNow(), scope: ['User.Read'] }
    stage.world.vault.set('micetro-entra-config', JSON.stringify(theirs), { createdOn: new Date(Date.now() + 5000) })
    await press(page, '#save')
    await press(page, '#dialog-yes')
    await look('conflict')
    expect(await page.locator('[data-conflict]').evaluateAll((all) => all.map((row) => row.dataset.conflict))).toEqual([
      'scope',
      'match_by_name',
    ])
    await press(page, '#merge')
    await look('merged')
    expect(await page.locator('#scope').inputValue()).toBe('User.Read')
    expect(await page.locator('#match_by_name').isChecked()).toBe(true)
    expect(await page.locator('#credential_expires').inputValue()).toBe('2027-05-01')
    await press(page, '#save')
    await press(page, '#dialog-yes')
    await summary(/^Saved: /)
    expect(savedNow()).toMatchObject({ scope: ['User.Read'], match_by_name: true })
  })

  test('a value that is emptied falls back only after a question', async () => {
    await type(page, '#scope', '')
    await press(page, '#save')
    await look('question-fallback')
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('save')
  })

  test('a server that does not answer is said, and what was typed stays', async () => {
    await page.route('**/config/microsoft', (route) => route.abort())
    await press(page, '#cancel')
    await look('no-answer')
    await page.unroute('**/config/microsoft')
    expect(await page.locator('#scope').inputValue()).toBe('')
    await press(page, '#cancel')
    await summary(/discarded/)
  })

  test('at 200 % nothing is lost, and the action bar is in reach everywhere', async () => {
    await page.setViewportSize({ width: 640, height: 450 })
    expect(await findOverflow(page)).toBeLessThanOrEqual(0)
    await page.evaluate('scrollTo(0, 0)')
    const bottom = await page.locator('#save').evaluate((button) => button.getBoundingClientRect().bottom)
    expect(bottom).toBeLessThanOrEqual(450)
    await page.screenshot({ path: '.tools/screenshots/zoom-200.png', caret: 'initial' })
    // What has the focus is never behind the bar.
    await tabTo(page, '#scope')
    const [field, bar] = await Promise.all(
      ['#scope', '#bar'].map((selector) => page.locator(selector).evaluate((each) => each.getBoundingClientRect())),
    )
    expect(field?.bottom ?? 0).toBeLessThanOrEqual(bar?.top ?? 0)
  })

  test('locked, the page has forgotten what it showed', async () => {
    await press(page, '#lock')
    await look('locked-again')
    expect(await page.locator('#client_id').inputValue()).toBe('')
  })

  test('the walk has come to every state', () => expect(gallery.unseen).toEqual([]))

  test('no secret was printed', () => expectNoSecrets(stage))
})
