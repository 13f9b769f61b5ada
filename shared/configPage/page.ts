import type { HttpResponseInit } from '@azure/functions'
import { isLoopback } from '../configuration/settings.ts'
import type { Exchange } from '../web/exchange.ts'
import { type Html, html } from '../web/html.ts'
import { renderPage } from '../web/page.ts'
import { reviewSection } from './reviewSection.ts'
import { configPageScript } from './script.atBuild.ts'
import {
  actionBar,
  applicationSection,
  credentialSection,
  dialogSection,
  groupsSection,
  historySection,
  optionalSection,
  pasteSection,
  resultsSection,
} from './sections.ts'
import { configPageStyle } from './style.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The access key, where the page may show it: on the light host, and beside a simulated vault only. The platform never
 * sets this variable.
 */
export function localAccessKey(env: Environment): string | undefined {
  const vault = URL.parse(env.KEY_VAULT_URL ?? '')
  return vault !== null && isLoopback(vault) ? env.HOST_FUNCTION_KEY || undefined : undefined
}

/** `GET /config`: the Save and Test page; it holds no data until the access key is given. */
export async function configPage(_exchange: Exchange, env: Environment = process.env): Promise<HttpResponseInit> {
  return renderConfigPage(localAccessKey(env))
}

/** @param accessKey shown, for local development */
export function renderConfigPage(accessKey: string | undefined): HttpResponseInit {
  return renderPage({
    title: 'Save and Test: sign-in with Microsoft Entra ID',
    style: configPageStyle,
    script: configPageScript,
    policy: "connect-src 'self'",
    body: html`<main class="wide">
<header>
<p class="mark">Micetro &middot; Microsoft Entra ID</p>
<h1>Configure <span class="together">sign-in</span> with Microsoft Entra ID</h1>
</header>
<noscript><p class="notice bad">This page needs JavaScript: it asks the server for the configuration only after you have given the access key.</p></noscript>
${unlockForm(accessKey)}
<div id="app" hidden>
<div id="notice" class="notice" tabindex="-1" role="group" aria-label="Message" data-testid="notice" hidden></div>
<form id="config-form" autocomplete="off" novalidate>
${pasteSection}
${applicationSection}
${credentialSection}
${groupsSection}
${optionalSection}
</form>
${resultsSection}
${reviewSection}
${historySection}
${actionBar}
</div>
${dialogSection}
</main>`,
  })
}

function unlockForm(accessKey: string | undefined): Html {
  // No name on the field: whatever becomes of the script, nothing sends it as part of an address.
  return html`<form id="unlock-form" class="unlock" autocomplete="off" novalidate>
<p>Enter the access key to see and change the configuration. It is a function key of the function app (Azure portal: the function app, <b>App keys</b>).</p>
<label for="access-key">Access key</label>
<div class="row">
<input id="access-key" data-testid="access-key" type="password" autocomplete="one-time-code" spellcheck="false" aria-describedby="access-key-note unlock-message">
<button id="unlock" data-testid="unlock" type="submit">Unlock</button>
</div>
<p class="note" id="access-key-note">The key stays in this page&rsquo;s memory and is forgotten when you leave.</p>
<p class="fault" id="unlock-message" data-testid="unlock-message" role="alert"></p>
${
  accessKey === undefined
    ? undefined
    : html`<div class="notice warn" id="local-hint" data-testid="local-hint">
<p>Local development: the access key is <code id="local-key">${accessKey}</code></p>
<button type="button" class="plain small" id="fill-key" data-testid="fill-key">Fill it in</button>
</div>`
}
</form>`
}
