import { html } from '../web/html.ts'
import { field } from './fields.ts'

/** The settings of what happens between sign-ins, among the optional ones. */
export const betweenSignInsFields = html`${field({
  id: 'between_mode',
  label: 'Between sign-ins',
  key: 'between_sign_ins',
  control: html`<select id="between_mode" data-testid="between_mode" aria-describedby="between_mode-note between_mode-source between_mode-fault">
<option value="off">Off</option>
<option value="report">Report: write nothing</option>
<option value="enforce">Enforce: remove memberships</option>
</select>`,
  note: html`A timer asks Entra ID about every External account, so that who leaves loses their rights. It needs application permissions, see <b>Access review</b> below.`,
})}
<div id="between_more" hidden>
${field({
  id: 'between_not_found',
  label: 'An account whose person nobody in the tenant is',
  key: 'between_sign_ins',
  control: html`<select id="between_not_found" data-testid="between_not_found" aria-describedby="between_not_found-source between_not_found-fault">
<option value="report">is reported</option>
<option value="remove">loses every group, as if deleted</option>
</select>`,
})}
${field({
  id: 'between_brake',
  label: 'Brake, in per cent of all External accounts',
  key: 'between_sign_ins',
  control: html`<input id="between_brake" data-testid="between_brake" type="number" min="1" max="100" step="1" autocomplete="off" aria-describedby="between_brake-note between_brake-source between_brake-fault">`,
  note: html`When more accounts would lose every group, nothing is written.`,
})}
</div>`

/** The access review: a report, what it says about whom, and the run that does it. */
export const reviewSection = html`<section class="part" aria-labelledby="review-heading">
<div class="part-head"><h2 id="review-heading">Access review</h2>
<p class="note">Whose rights in Micetro Entra ID no longer gives. It uses the <b>saved</b> configuration.</p></div>
<div class="part-body">
<div class="row"><button type="button" class="plain" id="review-report" data-testid="review-report">Run a report</button></div>
<p class="note">A report writes nothing. It may take up to 200 seconds. What the timer did is in the log, event <code>reconcile</code>.</p>
<p class="said" id="review-outcome" data-testid="review-outcome" role="status" tabindex="-1"></p>
<div id="review-result" hidden>
<div class="row">
<label for="review-filter">Show</label>
<select id="review-filter" data-testid="review-filter">
<option value="losing">accounts that lose something</option>
<option value="">all accounts</option>
<option value="active">active</option>
<option value="disabled">disabled</option>
<option value="deleted">deleted</option>
<option value="not_found">not found</option>
<option value="unclear">unclear</option>
</select>
<button type="button" class="plain small" id="review-csv" data-testid="review-csv">Download all as CSV</button>
</div>
<p class="note" id="review-shown" role="status"></p>
<section class="review-table" aria-label="Accounts" tabindex="0">
<table>
<thead><tr><th scope="col">Account</th><th scope="col">Verdict</th><th scope="col">Leaves</th><th scope="col">Why</th></tr></thead>
<tbody id="review-rows" data-testid="review-rows"></tbody>
</table>
</section>
<div class="notice bad" id="review-enforce-section" role="group" aria-label="Remove these memberships" hidden>
<label class="choice"><input type="checkbox" id="review-confirm" data-testid="review-confirm"><span id="review-question"></span></label>
<button type="button" class="plain small" id="review-enforce" data-testid="review-enforce">Remove now</button>
</div>
</div>
</div>
</section>`
