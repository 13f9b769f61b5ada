import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Where Debian, Ubuntu and CHROMIUM_PATH have it. */
export const chromiumPath: string | undefined = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path))

if (chromiumPath === undefined) {
  console.warn('The tests in a browser are skipped: no Chromium was found. Install it, or set CHROMIUM_PATH.')
}

/**
 * A browser of its own, with an empty profile, that talks to nobody by itself.
 * @param names host names that lead to this machine
 */
export function launchBrowser(names: readonly string[] = []): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium')
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(',')}`,
    ],
  })
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Waits until a sign-in has ended on some page, through those that only lead on. */
export function settled(page: Page): Promise<void> {
  const passing = /^(Pick an account|Going back to the application|Completing your sign-in)$/
  return page.locator('h1').filter({ hasNotText: passing }).waitFor()
}

/** Rules that a page breaks, with the elements; empty when it is accessible as far as axe can tell. */
export async function findViolations(page: Page): Promise<string[]> {
  // As text: an evaluated script is not held up by the page's own policy, a script element would be.
  if (await page.evaluate<boolean>("typeof axe === 'undefined'")) await page.evaluate(`${axe}; undefined`)
  return page.evaluate<string[]>(
    "axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ' at ' + nodes.map(({ html }) => html).join(', ')))",
  )
}

/** How far a page is wider than its window, in pixels. */
export function findOverflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** What a page has left in the browser. */
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
