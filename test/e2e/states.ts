import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { findOverflow, findViolations } from './browser.ts'
import { findMarkupFaults } from './markupFaults.ts'

/** Where pictures go, for people to look at. */
const pictures = '.tools/screenshots'

/** Narrow and wide, dark and light; the last one is how a walk goes on. */
const looks = [
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'light', width: 1280 },
] as const

/**
 * Names that belong to files and programs where a page has words of its own. What a pasted file says, what Entra ID says, an address
 * and the code of an error behind its sentence are no such names.
 */
const keysIn = (text: string): string[] =>
  text
    .replace(
      /"[a-z_]+" must be|Error:?\s+[a-z_]+|\bext_auth_conf\.json\b|\/auth_cb\/|\bpreferred_username\b|\b(?:invalid_client|access_denied)\b/g,
      '',
    )
    .match(/\b[a-z]+(?:_[a-z]+)+\b|\b(?:groups|between_sign_ins)\.[a-z]+/g) ?? []

/** Looks at each state that a walk comes to, and knows which it has not come to. */
export class Gallery<Name extends string> {
  readonly #states: Readonly<Record<Name, string>>
  readonly #unseen: Set<string>

  /** @param states the name of each, and what can be seen in it and in no other */
  constructor(states: Readonly<Record<Name, string>>) {
    mkdirSync(pictures, { recursive: true })
    this.#states = states
    this.#unseen = new Set(Object.keys(states))
  }

  /** Looks in every way: the words, the markup, axe and no sideways scrolling, in both schemes, and a picture of each. */
  async look(page: Page, name: Name): Promise<void> {
    await page.locator(this.#states[name]).first().waitFor()
    expect(await findMarkupFaults(await page.content()), name).toEqual([])
    expect(keysIn(await page.locator('main').innerText()), name).toEqual([])
    const scrolled = await page.evaluate<number>('scrollY')
    for (const { colorScheme, width } of looks) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      expect(await findViolations(page), `${name} ${colorScheme} ${width}`).toEqual([])
      expect(await findOverflow(page), `${name} ${colorScheme} ${width}`).toBeLessThanOrEqual(0)
      const height = await page.evaluate<number>('document.documentElement.scrollHeight')
      // In a window as high as the page, so that the bar at the bottom hides nothing.
      await page.setViewportSize({ width, height: Math.max(900, height) })
      // A caret that is hidden for the picture would leave style attributes behind.
      await page.screenshot({ path: `${pictures}/${name}-${colorScheme}.png`, caret: 'initial' })
      await page.setViewportSize({ width, height: 900 })
    }
    // What has the focus is where it was.
    await page.evaluate(`scrollTo(0, ${scrolled})`)
    this.#unseen.delete(name)
  }

  /** States that no walk has come to. */
  get unseen(): string[] {
    return [...this.#unseen]
  }
}

/** Calls of a page to a path that wait until they are let go. */
export async function hold(page: Page, path: string): Promise<() => Promise<void>> {
  const gate = Promise.withResolvers<void>()
  await page.route(path, async (route) => {
    await gate.promise
    await route.continue()
  })
  return async () => {
    gate.resolve()
    await page.unrouteAll({ behavior: 'wait' })
  }
}
