import type { HttpResponseInit } from '@azure/functions'
import { html } from './html.ts'
import { renderPage } from './page.ts'

/** Marks a form as posted by our own page, so that the step is taken once only. */
export const stepField = 'same_site'

/** What a form_post may carry on; anything else is left behind. */
const carried = ['code', 'state', 'session_state', 'error', 'error_description', 'error_subcode', 'iss']

const script = 'document.forms[0].submit()'

/**
 * A form_post comes from another site, where a browser may hold the cookie back: `Lax` without https, or by its own
 * rules. This page posts the same fields again from our own site, with the cookie; without scripts a button does it.
 * @param leadsTo origins that the answer may redirect to; browsers hold a form's policy against redirects too
 */
export function sameSiteStep(fields: URLSearchParams, action: string, leadsTo: readonly string[]): HttpResponseInit {
  const inputs = carried.flatMap((name) => {
    const value = fields.get(name)
    return value === null ? [] : [html`<input type="hidden" name="${name}" value="${value}">`]
  })
  return renderPage({
    title: 'Sign-in to Micetro',
    script,
    formAction: ["'self'", ...leadsTo].join(' '),
    body: html`<main>
<p class="mark">Sign-in to Micetro with Microsoft Entra ID</p>
<h1>Completing your sign-in</h1>
<form method="post" action="${action}">
${inputs}<input type="hidden" name="${stepField}" value="1">
<button type="submit">Continue</button>
</form>
</main>`,
  })
}
