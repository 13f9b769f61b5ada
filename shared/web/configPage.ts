import type { HttpResponseInit } from '@azure/functions'
import type { Exchange } from './guarded.ts'
import { html } from './html.ts'
import { renderPage } from './page.ts'

/** `GET /config`: the Save and Test page; it holds no data until the access key is given. */
export async function configPage(_exchange: Exchange): Promise<HttpResponseInit> {
  return renderPage({
    title: 'Sign-in with Entra ID',
    body: html`<main class="wide"><h1>Sign-in with Entra ID</h1></main>`,
  })
}
