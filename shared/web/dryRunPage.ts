import type { HttpResponseInit } from '@azure/functions'
import type { DryRunReport } from '../signIn/dryRun.ts'
import { html } from './html.ts'
import { renderPage } from './page.ts'

/** The report of a test sign-in. */
export function dryRunPage(report: DryRunReport, correlationId: string): HttpResponseInit {
  return renderPage({
    title: 'Test sign-in',
    body: html`<main class="wide"><h1>Test sign-in</h1><p>${report.groupCount} ${correlationId}</p></main>`,
  })
}
