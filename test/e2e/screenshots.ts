import { mkdirSync, statSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { signIn, startStage } from '../integration/stage.ts'
import { launchBrowser } from './browser.ts'

/** Where README and docs look for them. */
const folder = 'docs/pictures'

/** The pictures of the documentation, light and dark, from a walk through the running application. */
async function takePictures(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const stage = await startStage()
  const browser = await launchBrowser()
  const context = await browser.newContext({ viewport: { width: 960, height: 800 } })
  const shoot = async (page: Page, name: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const path = `${folder}/${name}-${colorScheme}.png`
      await page.screenshot({ path })
      console.log(`${path}: ${Math.round(statSync(path).size / 1024)} KB`)
    }
  }
  try {
    const page = await context.newPage()
    await page.goto(`${stage.host.url}/config`)
    await page.click('#fill-key')
    await page.click('#unlock')
    await page.click('#save')
    await page
      .locator('#summary')
      .filter({ hasText: /^Saved/ })
      .waitFor()
    await page.check('#groups_choice-assigned')
    await page.click('#test-sign-in')
    const opened = context.waitForEvent('page')
    await page.click('#test-sign-in-link')
    const report = await opened
    await report.click('button[value="alice"]')
    await report.locator('#put-in-force').waitFor()
    await shoot(report, 'test-sign-in')
    await page.click('#put-in-force')
    await page
      .locator('#summary')
      .filter({ hasText: /^Saved/ })
      .waitFor()
    await page.evaluate('scrollTo(0, 0)')
    await shoot(page, 'save-and-test')

    await signIn(stage, 'alice')
    const person = await browser.newPage({ viewport: { width: 720, height: 420 } })
    await person.goto(`${stage.host.url}/login`)
    await person.click('button[value="ian"]')
    await person.locator('dl').waitFor()
    await shoot(person, 'error')
  } finally {
    await browser.close()
    await stage.close()
  }
}

await takePictures()
