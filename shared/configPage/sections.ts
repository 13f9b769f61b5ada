import { clouds } from '../configuration/clouds.ts'
import { type Html, html } from '../web/html.ts'
import { areaField, checkField, describedBy, field, textField } from './fields.ts'
import { betweenSignInsFields } from './reviewSection.ts'

const keepStored = 'Never shown. Leave it empty to keep the stored one.'

export const pasteSection = html`<details class="panel" id="paste-panel" data-testid="paste-panel">
<summary>Paste ext_auth_conf.json</summary>
<div class="panel-body">
<label for="paste">Contents of the file</label>
<textarea id="paste" data-testid="paste" rows="6" autocomplete="off" spellcheck="false" autocapitalize="off" aria-describedby="paste-note paste-fault" placeholder="{ &quot;microsoft&quot;: { &quot;tenant_id&quot;: &quot;&hellip;&quot; } }"></textarea>
<p class="note" id="paste-note">Your browser reads the file and fills in the form. Nothing is sent or saved yet.</p>
<div class="fault" id="paste-fault" role="alert" hidden></div>
<div class="row"><button type="button" class="plain" id="paste-apply" data-testid="paste-apply">Fill in the form</button></div>
</div>
</details>
<div class="said" id="paste-message" role="status"></div>`

export const applicationSection = html`<section class="part" aria-labelledby="application-heading">
<div class="part-head"><h2 id="application-heading" tabindex="-1">Application</h2>
<p class="note">From the app registration in the Microsoft Entra admin center: <b>App registrations</b>, <b>Overview</b>.</p></div>
<div class="part-body">
${checkField({ id: 'enabled', label: 'Enabled', key: 'enabled', note: html`While it is off, nobody can sign in with Entra ID. Micetro&rsquo;s own login still works.` })}
${textField({ id: 'tenant_id', label: 'Tenant ID', key: 'tenant_id', placeholder: '00000000-0000-0000-0000-000000000000', note: html`Called <b>Directory (tenant) ID</b> on the Overview page of the app registration. Enter <code>organizations</code> to let several tenants in.` })}
${areaField({ id: 'allowed_tenants', label: 'Allowed tenants', key: 'allowed_tenants', rows: 2, note: html`Tenant IDs whose users may sign in, one per line.` })}
${textField({ id: 'home_tenant', label: 'Home tenant', key: 'home_tenant', placeholder: '00000000-0000-0000-0000-000000000000', note: html`The one of the allowed tenants whose groups and accounts may be matched by name. Leave it empty for none: object IDs decide then.` })}
${textField({ id: 'client_id', label: 'Client ID', key: 'client_id', placeholder: '00000000-0000-0000-0000-000000000000', note: html`Called <b>Application (client) ID</b> there.` })}
${field({
  id: 'redirect_uri',
  label: 'Redirect URI',
  key: 'redirect_uri',
  control: html`<div class="joined">
<input id="redirect_uri" data-testid="redirect_uri" type="url" autocomplete="off" spellcheck="false" aria-describedby="${describedBy('redirect_uri', true)}">
<button type="button" class="plain" id="redirect_uri-copy">Copy<span class="hidden"> the redirect URI</span></button>
</div>`,
  note: html`Register exactly this address under <b>Authentication</b>, platform <b>Web</b>.`,
  after: html`<p class="said" id="redirect_uri-copied" role="status"></p>
<div class="suggestion" id="redirect_uri-suggestion">
<p class="note">This function app&rsquo;s own: <code id="redirect_uri-suggested"></code></p>
<button type="button" class="plain small" id="redirect_uri-use" data-testid="redirect_uri-use">Use this address</button>
</div>`,
})}
</div>
</section>`

const radio = (name: string, value: string, label: Html | string): Html =>
  html`<label class="choice"><input type="radio" name="${name}" id="${name}-${value}" value="${value}"><span>${label}</span></label>`

export const credentialSection = html`<section class="part" aria-labelledby="credential-heading">
<div class="part-head"><h2 id="credential-heading">Client credential</h2>
<p class="note">Kept in Key Vault, apart from the configuration. The server never sends it back.</p></div>
<div class="part-body">
<fieldset class="field" data-field="credential_kind">
<legend class="label"><span>Kind of client credential</span><span class="source" data-source-of="credential_kind"></span></legend>
<div class="choices">
${radio('credential_kind', 'secret', 'Client secret')}
${radio('credential_kind', 'certificate', 'Certificate')}
${radio('credential_kind', 'managed-identity', 'Managed identity')}
</div>
<p class="fault" hidden></p>
</fieldset>
<div id="kind-secret">
<div class="field" data-field="credential">
<div class="label"><label for="credential">Client secret</label></div>
<input id="credential" data-testid="credential" type="password" autocomplete="one-time-code" spellcheck="false" placeholder="stored; not shown" aria-describedby="credential-note credential-fault">
<p class="note" id="credential-note">${keepStored} Enter the secret&rsquo;s <b>Value</b>, not its Secret ID.</p>
<p class="fault" id="credential-fault" hidden></p>
</div>
<div class="field" data-field="credential_expires">
<div class="label"><label for="credential_expires">Expires (optional)</label></div>
<input id="credential_expires" type="date" autocomplete="off" aria-describedby="credential_expires-note credential_expires-fault">
<p class="note" id="credential_expires-note">For a new client secret: the date in the column <b>Expires</b>. Key Vault then warns in time.</p>
<p class="fault" id="credential_expires-fault" hidden></p>
</div>
</div>
<div id="kind-certificate" hidden>
<div class="field" data-field="certificate">
<div class="label"><label for="certificate">Certificate with private key</label></div>
<textarea id="certificate" data-testid="certificate" rows="5" autocomplete="off" spellcheck="false" autocapitalize="off" placeholder="stored; not shown" aria-describedby="certificate-note certificate-fault"></textarea>
<p class="note" id="certificate-note">${keepStored} PEM with the private key and the certificate, or PKCS#12 in base64 without a password.</p>
<p class="fault" id="certificate-fault" hidden></p>
</div>
</div>
<div id="kind-managed-identity" hidden>
<p class="note">No secret at all: the function app&rsquo;s managed identity is a federated credential of the app registration.</p>
</div>
</div>
</section>`

const risk = (id: string, text: Html): Html => html`<p class="note" id="groups_choice-${id}-note">${text}</p>`

const groupChoice = (value: string, label: Html | string, text: Html): Html => html`<div class="option">
<label class="choice"><input type="radio" name="groups_choice" id="groups_choice-${value}" aria-describedby="groups_choice-${value}-note"><span>${label}</span></label>
${risk(value, text)}
</div>`

export const groupsSection = html`<section class="part" aria-labelledby="groups-heading">
<div class="part-head"><h2 id="groups-heading">Groups</h2>
<p class="note">A sign-in adds the person to the Micetro groups that these stand for, and removes the person from the others.</p></div>
<div class="part-body">
<fieldset class="field" data-field="groups_choice">
<legend class="label"><span>Which groups decide?</span><span class="source" data-source-of="groups"></span></legend>
${groupChoice('assigned', 'Those assigned to the application (recommended)', html`Matched by name. Entra ID must emit only the assigned groups as a claim: it needs Entra ID P1 and counts direct members only, and whoever owns an assigned group can rename it.`)}
${groupChoice('names', 'All groups of the person, by name', html`Needs nothing, but in many tenants anybody can create a group, and could give it the name of a Micetro group.`)}
${groupChoice('table', 'Only those in a table, by object ID', html`Names count for nothing, so nobody gains rights by naming a group. Every group needs a row in the table, or its object ID as External ID in Micetro.`)}
<div class="option" id="groups_choice-custom-option" hidden>
<label class="choice"><input type="radio" name="groups_choice" id="groups_choice-custom"><span>As set by hand</span></label>
</div>
<p class="fault" id="groups_choice-fault" hidden></p>
</fieldset>
<div id="groups-switches" class="field" hidden>
${field({
  id: 'groups_match',
  label: 'A group is matched by',
  key: '',
  control: html`<select id="groups_match" aria-describedby="groups_match-source groups_match-fault"><option value="name">its name, or a row in the table</option><option value="id">a row in the table only (object ID)</option></select>`,
})}
${field({
  id: 'groups_claim',
  label: 'Groups claim in the token',
  key: '',
  control: html`<select id="groups_claim" aria-describedby="groups_claim-source groups_claim-fault"><option value="optional">limits the groups where it is present</option><option value="required">always limits: without it no group counts</option></select>`,
})}
${checkField({ id: 'groups_security_only', label: 'Security groups only', key: '', note: html`Microsoft 365 groups do not count.` })}
</div>
<div id="groups-table" class="field" data-field="groups_map" hidden>
<table id="groups_map" class="rows">
<caption>Groups by object ID</caption>
<thead><tr><th scope="col">In Entra ID: object ID</th><th scope="col">In Micetro</th><th scope="col"><span class="hidden">Remove</span></th></tr></thead>
<tbody></tbody>
</table>
<datalist id="entra-groups"></datalist>
<datalist id="micetro-groups"></datalist>
<p class="note" id="groups_map-note" role="status"></p>
<p class="fault" id="groups_map-fault" hidden></p>
<button type="button" class="plain small" id="groups_map-add" data-testid="groups_map-add">Add a group</button>
</div>
${checkField({ id: 'groups_required', label: 'Create an account only for people who join a Micetro group', key: '', note: html`While it is off, everybody who can sign in gets an account, even if only in All users.` })}
</div>
</section>`

export const optionalSection = html`<details class="panel" id="optional" data-testid="optional">
<summary>Optional <span class="note">scope, US Government, change of the app registration, between sign-ins</span></summary>
<div class="panel-body">
${textField({ id: 'scope', label: 'Scope', key: 'scope', placeholder: 'User.Read', note: html`Delegated permissions, separated by spaces. Default: <code>User.Read</code>.` })}
${checkField({ id: 'government', label: 'Use Azure US Government endpoints', key: 'cloud' })}
${field({
  id: 'graph_endpoint',
  label: 'Microsoft Graph endpoint',
  key: 'graph_endpoint',
  control: html`<select id="graph_endpoint" data-testid="graph_endpoint" aria-describedby="graph_endpoint-source graph_endpoint-fault">
<option>${clouds.usgov.graph}</option>
<option>${clouds['usgov-dod'].graph}</option>
</select>`,
})}
<p class="note" id="other-cloud" hidden>This configuration uses the cloud <b id="other-cloud-name"></b>; it is kept as it is.</p>
${checkField({
  id: 'match_by_name',
  label: 'Match accounts by name (only after a change of the app registration)',
  key: 'match_by_name',
  after: html`<p class="notice warn" id="match_by_name-warning" hidden>Names are reused: while this is on, a person who gets the sign-in name of another one gets that account in Micetro. Switch it off as soon as everybody has signed in once.</p>`,
})}
${betweenSignInsFields}
</div>
</details>`

export const resultsSection = html`<section class="results" id="results-section" aria-labelledby="results-heading" hidden>
<h2 id="results-heading" tabindex="-1">Result</h2>
<p class="note" id="stale" hidden>The form has changed since this test.</p>
<progress id="progress" aria-label="Checks done" value="0" max="1" hidden></progress>
<ol class="checks" id="results" data-testid="results" aria-label="Results of the checks"></ol>
<details id="results-passed" hidden>
<summary id="results-passed-count">Passed</summary>
<ol class="checks" id="results-passed-list" aria-label="Checks that passed or were skipped"></ol>
</details>
<div class="notice bad" id="save-despite-section" role="group" aria-label="Save despite failures" hidden>
<p>You can save all the same. People may be unable to sign in afterwards.</p>
<button type="button" class="plain small" id="save-despite" data-testid="save-despite">Save despite failures</button>
</div>
</section>`

export const actionBar = html`<section class="bar" id="bar" aria-label="Actions">
<div class="bar-said">
<p class="summary" id="summary" data-testid="summary" role="status"></p>
<p class="note" id="unsaved" hidden>Unsaved changes</p>
</div>
<p class="notice warn" id="cannot-save" hidden>There is no Key Vault to save to (setting <code>KEY_VAULT_URL</code>): you can test, but not save.</p>
<div class="notice" id="test-sign-in-report" role="group" aria-label="Test sign-in" hidden>
<p id="test-sign-in-outcome"></p>
<button type="button" class="small" id="put-in-force" data-testid="put-in-force">Save and Test: put it in force</button>
</div>
<div class="buttons">
<button type="button" id="save" data-testid="save">Save and Test</button>
<button type="submit" form="config-form" class="plain" id="test" data-testid="test">Test</button>
<button type="button" class="plain" id="test-sign-in" data-testid="test-sign-in" aria-describedby="test-sign-in-note">Test sign-in</button>
<span class="ready" id="test-sign-in-ready"></span>
<button type="button" class="quiet" id="cancel" data-testid="cancel">Discard changes</button>
</div>
<p class="hidden" id="test-sign-in-note">Signs you in through Entra ID with what is in the form, and reports what a sign-in would change in Micetro. Nothing is saved or written.</p>
</section>`

export const historySection = html`<section class="part" aria-labelledby="history-heading">
<div class="part-head"><h2 id="history-heading">History</h2>
<p class="note">Restore tests an earlier version, and puts it in force when it passes. Load only fills in the form.</p></div>
<div class="part-body">
<p class="note" id="history-empty">Nothing has been saved yet.</p>
<ol class="history" id="history" data-testid="history" aria-label="Saved versions"></ol>
</div>
</section>
<p class="foot"><button type="button" class="quiet small" id="lock" data-testid="lock">Lock this page</button></p>`

export const dialogSection = html`<dialog id="dialog" data-testid="dialog" aria-labelledby="dialog-title" aria-describedby="dialog-lines">
<h2 id="dialog-title">Question</h2>
<ul id="dialog-lines"></ul>
<div class="buttons">
<button type="button" class="plain" id="dialog-no" data-testid="dialog-no">Cancel</button>
<button type="button" id="dialog-yes" data-testid="dialog-yes">Go on</button>
</div>
</dialog>`
