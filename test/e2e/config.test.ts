import { mkdirSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoSecrets, mustNotBePrinted } from '../integration/noSecrets.ts'
import { type Stage, startStage } from '../integration/stage.ts'
import { chromiumPath, findViolations, launchBrowser } from './browser.ts'

const newSecret = 'a-secret-that-the-administrator-made'

/** Where screenshots go, for people to look at. */
const pictures = '.tools/screenshots'

describe.skipIf(chromiumPath === undefined)('Save and Test in a browser', () => {
  let stage: Stage
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    // Nothing is configured yet but what a deployment sets: the tenant, the client and the credential come by the page.
    stage = await startStage({}, { ENTRA_TENANT_ID: '', ENTRA_CLIENT_ID: '', ENTRA_REDIRECT_URI: '' })
    stage.world.directory.app.secrets = [{ value: newSecret, expired: false }]
    mustNotBePrinted(newSecret)
    browser = await launchBrowser()
    context = await browser.newContext()
    page = await context.newPage()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  const outcomeOf = (name: string) => page.locator(`[data-check="${name}"]`).getAttribute('data-outcome')
  const settled = () =>
    expect
      .poll(() => page.locator('[data-outcome="pending"], [data-outcome="running"]').count(), { timeout: 10_000 })
      .toBe(0)

  const file = (credential: string): string =>
    JSON.stringify({
      microsoft: {
        tenant_id: stage.world.directory.home.id,
        client_id: stage.world.directory.app.clientId,
        client_credential: credential,
        redirect_uri: `http://localhost:${stage.port}/mmws/auth_cb/microsoft`,
      },
    })

  test('a wrong access key shows nothing', async () => {
    await page.goto(`${stage.host.url}/config`)
    await page.locator('#access-key').fill('not-the-key')
    await page.locator('#unlock').click()
    await page.locator('#unlock-message').filter({ hasText: /\S/ }).waitFor()
    expect(await page.locator('#app').isVisible()).toBe(false)
  })

  test('in local development the page shows the key', async () => {
    await page.locator('#fill-key').click()
    await page.locator('#unlock').click()
    await page.locator('#app').waitFor()
  })

  test('a pasted file fills the form, and a wrong secret fails exactly one check', async () => {
    await page.locator('#paste-panel > summary').click()
    await page.locator('#paste').fill(file('this-is-the-wrong-secret'))
    await page.locator('#paste-apply').click()
    expect(await page.locator('#client_id').inputValue()).toBe(stage.world.directory.app.clientId)
    await page.locator('#save').click()
    await page.locator('[data-check="credential"][data-outcome="failed"]').waitFor()
    await settled()
    expect(await page.locator('[data-outcome="failed"]').count()).toBe(1)
    expect(await page.locator('[data-check="credential"]').textContent()).toContain('AADSTS7000215')
    expect(stage.world.vault.versions('micetro-entra-config')).toEqual([])
  })

  test('mended, it passes and is saved', async () => {
    await page.locator('#credential').fill(newSecret)
    await page.locator('#credential_expires').fill('2031-05-01')
    await page.locator('#save').click()
    await page.locator('[data-check="save"][data-outcome="passed"]').waitFor()
    expect(await outcomeOf('credential')).toBe('passed')
    expect(await page.locator('#credential').inputValue()).toBe('')
    expect(stage.world.vault.versions('micetro-entra-config')).toHaveLength(1)
    const stored = stage.world.vault.versions('micetro-entra-client-credential').at(-1)
    expect(stored?.exp).toBe(Date.parse('2031-05-01') / 1000)
  })

  test('the credential and the access key are in no storage, page or address', async () => {
    const kept = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])',
    )
    const html = await page.content()
    for (const secret of [newSecret, stage.host.functionKey]) {
      expect(kept).not.toContain(secret)
      if (secret === newSecret) expect(html).not.toContain(secret)
    }
  })

  test('Test sign-in shows what would change, and writes nothing', async () => {
    const opened = context.waitForEvent('page')
    await page.locator('#test-sign-in').click()
    const link = page.locator('#test-sign-in-link')
    const tab = await Promise.race([opened, link.waitFor().then(() => undefined)])
    if (tab === undefined) await link.click()
    const report = tab ?? (await opened)
    await report.locator('button[value="alice"]').click()
    await report.locator('li[data-step="create"]').waitFor()
    expect(await report.locator('li[data-step="join"]').count()).toBe(3)
    expect(stage.world.micetro.store.user('alice@contoso.com')).toBeUndefined()
    for (const colorScheme of ['light', 'dark'] as const) {
      await report.emulateMedia({ colorScheme })
      expect(await findViolations(report)).toEqual([])
      await report.screenshot({ path: `${pictures}/dry-run-${colorScheme}.png`, fullPage: true })
    }
    await report.close()
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

  test.each(['light', 'dark'] as const)(
    'axe finds nothing wrong in %s, on a phone and on a desk',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 900 })
        expect(await findViolations(page)).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        await page.screenshot({ path: `${pictures}/config-${colorScheme}-${width}.png`, fullPage: true })
      }
    },
  )

  test('no secret was printed', () => expectNoSecrets(stage))
})
