import { describe, expect, it } from 'vitest'
import { Html, html } from '../../shared/web/html.ts'

describe('Markup', () => {
  const cases: [name: string, markup: Html, text: string][] = [
    [
      'escapes what could begin an element',
      html`<p>${'<script>alert(1)</script>'}</p>`,
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    ],
    [
      'escapes quotation marks, for attributes',
      html`<a title="${'" onclick="x'}">`,
      '<a title="&quot; onclick=&quot;x">',
    ],
    ['escapes apostrophes, for attributes', html`<a title='${"' onclick='x"}'>`, "<a title='&#39; onclick=&#39;x'>"],
    ['escapes ampersands once', html`<p>${'a &amp; b'}</p>`, '<p>a &amp;amp; b</p>'],
    ['takes markup as it is', html`<p>${html`<b>${'<'}</b>`}</p>`, '<p><b>&lt;</b></p>'],
    [
      'takes a list of markup',
      html`<ul>${['a', '<'].map((each) => html`<li>${each}</li>`)}</ul>`,
      '<ul><li>a</li><li>&lt;</li></ul>',
    ],
    ['takes numbers', html`<p>${0}</p>`, '<p>0</p>'],
    ['leaves nothing for what is missing', html`<p>${undefined}</p>`, '<p></p>'],
    ['leaves text that is not dangerous alone', html`<p>${'Größe 100 % — ok'}</p>`, '<p>Größe 100 % — ok</p>'],
    ['keeps values at its ends', html`${'<'}x${'>'}`, '&lt;x&gt;'],
  ]
  for (const [name, { markup }, text] of cases) it(name, () => expect(markup).toBe(text))

  it('is told from text by its type', () => expect(html`<p></p>`).toBeInstanceOf(Html))
})
