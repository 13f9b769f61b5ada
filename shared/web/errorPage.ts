import type { HttpResponseInit } from '@azure/functions'
import { explain } from '../catalogue.ts'
import type { Failure } from '../failure.ts'
import { type Html, html } from './html.ts'
import { type NextStep, nextSteps } from './nextSteps.ts'
import { renderPage } from './page.ts'
import { publicHint } from './publicHint.ts'

export interface Surroundings {
  /** Sign-in name that Entra ID vouched for, where it came so far. */
  account?: string | undefined
  /** Micetro's page, where it is known. */
  micetro?: string | undefined
}

/** When a browser may ask again after a fault that passes, in seconds. */
const usualRetryAfter = 5

/** The page of a failure: a sentence, a way on, and a reference that is in the log. */
export function errorPage(
  failure: Failure,
  correlationId: string,
  { account, micetro }: Surroundings = {},
): HttpResponseInit {
  const { status, user } = explain(failure)
  const hint = publicHint(failure)
  const addresses: Record<NextStep, string | undefined> = {
    'start again': '/login',
    'use another account': '/login?prompt=select_account',
    'open Micetro': micetro,
  }
  const steps = nextSteps(failure).flatMap((step) => {
    const address = addresses[step]
    return address === undefined ? [] : [[step, address] as const]
  })
  const page = renderPage({
    title: 'Sign-in to Micetro',
    status,
    body: html`<main>
<p class="mark">Sign-in to Micetro with Microsoft Entra ID</p>
<h1>${user}</h1>
${account === undefined ? undefined : html`<p>You signed in as <strong>${account}</strong>.</p>`}
${links(steps)}<dl>
<dt>Reference</dt><dd><code>${correlationId}</code></dd>
<dt>Error</dt><dd><code>${failure.code}</code></dd>
${hint === undefined ? undefined : html`<dt>For the administrator</dt><dd>${hint}</dd>`}
</dl>
</main>`,
  })
  if (status !== 503) return page
  const seconds = 'retryAfterSeconds' in failure ? failure.retryAfterSeconds : undefined
  return { ...page, headers: { ...page.headers, 'retry-after': String(seconds ?? usualRetryAfter) } }
}

/** The first step is the button to take. */
function links(steps: readonly (readonly [NextStep, string])[]): Html | undefined {
  if (steps.length === 0) return undefined
  const link = ([step, address]: readonly [NextStep, string], index: number): Html =>
    html`<a class="button${index === 0 ? '' : ' plain'}" href="${address}">${labels[step]}</a> `
  return html`<p class="steps">${steps.map(link)}</p>
`
}

const labels: Record<NextStep, string> = {
  'start again': 'Start again',
  'use another account': 'Use another account',
  'open Micetro': 'Open Micetro',
}
