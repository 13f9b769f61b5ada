import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe finds wrong with a page. The page's own policy forbids foreign scripts, so axe runs in the isolated world of
 * the debugging protocol.
 */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source)
  const found: unknown = await page.evaluate(
    `axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  )
  return found as string[]
}
