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

  /** Looks in every way: the markup, axe and no sideways scrolling, in both schemes, and a picture of each. */
  async look(page: Page, name: Name): Promise<void> {
    await page.locator(this.#states[name]).first().waitFor()
    expect(await findMarkupFaults(await page.content()), name).toEqual([])
    for (const { colorScheme, width } of looks) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      expect(await findViolations(page), `${name} ${colorScheme} ${width}`).toEqual([])
      expect(await findOverflow(page), `${name} ${colorScheme} ${width}`).toBeLessThanOrEqual(0)
      // A caret that is hidden for the picture would leave style attributes behind.
      await page.screenshot({ path: `${pictures}/${name}-${colorScheme}.png`, fullPage: true, caret: 'initial' })
    }
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
