import { html } from '../web/html.ts'
import { field } from './fields.ts'

/** The settings of what happens between sign-ins, among the optional ones. */
export const betweenSignInsFields = html`${field({
  id: 'between_mode',
  label: 'Between sign-ins',
  key: 'between_sign_ins',
  control: html`<select id="between_mode" data-testid="between_mode" aria-describedby="between_mode-note between_mode-source between_mode-fault">
<option value="off">Off</option>
<option value="report">Report: nothing is written</option>
<option value="enforce">Enforce: memberships are removed</option>
</select>`,
  note: html`A timer asks Entra ID about every External account, so that people who leave lose their rights. It needs application permissions with admin consent: <code>User.Read.All</code> and <code>GroupMember.Read.All</code>.`,
})}
<div id="between_more" hidden>
${field({
  id: 'between_not_found',
  label: 'People who are not found',
  key: 'between_sign_ins',
  control: html`<select id="between_not_found" data-testid="between_not_found" aria-describedby="between_not_found-source between_not_found-fault">
<option value="report">are reported only</option>
<option value="remove">lose every group, as if deleted</option>
</select>`,
})}
${field({
  id: 'between_brake',
  label: 'Brake, in per cent of all External accounts',
  key: 'between_sign_ins',
  control: html`<input id="between_brake" data-testid="between_brake" type="number" min="1" max="100" step="1" autocomplete="off" aria-describedby="between_brake-note between_brake-source between_brake-fault">`,
  note: html`When more accounts than that would lose every group, a run writes nothing.`,
})}
</div>`

/** The access review: a report, what it says about whom, and the run that does it. */
export const reviewSection = html`<section class="part" aria-labelledby="review-heading">
<div class="part-head"><h2 id="review-heading">Access review</h2>
<p class="note">Who has rights in Micetro that Entra ID no longer gives. It uses the <b>saved</b> configuration.</p></div>
<div class="part-body">
<div class="row"><button type="button" class="plain" id="review-report" data-testid="review-report">Run a report</button></div>
<p class="note">A report writes nothing. It may take up to 200 seconds.</p>
<p class="note" id="review-last" data-testid="review-last"></p>
<p class="summary" id="review-outcome" data-testid="review-outcome" role="status" tabindex="-1"></p>
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
<thead><tr><th scope="col">Account</th><th scope="col">Verdict</th><th scope="col">Loses</th><th scope="col">Why</th></tr></thead>
<tbody id="review-rows" data-testid="review-rows"></tbody>
</table>
</section>
<div class="row"><button type="button" class="plain" id="review-enforce" data-testid="review-enforce" hidden>Remove these memberships</button></div>
</div>
</div>
</section>`
