import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explain } from '../../shared/catalogue.ts'
import { knownAadsts } from '../../shared/entra/aadsts.ts'
import type { Failure } from '../../shared/failure.ts'
import { errorPage, type Surroundings } from '../../shared/web/errorPage.ts'
import { everyFailure } from '../everyFailure.ts'
import { chromiumPath, findOverflow, findViolations, launchBrowser, looks } from './browser.ts'
import { findMarkupFaults } from './markupFaults.ts'

const micetro = 'https://micetro.contoso.com/'
const account = 'alice@contoso.com'
const correlationId = '66666666-6666-4666-8666-666666666666'

interface Shown {
  failure: Failure
  surroundings: Surroundings
}

/** Where all that a page may show is known: the account that was used, and the way to Micetro. */
const full = (failure: Failure): Shown => ({ failure, surroundings: { account, micetro } })

/** Numbers of Entra ID whose page differs from that of every other number. */
const differing = knownAadsts.filter((number, index) => {
  const said = (aadsts: number): string => explain({ code: 'entra_refused', error: 'access_denied', aadsts }).user
  return knownAadsts.findIndex((other) => said(other) === said(number)) === index
})

const long = 'x'.repeat(200)
const pages: Record<string, Shown> = {
  ...Object.fromEntries(Object.values(everyFailure).map(([failure]) => [failure.code, full(failure)])),
  ...Object.fromEntries(
    differing.map((aadsts) => [`AADSTS${aadsts}`, full({ code: 'entra_refused', error: 'access_denied', aadsts })]),
  ),
  'attempt that landed': full({ code: 'attempt_used', landed: true }),
  'cancelled at Entra ID': full({ code: 'unverified_error', error: 'access_denied', cancelled: true }),
  'unassigned, as a browser says': full({ code: 'unverified_error', error: 'access_denied', aadsts: 50105 }),
  'unknown refusal': full({ code: 'entra_refused', error: 'some_new_error' }),
  'without account': {
    failure: { code: 'name_collision', name: 'a', authenticationType: 'AD' },
    surroundings: { micetro },
  },
  'without Micetro': { failure: { code: 'attempt_used', landed: true }, surroundings: { account } },
  'without any step': { failure: { code: 'sign_in_disabled' }, surroundings: {} },
  'long account': { failure: { code: 'external_id_conflict', name: 'a' }, surroundings: { account: long, micetro } },
  'long administrator part': full({
    code: 'config_invalid',
    problems: Array.from({ length: 20 }, (_, index) => `ENTRA_SETTING_${index} must be ${long}`),
  }),
}

const rendered = (shown: Shown) => errorPage(shown.failure, correlationId, shown.surroundings)

test('every error page is valid HTML', async () => {
  for (const [name, shown] of Object.entries(pages))
    expect(await findMarkupFaults(String(rendered(shown).body)), name).toEqual([])
})

describe.skipIf(chromiumPath === undefined)('every error page in Chromium', () => {
  /** `ERROR_PAGES=<folder>` keeps a picture of each. */
  const pictures = process.env.ERROR_PAGES
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  test.each(looks)('is accessible and fits in $colorScheme at $width pixels', async ({ colorScheme, width }) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 700 } })
    for (const [name, shown] of Object.entries(pages)) {
      await page.setContent(String(rendered(shown).body))
      expect(await page.textContent('h1'), name).toBe(explain<Failure['code']>(shown.failure).user)
      expect(await findViolations(page), name).toEqual([])
      expect(await findOverflow(page), name).toBe(0)
      if (pictures === undefined) continue
      const folder = join(pictures, `${colorScheme}-${width}`)
      mkdirSync(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
    }
    await page.close()
  })
})
