import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { csvOf } from '../../shared/configPage/client/reviewFile.ts'
import { countVerdicts, type ReconcileReport, type ReportedAccount } from '../../shared/reconcile/report.ts'
import { chromiumPath, findOverflow, findViolations, launchBrowser } from '../e2e/browser.ts'
import { accessKey, type ConfigServer, startConfigServer } from './configServer.ts'

const accounts: ReportedAccount[] = [
  { name: 'anna@contoso.com', verdict: 'active', removals: [] },
  { name: 'bert@contoso.com', verdict: 'disabled', removals: ['DNS', '<b>NOC</b>'] },
  { name: 'carl@contoso.com', verdict: 'active', removals: ['DNS'] },
  { name: 'dora@contoso.com', verdict: 'unclear', removals: [], reason: 'several people have this name' },
]
const reportOf = (changes: Partial<ReconcileReport> = {}): ReconcileReport => ({
  mode: 'report',
  outcome: 'done',
  accounts,
  counts: countVerdicts(accounts),
  ...changes,
})

describe('an access review as a file', () => {
  it('has one line for each account, and quotes what would end a cell', () => {
    const lines = csvOf({ accounts: [{ name: 'a"b', verdict: 'deleted', removals: ['x', 'y, z'], reason: 'r' }] })
    expect(lines).toBe('\ufeff"account","verdict","removals","reason"\r\n"a""b","deleted","x; y, z","r"\r\n')
  })

  it.each(['=1+1', '+1', '-1', '@x', '\t=1'])('lets no spreadsheet take %j for a formula', (name) => {
    expect(csvOf({ accounts: [{ name, verdict: 'active', removals: [name] }] })).toContain(
      `"'${name}","active","'${name}"`,
    )
  })
})

describe.skipIf(chromiumPath === undefined)('the access review in Chromium', () => {
  let browser: Browser
  let server: ConfigServer
  let page: Page

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    server = await startConfigServer()
    page = await browser.newPage()
    page.setDefaultTimeout(10_000)
    await page.goto(`${server.url}/config`)
    await page.fill('#access-key', accessKey)
    await page.click('#unlock')
    await page.waitForSelector('#app:visible')
  })
  afterEach(async () => {
    await page.context().close()
    await server[Symbol.asyncDispose]()
  })

  const modes = () => server.seen.filter(({ path }) => path.endsWith('/reconcile')).map(({ body }) => body)
  const outcome = (text: RegExp) => page.locator('#review-outcome').filter({ hasText: text }).waitFor()
  const rows = () =>
    page
      .locator('#review-rows tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent).join(' | ')))
  const review = async (report: ReconcileReport): Promise<void> => {
    server.reconcile = () => ({ body: report })
    await page.click('#review-report')
  }

  it('shows who would lose what, and all others by the filter, as text', async () => {
    await review(reportOf())
    await outcome(/4 accounts: 2 active, 1 disabled, 0 deleted, 0 not found, 1 unclear\. 3 memberships to remove\./)
    expect(await rows()).toEqual([
      'bert@contoso.com | disabled | DNS, <b>NOC</b> | ',
      'carl@contoso.com | active | DNS | ',
    ])
    await page.selectOption('#review-filter', 'unclear')
    expect(await rows()).toEqual(['dora@contoso.com | unclear |  | several people have this name'])
    await page.selectOption('#review-filter', '')
    expect(await rows()).toHaveLength(4)
    expect(await findViolations(page)).toEqual([])
    expect(await findOverflow(page)).toBe(0)
  })

  it('removes only after a question that names the numbers was answered', async () => {
    await review(reportOf())
    await page.click('#review-enforce')
    await page.getByText('Remove 3 memberships of 2 accounts?').waitFor()
    await page.keyboard.press('Escape')
    expect(modes()).toEqual([{ mode: 'report' }])
    server.reconcile = () => ({ body: reportOf({ mode: 'enforce' }) })
    await page.click('#review-enforce')
    await page.click('#dialog-yes')
    await outcome(/3 memberships removed/)
    expect(modes()).toEqual([{ mode: 'report' }, { mode: 'enforce' }])
    expect(await page.isVisible('#review-enforce')).toBe(false)
  })

  it.each<[string, Partial<ReconcileReport>, RegExp]>([
    [
      'the brake stopped',
      { outcome: 'stopped', reason: '3 of 4 accounts would lose all.' },
      /Stopped by the brake: nothing was written\. 3 of 4/,
    ],
    ['failed', { outcome: 'failed', reason: 'Grant User.Read.All.' }, /The run failed\. Grant User\.Read\.All\./],
    ['would change nothing', { accounts: accounts.slice(0, 1) }, /0 memberships to remove/],

    ['is switched off', { outcome: 'off', accounts: [] }, /switched off in the saved configuration/],
  ])('offers no removal after a run that %s, and says why', async (_, changes, text) => {
    await review(reportOf(changes))
    await outcome(text)
    expect(await page.isVisible('#review-enforce')).toBe(false)
  })

  const since = '2026-03-01T08:00:00.000Z'
  const counts = countVerdicts(accounts)
  const last = { at: since, by: 'timer', mode: 'enforce', outcome: 'done', counts, removals: 1 }
  const on = { between_sign_ins: { mode: 'report' } }
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['while it is off', { configuration: {}, runs: { since, last } }, /^Switched off .* Report and save/],
    [
      'before any run',
      { configuration: on, runs: { since, last: null } },
      /seen no run since it started, .*2026.* workbook/,
    ],
    [
      'after one',
      { configuration: on, runs: { since, last } },
      /^Last run that this instance has seen: .*2026.*, by the timer, enforced\. Done\. 4 accounts: .* 1 membership removed\.$/,
    ],
  ])('tells of the last run %s', async (_, changes, text) => {
    server.inForce = { ...server.inForce, ...changes }
    await page.reload()
    await page.fill('#access-key', accessKey)
    await page.click('#unlock')
    await page.locator('#review-last').filter({ hasText: text }).waitFor()
    // A run of this page says what it came to by itself.
    await review(reportOf())
    await outcome(/^Done\./)
    expect(await page.textContent('#review-last')).toBe('')
  })

  it('gives all accounts as a file', async () => {
    await review(reportOf())
    await outcome(/4 accounts/)
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#review-csv')])
    expect(download.suggestedFilename()).toBe('access-review.csv')
  })

  it('the form carries the mode, what becomes of nobody’s account, and the brake', async () => {
    await page.click('#optional > summary')
    expect(await page.isVisible('#between_brake')).toBe(false)
    await page.selectOption('#between_mode', 'enforce')
    await page.selectOption('#between_not_found', 'remove')
    await page.fill('#between_brake', '25')
    await page.click('#save')
    expect(await page.innerText('#dialog-lines')).toMatch(/set to Enforce.*not found lose.*raised to 25 %/s)
    await page.click('#dialog-yes')
    await page.locator('#summary').filter({ hasText: /saved/i }).waitFor()
    const sent = server.seen.find(({ body }) => body?.save === true)?.body?.configuration
    expect(sent).toMatchObject({ between_sign_ins: { mode: 'enforce', not_found: 'remove', brake_percent: 25 } })
  })

  it('the form says nothing of it while nobody chose anything', async () => {
    await page.click('#save')
    await page.locator('#summary').filter({ hasText: /saved/i }).waitFor()
    const sent = server.seen.find(({ body }) => body?.save === true)?.body?.configuration
    expect(sent).not.toHaveProperty('between_sign_ins')
  })
})
