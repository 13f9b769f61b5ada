/**
 * The element of the page with this id.
 * @throws TypeError when page and script do not fit together
 */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} "${id}"`)
  return found
}

export const elementById = (id: string): HTMLElement => byId(id, HTMLElement)
export const inputById = (id: string): HTMLInputElement => byId(id, HTMLInputElement)
export const buttonById = (id: string): HTMLButtonElement => byId(id, HTMLButtonElement)

interface Make {
  class?: string
  text?: string
  children?: readonly (Node | undefined)[]
}

/** A new element; text goes in as text, so nothing that came from outside becomes markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { class: className, text, children = [] }: Make = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className !== undefined) element.className = className
  if (text !== undefined) element.textContent = text
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** The items of a list, each a text. */
export const itemsOf = (lines: readonly string[]): HTMLElement[] => lines.map((text) => make('li', { text }))

/** A button that does not submit. */
export function makeButton(text: string, className: string, onClick: () => void): HTMLButtonElement {
  const button = make('button', { class: className, text })
  button.type = 'button'
  button.addEventListener('click', onClick)
  return button
}

/** Acts on the button of the page with this id, except while it is marked as disabled. */
export function onClick(id: string, act: () => void): void {
  const button = buttonById(id)
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') !== 'true') act()
  })
}

/** A point in time as the reader writes it. */
export function makeTime(iso: string | undefined): HTMLElement {
  if (iso === undefined) return make('span', { text: 'at an unknown time' })
  const time = make('time', { text: new Date(iso).toLocaleString() })
  time.dateTime = iso
  return time
}
