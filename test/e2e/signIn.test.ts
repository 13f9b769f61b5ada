import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoSecrets, mustNotBePrinted } from '../integration/noSecrets.ts'
import { goToEntra, type Stage, startStage } from '../integration/stage.ts'
import { UserAgent } from '../integration/userAgent.ts'
import { userOf } from '../simulators/directory.ts'
import { chromiumPath, findViolations, launchBrowser, settled } from './browser.ts'

describe.skipIf(chromiumPath === undefined)('sign-in in a browser', () => {
  let stage: Stage
  let browser: Browser

  beforeAll(async () => {
    stage = await startStage()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  /** A person with a browser of their own. */
  async function person(): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext()
    context.on('response', async (response) => {
      for (const cookie of await response.headersArray()) {
        if (cookie.name.toLowerCase() === 'set-cookie') mustNotBePrinted(/=([^;]+)/.exec(cookie.value)?.[1])
      }
    })
    return { context, page: await context.newPage() }
  }

  async function choose(page: Page, key: string): Promise<void> {
    await page.goto(`${stage.host.url}/login`)
    await page.locator(`button[value="${key}"]`).click()
    await settled(page)
  }

  const text = (page: Page, id: string) => page.getByTestId(id).textContent()

  const landed: [key: string, name: string, email: string, group: string | undefined][] = [
    ['alice', 'alice@contoso.com', 'alice.adams@contoso.com', 'DNS Admins'],
    ['nora', 'nora@contoso.com', 'nora.nilsson@contoso.com', undefined],
    ['grace', 'grace@contoso.com', 'grace.garcia@contoso.com', 'Team 249'],
    ['gina', 'gina@fabrikam.example', 'gina.grant@mail.example', 'IPAM Readers'],
  ]
  test.each(landed)(
    '%s lands in Micetro with the account, and a second sign-in changes nothing',
    async (key, name, email, group) => {
      const { context, page } = await person()
      await choose(page, key)
      expect(page.url()).toBe(stage.world.micetro.webUrl)
      expect(await text(page, 'account-name')).toBe(name)
      expect(await text(page, 'account-type')).toContain('External')
      expect(await text(page, 'account-full-name')).toBe(userOf(stage.world.directory, key).name)
      expect(await text(page, 'account-email')).toBe(email)
      if (group !== undefined) expect(await text(page, 'memberships')).toContain(group)
      expect(await text(page, 'changes')).not.toContain('Nothing changed')
      expect(await findViolations(page)).toEqual([])

      await choose(page, key)
      expect(await text(page, 'changes')).toContain('Nothing changed')
      const cookies = await context.cookies(stage.host.url)
      expect(cookies.filter((cookie) => cookie.name.includes('micetro-sign-in'))).toEqual([])
      await context.close()
    },
  )

  test('a user whose name belongs to an Internal account reads one sentence and a reference', async () => {
    const { context, page } = await person()
    await choose(page, 'ian')
    expect(await page.locator('h1').textContent()).toContain(
      'an account with your sign-in name that is not for sign-in with Entra ID',
    )
    expect(await page.locator('dl').textContent()).toMatch(/[0-9a-f-]{36}/)
    expect(await findViolations(page)).toEqual([])
    await context.close()
  })

  test('a user who is not assigned is told so by Entra ID, and by us when it sends the browser back', async () => {
    const { context, page } = await person()
    await choose(page, 'una')
    expect(await page.locator('main').textContent()).toContain('AADSTS50105')
    stage.world.entra.behaviour.unassigned = 'redirect'
    await choose(page, 'una')
    expect(page.url()).toContain(stage.host.url)
    expect(await page.locator('main').textContent()).toContain(
      'Unverified: the browser says that Entra ID answered AADSTS50105',
    )
    stage.world.entra.behaviour.unassigned = 'page'
    await context.close()
  })

  test('cancelling at Entra ID leads to a page with a way on', async () => {
    const { context, page } = await person()
    await page.goto(`${stage.host.url}/login`)
    await page.locator('button[name="cancel"]').click()
    await page.getByRole('heading', { name: 'was cancelled' }).waitFor()
    await page.getByRole('link', { name: 'Start again' }).click()
    await page.getByRole('heading', { name: 'Pick an account' }).waitFor()
    await context.close()
  })

  test('two tabs sign in at once', async () => {
    const { context, page } = await person()
    const other = await context.newPage()
    await page.goto(`${stage.host.url}/login`)
    await other.goto(`${stage.host.url}/login`)
    for (const each of [page, other]) {
      await each.locator('button[value="nora"]').click()
      await each.waitForURL(stage.world.micetro.webUrl)
    }
    await context.close()
  })

  test('going back after a sign-in, or posting its answer again, redeems nothing a second time', async () => {
    const { context, page } = await person()
    let answer = { url: '', data: '' }
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/mmws/auth_cb/'))
        answer = { url: request.url(), data: request.postData() ?? '' }
    })
    await choose(page, 'nora')
    const redeemed = () => stage.world.entra.requests.filter(({ path }) => path.endsWith('/token')).length
    const before = redeemed()
    await page.goBack()
    await page.goBack()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const again = await context.request.post(answer.url, { data: answer.data, headers })
    expect(await again.text()).toMatch(/This sign-in is done|already completed/)
    expect(redeemed()).toBe(before)
    await context.close()
  })

  test.each(['with', 'without'])('without https the answer takes one same-site step, %s scripts', async (scripts) => {
    const context = await browser.newContext({ javaScriptEnabled: scripts === 'with' })
    const page = await context.newPage()
    const answers: number[] = []
    page.on('response', (response) => {
      if (response.url().includes('/mmws/auth_cb/')) answers.push(response.status())
    })
    await page.goto(`${stage.host.url}/login`)
    await page.locator('button[value="nora"]').click()
    if (scripts === 'without') {
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('heading', { name: 'Completing your sign-in' }).waitFor()
      await page.getByRole('button', { name: 'Continue' }).click()
    }
    await page.waitForURL(stage.world.micetro.webUrl)
    expect(answers).toEqual([200, 303])
    await context.close()
  })

  test('the same-site step is accessible', async () => {
    const { callback } = await goToEntra(stage, 'nora')
    const { origin, pathname, searchParams } = new URL(callback)
    const step = await new UserAgent().post(origin + pathname, Object.fromEntries(searchParams))
    const { context, page } = await person()
    await page.setContent(step.body.replace(/<script>[\s\S]*<\/script>/, ''))
    expect(await page.locator('h1').textContent()).toBe('Completing your sign-in')
    expect(await findViolations(page)).toEqual([])
    await context.close()
  })

  test('no secret was printed', () => expectNoSecrets(stage))
})
