import type { HttpResponseInit } from '@azure/functions'
import { explain } from '../catalogue.ts'
import type { Failure, FailureCode } from '../failure.ts'
import type { Property } from '../micetro/client.ts'
import type { DryRunReport, ReportedGroup } from '../signIn/dryRun.ts'
import type { Plan, Step } from '../sync/planSync.ts'
import { dryRunPageStyle } from './dryRunPageStyle.ts'
import { dryRunScript } from './dryRunScript.atBuild.ts'
import { type Html, html } from './html.ts'
import { renderPage } from './page.ts'

/** The attempt had come back before, or is too old: there is nothing left to report. */
const gone: readonly FailureCode[] = ['attempt_used', 'attempt_missing', 'attempt_stale', 'candidate_gone']

/** A list that is longer than this is folded. */
const mostOpen = 20

/**
 * The report of a Test sign-in, as far as it came. Whoever reads it holds the access key, so it has the administrator's
 * hints. It leads back to the configuration and never to a sign-in.
 * @param attempt tells the tab with the form which attempt this was
 */
export function dryRunPage(
  report: DryRunReport,
  correlationId: string,
  attempt: string,
  status?: number,
): HttpResponseInit {
  const { facts, warnings, plan, refusal } = report
  const isGone = refusal !== undefined && gone.includes(refusal.code)
  const outcome = outcomeOf(report, isGone)
  return renderPage({
    title: 'Test sign-in',
    status: status ?? (isGone ? explain(refusal).status : 200),
    style: dryRunPageStyle,
    script: dryRunScript,
    body: html`<main class="wide" data-attempt="${attempt}" data-outcome="${outcome}">
<p class="mark">Micetro &middot; Microsoft Entra ID</p>
<h1>Test sign-in</h1>
${refusal !== undefined && isGone ? goneSection(refusal) : headline(report)}
${refusal === undefined || isGone ? undefined : refusalSection(refusal)}
${warnings.map((warning) => html`<p class="notice warn"><b>Warning:</b> ${warning}</p>`)}
<p class="ways">
${plan === undefined || !report.candidate ? undefined : html`<button type="button" id="put-in-force" data-testid="put-in-force" hidden>Save and Test: put it in force</button>`}
<a class="button plain" id="back" data-testid="back" href="/config">Back to the configuration</a>
</p>
<p class="said" id="said" role="status"></p>
${plan === undefined ? undefined : planSection(plan)}
${
  facts.length === 0
    ? undefined
    : html`<h2>The person</h2>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}
${report.groupsRead ? groupsSection(report) : undefined}
<p class="soft reference">Reference: <code>${correlationId}</code></p>
</main>`,
  })
}

function outcomeOf({ warnings, plan }: DryRunReport, isGone: boolean): 'passed' | 'warning' | 'failed' | 'gone' {
  if (isGone) return 'gone'
  if (plan === undefined) return 'failed'
  return warnings.length > 0 ? 'warning' : 'passed'
}

const goneSection = ({ code }: Failure): Html => html`<section class="notice warn">
<h2>! This report is gone</h2>
<p>A report is shown once and kept nowhere. Start Test sign-in again on the configuration page.</p>
<dl><dt>Error</dt><dd><code>${code}</code></dd></dl>
</section>`

function headline({ plan, warnings, candidate }: DryRunReport): Html {
  const tried = candidate
    ? html`It used the values of the form, which are <b>not saved yet</b>.`
    : html`It used the <b>saved</b> configuration.`
  if (plan === undefined) return html`<p><b>Nothing was written to Micetro.</b> ${tried}</p>`
  const tone = warnings.length > 0 ? 'warn' : 'good'
  return html`<section class="notice ${tone}">
<h2>${tone === 'good' ? '✓ The sign-in would succeed' : '! The sign-in would succeed, with a warning'}</h2>
<p><b>Nothing was written to Micetro.</b> ${tried}</p>
</section>`
}

function refusalSection(refusal: Failure): Html {
  const { user, admin } = explain(refusal)
  return html`<section class="notice bad">
<h2>✕ The sign-in would be refused</h2>
<p>${user}</p>
<p><b>What to do:</b> ${admin}</p>
<p class="soft">Error: <code>${refusal.code}</code></p>
</section>`
}

function planSection({ steps, notes }: Plan): Html {
  const items = html`<ol class="steps">${steps.map(stepItem)}</ol>`
  const folded = html`<details id="changes"><summary>${steps.length} changes</summary>${items}</details>`
  const list =
    steps.length === 0
      ? html`<p>Nothing would change: Micetro already says what Entra ID says.</p>`
      : steps.length > mostOpen
        ? folded
        : items
  return html`<h2>What would change in Micetro</h2>
${list}
${notes.length === 0 ? undefined : html`<ul class="plain-list">${notes.map((note) => html`<li class="note">${note}.</li>`)}</ul>`}`
}

const propertyNames: Record<Property, string> = { fullName: 'Full name', email: 'E-mail', externalID: 'External ID' }

function stepItem(step: Step): Html {
  switch (step.do) {
    case 'create': {
      const { name, fullName, email, externalID } = step.user
      return item(
        'create',
        'Create',
        html`External user <b>${name}</b>
<dl><dt>Full name</dt><dd>${orNone(fullName)}</dd><dt>E-mail</dt><dd>${orNone(email)}</dd><dt>External ID</dt><dd>${orNone(externalID)}</dd></dl>`,
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

function groupsSection({ groups, groupCount, plan }: DryRunReport): Html {
  if (groupCount === 0) return html`<h2>Groups in Entra ID</h2><p>Entra ID gave none.</p>`
  const found = groups.filter(({ micetro }) => micetro.length > 0)
  // Without a plan Micetro's groups may not have been read: that none matches is known only when one does, or there is a plan.
  const matched = plan === undefined && found.length === 0 ? undefined : found
  const sorted =
    matched === undefined
      ? groups
      : groups.toSorted((a, b) => Math.sign(b.micetro.length) - Math.sign(a.micetro.length))
  const cut =
    groups.length < groupCount
      ? `The first ${groups.length} of ${groupCount} groups`
      : `${groupCount} ${groupCount === 1 ? 'group' : 'groups'}`
  const caption = matched === undefined ? `${cut}.` : `${cut}, ${matched.length} with a match in Micetro.`
  return html`<h2>Groups in Entra ID</h2>
<details id="groups"${groups.length > mostOpen ? undefined : html` open`}>
<summary>${caption}</summary>
<div class="tools" id="group-tools" hidden>
<label for="group-search">Search</label>
<input type="search" id="group-search" data-testid="group-search" autocomplete="off" spellcheck="false">
<a class="button plain" id="group-csv" data-testid="group-csv" href="/config" download="groups.csv">Download as CSV</a>
<p class="note" id="group-found" role="status"></p>
</div>
<table>
<thead><tr><th scope="col">In Entra ID</th><th scope="col">Object ID</th>${matched === undefined ? undefined : html`<th scope="col">In Micetro</th><th scope="col">Matched by</th>`}</tr></thead>
<tbody>${sorted.map((group) => groupRow(group, matched !== undefined))}</tbody>
</table>
</details>`
}

const matchedBy: Record<NonNullable<ReportedGroup['by']>, string> = { id: 'object ID', name: 'name' }

function groupRow({ name, id, micetro, by }: ReportedGroup, withMatch: boolean): Html {
  const match = micetro.join(', ')
  return html`<tr>
<th scope="row" data-value="${name}">${name === '' ? '(name not known)' : name}</th>
<td data-value="${id}">${id === '' ? html`<span class="soft">not given</span>` : html`<code>${id}</code>`}</td>
${
  withMatch
    ? html`<td data-value="${match}">${match === '' ? html`<span class="soft">no match</span>` : match}</td>
<td data-value="${by}">${by === undefined ? undefined : matchedBy[by]}</td>`
    : undefined
}
</tr>`
}
