import type { ServerResponse } from 'node:http'
import type { AppRegistration, DirectoryUser, Tenant } from '../directory.ts'
import { escaped, hashOf, sendHtml } from '../html.ts'
import type { EntraError, Trace } from './entraError.ts'

const style = `
:root { color-scheme: light dark; --back: #f3f5f9; --card: #fff; --text: #1b1f27; --quiet: #555e6e; --line: #d5dae3;
  --accent: #0f5fb8; --over: #eaf2fc; }
@media (prefers-color-scheme: dark) { :root { --back: #12151b; --card: #1c212a; --text: #eceff5; --quiet: #a5afbf;
  --line: #384150; --accent: #7db7f5; --over: #243044; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 2rem; box-shadow: 0 .5rem 2rem #0000001a; }
.mark { display: inline-block; margin: 0 0 1rem; padding: .15rem .6rem; border: 1px dashed var(--accent);
  border-radius: 1rem; color: var(--accent); font-size: .85rem; font-weight: 600; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; line-height: 1.3; }
p { margin: .25rem 0 1rem; color: var(--quiet); overflow-wrap: anywhere; }
ul { list-style: none; margin: 1.25rem 0 0; padding: 0; display: grid; gap: .5rem; }
button { width: 100%; padding: .7rem .9rem; text-align: left; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: .5rem; cursor: pointer; }
button:hover { background: var(--over); border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button strong { display: block; font-weight: 600; }
button span { color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0 0; font-size: .85rem;
  color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
`
const submitScript = 'document.forms[0].submit()'
// No form-action: browsers apply it to redirects after a form, and this form ends at the application's address.
const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(submitScript)}; base-uri 'none'; frame-ancestors 'none'`

/** Answers with a page of the simulator. */
export function sendPage(response: ServerResponse, status: number, title: string, body: string): void {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)} - Simulated Entra ID</title><style>${style}</style></head><body><main><p class="mark">Simulated Entra ID</p>${body}</main></body></html>`
  sendHtml(response, status, html, { policy, referrer: 'strict-origin-when-cross-origin' })
}

/** The choice of users that stands in for a sign-in. */
export function pickerPage(choice: {
  action: string
  transaction: string
  app: AppRegistration
  users: readonly DirectoryUser[]
  tenants: readonly Tenant[]
}): string {
  const tenantName = (user: DirectoryUser): string => choice.tenants.find(({ id }) => id === user.tenantId)?.name ?? ''
  const rows = choice.users.map((user, index) => {
    return `<li><button name="user" value="${escaped(user.key)}"${index === 0 ? ' autofocus' : ''}><strong>${escaped(user.name)}</strong><span>${escaped(user.preferredUsername)}, ${escaped(tenantName(user))}: ${escaped(user.label)}</span></button></li>`
  })
  return `<h1>Pick an account</h1><p>to continue to ${escaped(choice.app.displayName)}. This page imitates Microsoft's; there are no passwords.</p><form method="post" action="${escaped(choice.action)}"><input type="hidden" name="transaction" value="${escaped(choice.transaction)}"><ul>${rows.join('')}<li><button name="cancel" value="1"><strong>Cancel</strong><span>Go back without signing in</span></button></li></ul></form>`
}

export function errorPage(error: EntraError, trace: Trace): string {
  return `<h1>Sorry, but we're having trouble signing you in.</h1><p>AADSTS${error.code}: ${escaped(error.message)}</p><dl><dt>Trace ID</dt><dd>${escaped(trace.traceId)}</dd><dt>Correlation ID</dt><dd>${escaped(trace.correlationId)}</dd><dt>Timestamp</dt><dd>${escaped(trace.timestamp)}</dd></dl>`
}

/** The page that posts the answer to the application (OAuth 2.0 Form Post Response Mode). */
export function formPostPage(redirectUri: string, fields: Iterable<readonly [string, string]>): string {
  const inputs = Array.from(
    fields,
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  return `<h1>Going back to the application</h1><form method="post" action="${escaped(redirectUri)}">${inputs.join('')}<noscript><button>Continue</button></noscript></form><script>${submitScript}</script>`
}
