import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoSecrets, mustNotBePrinted } from '../integration/noSecrets.ts'
import { type Stage, startStage } from '../integration/stage.ts'
import { pythonProblem } from '../simulators/centralScript.ts'
import { pairwiseSubject, userOf } from '../simulators/directory.ts'
import { allUsers } from '../simulators/micetroStore.ts'
import { chromiumPath, findViolations, launchBrowser } from './browser.ts'

const problem = pythonProblem()
if (problem !== undefined) console.warn(`The tests of Micetro's own button are skipped: ${problem}`)

describe.skipIf(chromiumPath === undefined || problem !== undefined)('Micetro’s own button in a browser', () => {
  let stage: Stage
  let browser: Browser

  beforeAll(async () => {
    stage = await startStage({ centralButton: true })
    stage.world.micetro.central.configure({ functionKey: stage.host.functionKey })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  /** A person with a browser of their own. */
  async function person(): Promise<{ context: BrowserContext; page: Page; visited: string[] }> {
    const context = await browser.newContext()
    const page = await context.newPage()
    const visited: string[] = []
    page.on('request', (request) => {
      if (!request.isNavigationRequest()) return
      const { origin, pathname, searchParams } = new URL(request.url())
      visited.push(origin + pathname)
      for (const name of ['code', 'nonce']) mustNotBePrinted(searchParams.get(name))
    })
    return { context, page, visited }
  }

  const text = (page: Page, id: string) => page.getByTestId(id).textContent()

  async function pressButton(page: Page, key: string): Promise<void> {
    await page.goto(`${stage.world.micetro.webUrl}login`)
    await page.getByRole('link', { name: 'Log in with Azure' }).click()
    await page.locator(`button[value="${key}"]`).click()
    await page.waitForURL((url) => url.port === String(stage.world.micetro.web.port))
  }

  test('leads to Entra ID, the function, Central and a session; again without a change; and out', async () => {
    const { context, page, visited } = await person()
    const { micetro, entra, directory } = stage.world
    await page.goto(`${micetro.webUrl}login`)
    expect(await findViolations(page)).toEqual([])

    await pressButton(page, 'alice')
    expect(page.url()).toBe(micetro.webUrl)
    const tenant = `${entra.browserUrl}/${directory.home.id}`
    expect(visited.slice(-6)).toEqual([
      `${micetro.web.url}/login/microsoft`,
      `${tenant}/oauth2/v2.0/authorize`,
      `${tenant}/login`,
      `${stage.host.url}/mmws/auth_cb/microsoft`,
      `${micetro.web.url}/mmws/auth_cb/microsoft`,
      micetro.webUrl,
    ])
    expect(await page.locator('h1').textContent()).toBe('Signed in as Alice Adams')
    expect(await text(page, 'account-type')).toBe('External')
    expect(await text(page, 'account-email')).toBe('alice.adams@contoso.com')
    expect(await text(page, 'changes')).toContain('The account was created')
    expect(micetro.store.user('alice@contoso.com')?.externalID).toBe(
      pairwiseSubject(userOf(directory, 'alice'), directory.app.clientId),
    )
    expect(micetro.store.memberships('alice@contoso.com')).toEqual([
      allUsers,
      'CONTOSO\\DHCP-Operators',
      'DNS Admins',
      'IPAM Readers',
    ])
    expect(await findViolations(page)).toEqual([])

    await page.getByRole('button', { name: 'Log out' }).click()
    expect(page.url()).toBe(`${micetro.webUrl}login`)
    const cookies = await context.cookies(micetro.webUrl)
    expect(cookies.map(({ name }) => name)).not.toContain('mm-session')

    await pressButton(page, 'alice')
    expect(await text(page, 'changes')).toBe('Nothing changed')
    expect(micetro.store.audit).toEqual([])
    await context.close()
  })

  test('after a sign-in by the application needs no second account', async () => {
    const { context, page } = await person()
    await page.goto(stage.world.micetro.webUrl)
    await page.getByTestId('sign-in').click()
    await page.locator('button[value="gina"]').click()
    await page.waitForURL(stage.world.micetro.webUrl)
    expect(await page.locator('h1').textContent()).toContain('Gina Grant')
    expect(await page.getByRole('button', { name: 'Log out' }).count()).toBe(0)
    expect(await findViolations(page)).toEqual([])
    await page.getByTestId('central-sign-in').click()
    await page.locator('button[value="gina"]').click()
    await page.waitForURL(stage.world.micetro.webUrl)
    expect(await page.locator('h1').textContent()).toBe('Signed in as Gina Grant')
    expect(await text(page, 'changes')).toBe('Nothing changed')
    await context.close()
  })

  test('an answer by form_post is bounced as well', async () => {
    const { context, page } = await person()
    await page.route('**/oauth2/v2.0/authorize?**', (route) =>
      route.continue({ url: `${route.request().url()}&response_mode=form_post` }),
    )
    await pressButton(page, 'nora')
    await page.waitForURL(stage.world.micetro.webUrl)
    expect(await page.locator('h1').textContent()).toBe('Signed in as Nora Nilsson')
    await context.close()
  })

  test('Entra ID asks for another step: the user goes there once more', async () => {
    const { context, page } = await person()
    stage.world.entra.next('interactionRequired')
    await page.goto(`${stage.world.micetro.webUrl}login/microsoft`)
    await page.locator('button[value="nora"]').click()
    await page.locator('button[value="nora"]').click()
    await page.waitForURL(stage.world.micetro.webUrl)
    expect(await page.locator('h1').textContent()).toBe('Signed in as Nora Nilsson')
    await context.close()
  })

  test('cancelling, and a name that belongs to another kind of account, end on a page that says so', async () => {
    const { context, page } = await person()
    await page.goto(`${stage.world.micetro.webUrl}login/microsoft`)
    await page.locator('button[name="cancel"]').click()
    await page.waitForURL((url) => url.port === String(stage.world.micetro.web.port))
    expect(await text(page, 'login-error')).toMatch(/\(unverified_error, reference [0-9a-f-]{36}\)/)
    expect(await findViolations(page)).toEqual([])
    await page.getByRole('link', { name: 'Back to the login page' }).click()
    await pressButton(page, 'ian')
    expect(await text(page, 'login-error')).toContain('"ian@contoso.com" already exists')
    await context.close()
  })

  test('no secret was printed', () => expectNoSecrets(stage))
})
