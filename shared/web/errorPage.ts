import type { HttpResponseInit } from '@azure/functions'
import { explain } from '../catalogue.ts'
import type { Failure } from '../failure.ts'
import { html } from './html.ts'
import { renderPage } from './page.ts'
import { publicHint } from './publicHint.ts'

/** The page of a failure: a sentence, a way on, and a reference that is in the log. */
export function errorPage(failure: Failure, correlationId: string): HttpResponseInit {
  const { status, user } = explain(failure)
  const hint = publicHint(failure)
  return renderPage({
    title: 'Sign-in to Micetro',
    status,
    body: html`<main>
<p class="mark">Sign-in to Micetro with Microsoft Entra ID</p>
<h1>${user}</h1>
<p><a class="button" href="/login">Start again</a></p>
<dl>
<dt>Reference</dt><dd><code>${correlationId}</code></dd>
<dt>Error</dt><dd><code>${failure.code}</code></dd>
${hint === undefined ? undefined : html`<dt>For the administrator</dt><dd>${hint}</dd>`}
</dl>
</main>`,
  })
}
