import type { HttpResponseInit } from '@azure/functions'
import { explain } from '../catalogue.ts'
import type { Failure } from '../failure.ts'
import type { Property } from '../micetro/client.ts'
import type { DryRunReport, ReportedGroup } from '../signIn/dryRun.ts'
import type { Plan, Step } from '../sync/planSync.ts'
import { dryRunPageStyle } from './dryRunPageStyle.ts'
import { type Html, html } from './html.ts'
import { renderPage } from './page.ts'

/** The report of a test sign-in. Whoever reads it holds the access key, so it has the administrator's hints. */
export function dryRunPage(report: DryRunReport, correlationId: string): HttpResponseInit {
  const { facts, warnings, plan, refusal } = report
  return renderPage({
    title: 'Test sign-in',
    style: dryRunPageStyle,
    body: html`<main class="wide">
<p class="mark">Micetro &middot; Microsoft Entra ID</p>
<h1>Test sign-in</h1>
<p class="notice good"><b>Nothing was written to Micetro.</b> This is what a real sign-in of this person would do.</p>
${warnings.map((warning) => html`<p class="notice warn"><b>Warning:</b> ${warning}</p>`)}
${refusal === undefined ? undefined : refusalSection(refusal)}
${plan === undefined ? undefined : planSection(plan)}
<h2>The person</h2>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${groupsSection(report)}
<p class="soft reference">Reference: <code>${correlationId}</code></p>
<p><a href="/config">Back to the configuration</a></p>
</main>`,
  })
}

function refusalSection(refusal: Failure): Html {
  const { user, admin } = explain(refusal)
  return html`<section class="notice bad">
<h2>The sign-in would be refused</h2>
<p>${user}</p>
<p><b>To mend it:</b> ${admin}</p>
<p class="soft">Error: <code>${refusal.code}</code></p>
</section>`
}

function planSection({ steps, notes }: Plan): Html {
  const list =
    steps.length === 0
      ? html`<p>Nothing would change: Micetro already says what Entra ID says.</p>`
      : html`<ol class="steps">${steps.map(stepItem)}</ol>`
  return html`<h2>What would change in Micetro</h2>
${list}
${notes.length === 0 ? undefined : html`<ul class="plain-list">${notes.map((note) => html`<li class="note">${note}.</li>`)}</ul>`}`
}

const propertyNames: Record<Property, string> = { fullName: 'Full name', email: 'E-mail', externalID: 'External id' }

function stepItem(step: Step): Html {
  switch (step.do) {
    case 'create': {
      const { name, fullName, email, externalID } = step.user
      return item(
        'create',
        'Create',
        html`External user <b>${name}</b>
<dl><dt>Full name</dt><dd>${orNone(fullName)}</dd><dt>E-mail</dt><dd>${orNone(email)}</dd><dt>External id</dt><dd>${orNone(externalID)}</dd></dl>`,
      )
    }
    case 'change':
      return item(
        'change',
        'Change',
        html`${propertyNames[step.property]}: from <del>${orNone(step.from)}</del> to <ins>${orNone(step.to)}</ins>`,
      )
    case 'leave':
      return item('leave', 'Leave', html`Group <b>${step.group}</b>`)
    case 'join':
      return item('join', 'Join', html`Group <b>${step.group}</b>`)
  }
}

const item = (kind: Step['do'], verb: string, what: Html): Html =>
  html`<li data-step="${kind}"><span class="verb ${kind}">${verb}</span><div class="what">${what}</div></li>`

const orNone = (text: string | undefined): Html => (text === undefined || text === '' ? html`(none)` : html`${text}`)

function groupsSection({ groups, groupCount }: DryRunReport): Html {
  if (groupCount === 0) return html`<h2>Groups in Entra ID</h2><p>None were given.</p>`
  const caption =
    groups.length < groupCount
      ? `The first ${groups.length} of ${groupCount} groups.`
      : `${groupCount} ${groupCount === 1 ? 'group' : 'groups'}.`
  return html`<h2>Groups in Entra ID</h2>
<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">In Entra ID</th><th scope="col">In Micetro</th><th scope="col">Matched by</th></tr></thead>
<tbody>${groups.map(groupRow)}</tbody>
</table>`
}

function groupRow({ name, id, micetro, by }: ReportedGroup): Html {
  return html`<tr>
<th scope="row">${name === '' ? '(name not known)' : name}${id === '' ? undefined : html` <code>${id}</code>`}</th>
<td>${micetro.length === 0 ? html`<span class="soft">no match</span>` : micetro.join(', ')}</td>
<td>${by}</td>
</tr>`
}
