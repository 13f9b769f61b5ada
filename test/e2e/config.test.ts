import { mkdirSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoSecrets, mustNotBePrinted } from '../integration/noSecrets.ts'
import { type Stage, startStage } from '../integration/stage.ts'
import { chromiumPath, findOverflow, findTraces, findViolations, launchBrowser, looks } from './browser.ts'
import { findMarkupFaults } from './markupFaults.ts'

const newSecret = 'a-secret-that-the-administrator-made'

/** Where screenshots go, for people to look at. */
const pictures = '.tools/screenshots'

/** Moves the focus with the Tab key alone until it is on the element, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let count = 0; count < 120; count += 1) {
    if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)) return
    await page.keyboard.press(key)
  }
  throw new Error(`the Tab key does not reach ${selector}`)
}

async function press(page: Page, selector: string, key = 'Enter'): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.press(key)
}

async function type(page: Page, selector: string, text: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

describe.skipIf(chromiumPath === undefined)('Save and Test in a browser, by keyboard alone', () => {
  let stage: Stage
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
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

  /** Looks at a state in every way: its markup, axe, no sideways scrolling, and a picture. */
  async function look(name: string, at: Page = page): Promise<void> {
    expect(await findMarkupFaults(await at.content()), name).toEqual([])
    for (const { colorScheme, width } of looks) {
      await at.emulateMedia({ colorScheme })
      await at.setViewportSize({ width, height: 900 })
      expect(await findViolations(at), `${name} ${colorScheme} ${width}`).toEqual([])
      expect(await findOverflow(at), `${name} ${colorScheme} ${width}`).toBeLessThanOrEqual(0)
      // A caret that is hidden for the picture would leave style attributes behind.
      await at.screenshot({ path: `${pictures}/${name}-${colorScheme}-${width}.png`, fullPage: true, caret: 'initial' })
    }
    await at.emulateMedia({ colorScheme: 'light' })
  }

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

  /** Begins a Test sign-in with the form and signs in as somebody. @returns the tab with the report */
  async function testSignIn(user: string): Promise<Page> {
    await press(page, '#test-sign-in')
    await page.locator('#test-sign-in-link').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('test-sign-in-link')
    const opened = context.waitForEvent('page')
    await page.keyboard.press('Enter')
    const tab = await opened
    await tab.locator(`button[value="${user}"]`).focus()
    await tab.keyboard.press('Enter')
    await tab.locator('main[data-attempt]').waitFor()
    return tab
  }

  test('a wrong access key shows nothing', async () => {
    await page.goto(`${stage.host.url}/config`)
    await type(page, '#access-key', 'not-the-key')
    await page.keyboard.press('Enter')
    await page.locator('#unlock-message').filter({ hasText: /\S/ }).waitFor()
    expect(await page.locator('#app').isVisible()).toBe(false)
  })

  test('in local development the page shows the key, and begins with an empty tenant', async () => {
    await press(page, '#fill-key')
    await page.keyboard.press('Enter')
    await page.locator('#app').waitFor()
    expect(await page.locator('#tenant_id').inputValue()).toBe('')
    expect(await page.locator('#tenant_id-note').innerText()).toContain('Directory (tenant) ID')
    await press(page, '#test')
    expect(await page.locator('#notice').innerText()).toContain('Tenant ID is missing')
    await look('first-run')
  })

  test('a pasted file fills the form, says what it filled in, and skips another provider', async () => {
    await tabTo(page, '#paste-panel > summary', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await type(page, '#paste', '{ "microsoft": { "colour": 1, "client_id": 7, "scope": {} } }')
    await press(page, '#paste-apply')
    const faults = page.locator('#paste-fault')
    await faults.waitFor()
    expect(await faults.locator('li').count()).toBe(3)
    await look('paste-faults')
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

  test('a wrong secret fails exactly one check, which comes first and leads to its field', async () => {
    await press(page, '#save')
    await page.locator('#dialog').waitFor()
    expect(await dialogLines()).toContain('GroupMember.Read.All')
    await look('question')
    await press(page, '#dialog-yes')
    await summary(/^Not saved, because a check failed/)
    expect(await page.locator('[data-outcome="failed"]').count()).toBe(1)
    expect(await page.locator('#results > li').first().getAttribute('data-check')).toBe('credential')
    expect(await page.locator('[data-check="credential"]').textContent()).toContain('AADSTS7000215')
    expect(await page.locator('#results-passed').isVisible()).toBe(true)
    expect(saved()).toEqual([])
    await look('failed')
    await tabTo(page, '[data-check="credential"] .to-field', 'Shift+Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('credential')
  })

  test('Test sign-in tries what is not saved: a cancelled one leaves everything as it was', async () => {
    await type(page, '#credential', newSecret)
    await press(page, '#test-sign-in')
    const opened = context.waitForEvent('page')
    await page.locator('#test-sign-in-link').waitFor()
    await page.keyboard.press('Enter')
    const report = await opened
    await report.locator('button[name="cancel"]').click()
    await report.locator('main[data-attempt]').waitFor()
    const words = await report.locator('main').innerText()
    expect(words).toContain('would be refused')
    expect(words).not.toContain('The person')
    expect(await report.locator('a[href="/login"]').count()).toBe(0)
    await look('report-cancelled', report)
    await page.locator('#test-sign-in-report').filter({ hasText: 'Test sign-in failed' }).waitFor()
    expect(saved()).toEqual([])
    const parked = stage.world.vault.versions('micetro-entra-candidate')
    expect(parked.map(({ enabled }) => enabled)).toEqual([false])

    await report.reload()
    expect(await report.locator('main').innerText()).toContain('This report is gone')
    await look('report-gone', report)
    // It has told the tab with the form, which takes its reader back, unlocked.
    const closed = report.waitForEvent('close')
    await report.getByText('closes this tab').waitFor()
    await press(report, '#back').catch(() => undefined)
    await closed
    expect(await page.locator('#app').isVisible()).toBe(true)
    expect(await page.evaluate('document.activeElement.id')).toBe('test-sign-in')
  })

  test('from a good report one press puts the candidate in force, and the key is not asked for again', async () => {
    const report = await testSignIn('alice')
    await report.locator('li[data-step="create"]').waitFor()
    expect(await report.locator('li[data-step="join"]').count()).toBe(3)
    expect(stage.world.micetro.store.user('alice@contoso.com')).toBeUndefined()
    await report.locator('#put-in-force').waitFor()
    await look('report', report)
    const closed = report.waitForEvent('close')
    await press(report, '#put-in-force').catch(() => undefined)
    await closed
    await summary(/^Saved: /)
    expect(saved()).toHaveLength(1)
    // The scope was tried, so nothing was asked.
    expect(savedNow()).toMatchObject({ scope: ['User.Read', 'GroupMember.Read.All'] })
    expect(await page.locator('#credential').inputValue()).toBe('')
    await look('saved')
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
    await tab.locator('button[value="alice"]').click()
    await tab.waitForURL(stage.world.micetro.webUrl)
    expect(await tab.getByTestId('account-name').textContent()).toBe('alice@contoso.com')
    await person.close()
  })

  test('nothing harmful is saved without a question, and Escape leaves it', async () => {
    await tabTo(page, '#enabled', 'Shift+Tab')
    await page.keyboard.press('Space')
    await type(page, '#scope', 'User.Read Foo.Bar')
    await press(page, '#match_by_name', 'Space')
    await press(page, '#save')
    await page.locator('#dialog').waitFor()
    const lines = await dialogLines()
    for (const text of ['Enabled is off', 'Foo.Bar was neither saved before nor tried', 'Match accounts by name is on'])
      expect(lines).toContain(text)
    expect(await page.evaluate('document.activeElement.id')).toBe('dialog-no')
    await page.keyboard.press('Escape')
    expect(await page.locator('#dialog').isVisible()).toBe(false)
    expect(await page.evaluate('document.activeElement.id')).toBe('save')
    expect(saved()).toHaveLength(1)
    expect(await page.locator('#unsaved').isVisible()).toBe(true)

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
    await tabTo(page, '[name="groups_choice"]', 'Shift+Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('groups_choice-names')
    await page.keyboard.press('ArrowDown')
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
    await look('groups')
    await press(page, '#save')
    await summary(/^Saved: /)
    expect(savedNow()).toMatchObject({ groups: { match: 'id', map: { [group?.id ?? '']: 'IPAM Readers' } } })
  })

  test('the history tells what changed, and restores with one question', async () => {
    const [newest, first] = [page.locator('#history > li').first(), page.locator('#history > li').last()]
    await tabTo(page, '#history > li:first-child summary', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await newest.getByText('What a group is matched by: from not set to id').waitFor()
    await look('history')
    await first.getByRole('button', { name: /^Restore/ }).focus()
    await page.keyboard.press('Enter')
    await page.locator('#dialog').waitFor()
    expect(await dialogLines()).toContain('What a group is matched by: from id to not set')
    await press(page, '#dialog-yes')
    await expect.poll(() => saved().length).toBe(3)
    await summary(/^Saved: /)
    expect(savedNow()).not.toHaveProperty('groups')
  })

  test('two administrators at once: both versions are shown and merged by field', async () => {
    await tabTo(page, '#match_by_name', 'Shift+Tab')
    await page.keyboard.press('Space')
    const theirs = { ...savedNow(), scope: ['User.Read'] }
    stage.world.vault.set('micetro-entra-config', JSON.stringify(theirs), { createdOn: new Date(Date.now() + 5000) })
    await press(page, '#save')
    await press(page, '#dialog-yes')
    await page.locator('[data-conflict="scope"]').waitFor()
    expect(await page.locator('[data-conflict]').evaluateAll((all) => all.map((row) => row.dataset.conflict))).toEqual([
      'scope',
      'match_by_name',
    ])
    await look('conflict')
    await press(page, '#merge')
    await summary(/^Merged/)
    expect(await page.locator('#scope').inputValue()).toBe('User.Read')
    expect(await page.locator('#match_by_name').isChecked()).toBe(true)
    await press(page, '#save')
    await press(page, '#dialog-yes')
    await summary(/^Saved: /)
    expect(savedNow()).toMatchObject({ scope: ['User.Read'], match_by_name: true })
  })

  test('at 200 % nothing is lost, and the action bar is in reach everywhere', async () => {
    await page.setViewportSize({ width: 640, height: 450 })
    expect(await findOverflow(page)).toBeLessThanOrEqual(0)
    await page.evaluate('scrollTo(0, 0)')
    const bottom = await page.locator('#save').evaluate((button) => button.getBoundingClientRect().bottom)
    expect(bottom).toBeLessThanOrEqual(450)
    await page.screenshot({ path: `${pictures}/zoom-200.png` })
    // What has the focus is never behind the bar.
    await page.locator('#scope').focus()
    const [field, bar] = await Promise.all(
      ['#scope', '#bar'].map((selector) => page.locator(selector).evaluate((each) => each.getBoundingClientRect())),
    )
    expect(field?.bottom ?? 0).toBeLessThanOrEqual(bar?.top ?? 0)
  })

  test('no secret was printed', () => expectNoSecrets(stage))
})
