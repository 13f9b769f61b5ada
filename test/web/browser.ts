import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** Where there is no browser its tests are skipped, and this is in their name. */
export const browserIsMissing = !existsSync(executablePath)
export const needsBrowser = browserIsMissing ? ` (skipped: no Chromium at ${executablePath})` : ''

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Rules that the page breaks, with the elements; empty when it is accessible as far as axe can tell. */
export async function findViolations(page: Page): Promise<string[]> {
  // As text: an evaluated script is not held up by the page's own policy, a script element would be.
  return page.evaluate<string[]>(
    `${axe}; axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ' at ' + nodes.map(({ html }) => html).join(', ')))`,
  )
}

/** How far the page is wider than its window, in pixels. */
export async function findOverflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** What the page has left in the browser. */
export async function findTraces(page: Page): Promise<{ stored: string[]; cookies: string[]; url: string }> {
  return {
    stored: await page.evaluate<string[]>('[...Object.values(localStorage), ...Object.values(sessionStorage)]'),
    cookies: (await page.context().cookies()).map(({ name }) => name),
    url: page.url(),
  }
}

/** The four ways in which a page is looked at. */
export const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [360, 1280].map((width) => ({ colorScheme, width })),
)
