import type { Page } from 'playwright-core'

/** Tabs after which an element counts as out of reach: more than any page has stops. */
const mostTabs = 150

/** Says in the page where the focus is, and whether somebody who looks at it can tell. */
const focusAt = (selector: string): string => `(() => {
  const element = document.activeElement
  if (!element?.matches(${JSON.stringify(selector)})) return 'elsewhere'
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  if (outlineStyle === 'none' || parseFloat(outlineWidth) === 0) return 'without a visible mark'
  const { left, right, top, bottom } = element.getBoundingClientRect()
  const hit = document.elementFromPoint((left + right) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2)
  return element.contains(hit) || hit?.contains(element) ? 'here' : 'out of view'
})()`

/**
 * Moves the focus with the Tab key alone until it is on the element, as somebody without a mouse does, and once around.
 * @throws Error when it is out of reach, or when nothing shows that it has the focus
 */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let count = 0; count < mostTabs; count += 1) {
    const focus = await page.evaluate<string>(focusAt(selector))
    if (focus === 'here') return
    if (focus !== 'elsewhere') throw new Error(`${selector} has the focus ${focus}`)
    await page.keyboard.press('Tab')
  }
  throw new Error(`the Tab key does not reach ${selector}`)
}

export async function press(page: Page, selector: string, key = 'Enter'): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.press(key)
}

/** Puts a text in the place of what a field holds. */
export async function type(page: Page, selector: string, text: string): Promise<void> {
  await press(page, selector, 'ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}
