import { type Html, html } from '../web/html.ts'

interface Field {
  /** Id of the control. */
  id: string
  label: string
  /** Key of the configuration; the page shows where its value comes from. Empty: a part of another key. */
  key: string
  control: Html
  note?: Html
  /** Stands after the field, such as buttons. */
  after?: Html
}

const source = (id: string, key: string): Html =>
  html`<span class="source" id="${id}-source"${key === '' ? undefined : html` data-source-of="${key}"`}></span>`

/** A label, its control, what to know about it, and room for what is wrong with it. */
export function field({ id, label, key, control, note, after }: Field): Html {
  return html`<div class="field" data-field="${id}" id="${id}-field">
<div class="label"><label for="${id}">${label}</label>${source(id, key)}</div>
${control}
${note === undefined ? undefined : html`<p class="note" id="${id}-note">${note}</p>`}
<p class="fault" id="${id}-fault" hidden></p>
${after}
</div>`
}

/** A check box with its label beside it. */
export function checkField({ id, label, key, note, after }: Omit<Field, 'control'>): Html {
  return html`<div class="field" data-field="${id}" id="${id}-field">
<div class="label">
<label class="choice"><input type="checkbox" id="${id}" data-testid="${id}" aria-describedby="${describedBy(id, note !== undefined)}"><span>${label}</span></label>
${source(id, key)}
</div>
${note === undefined ? undefined : html`<p class="note" id="${id}-note">${note}</p>`}
<p class="fault" id="${id}-fault" hidden></p>
${after}
</div>`
}

/** What a reader of the screen is told with the control: the note, the source and the fault. */
export const describedBy = (id: string, hasNote: boolean): string =>
  [...(hasNote ? [`${id}-note`] : []), `${id}-source`, `${id}-fault`].join(' ')

export function textField(given: Omit<Field, 'control'> & { placeholder?: string }): Html {
  const { id, note, placeholder = '' } = given
  return field({
    ...given,
    control: html`<input id="${id}" data-testid="${id}" type="text" placeholder="${placeholder}" autocomplete="off" spellcheck="false" autocapitalize="off" aria-describedby="${describedBy(id, note !== undefined)}">`,
  })
}

export function areaField(given: Omit<Field, 'control'> & { placeholder?: string; rows: number }): Html {
  const { id, note, placeholder = '', rows } = given
  return field({
    ...given,
    control: html`<textarea id="${id}" data-testid="${id}" rows="${rows}" placeholder="${placeholder}" autocomplete="off" spellcheck="false" autocapitalize="off" aria-describedby="${describedBy(id, note !== undefined)}"></textarea>`,
  })
}
