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
<p class="note" id="paste-note">The file is read here, in your browser, and fills in the form. Nothing is saved yet.</p>
<p class="fault" id="paste-fault" role="alert" hidden></p>
<div class="row"><button type="button" class="plain" id="paste-apply" data-testid="paste-apply">Fill in the form</button></div>
</div>
</details>
<p class="said" id="paste-message" role="status"></p>`

export const applicationSection = html`<section class="part" aria-labelledby="application-heading">
<div class="part-head"><h2 id="application-heading" tabindex="-1">Application</h2>
<p class="note">From the app registration in the Microsoft Entra admin center: <b>App registrations</b>, <b>Overview</b>.</p></div>
<div class="part-body">
${checkField({ id: 'enabled', label: 'Enabled', key: 'enabled', note: html`When it is off, nobody signs in with Entra ID; Micetro&rsquo;s own sign-in is not affected.` })}
${textField({ id: 'tenant_id', label: 'Tenant ID', key: 'tenant_id', placeholder: 'common', note: html`The directory (tenant) ID. <code>common</code> or <code>organizations</code> for several tenants.` })}
${areaField({ id: 'allowed_tenants', label: 'Allowed tenants', key: 'allowed_tenants', rows: 2, note: html`Tenant IDs whose users may sign in, one per line. Needed when no single tenant is named above.` })}
${textField({ id: 'client_id', label: 'Client ID', key: 'client_id', placeholder: '00000000-0000-0000-0000-000000000000', note: html`The application (client) ID.` })}
${field({
  id: 'redirect_uri',
  label: 'Redirect URI',
  key: 'redirect_uri',
  control: html`<div class="joined">
<input id="redirect_uri" data-testid="redirect_uri" type="url" autocomplete="off" spellcheck="false" autocapitalize="off" aria-describedby="${describedBy('redirect_uri', true)}">
<button type="button" class="plain" id="redirect_uri-copy">Copy<span class="hidden"> the redirect URI</span></button>
</div>`,
  note: html`Register exactly this address as a <b>Web</b> redirect URI.`,
  after: html`<p class="said" id="redirect_uri-copied" role="status"></p>
<div class="suggestion" id="redirect_uri-suggestion">
<p class="note">From the address in use: <code id="redirect_uri-suggested"></code></p>
<button type="button" class="plain small" id="redirect_uri-use" data-testid="redirect_uri-use">Use this address</button>
</div>`,
})}
</div>
</section>`

const kindChoice = (value: string, label: string): Html =>
  html`<label class="choice"><input type="radio" name="credential_kind" id="credential_kind-${value}" value="${value}"><span>${label}</span></label>`

export const credentialSection = html`<section class="part" aria-labelledby="credential-heading">
<div class="part-head"><h2 id="credential-heading">Client credential</h2>
<p class="note">Kept in Key Vault, apart from the configuration. It is in no answer of this server.</p></div>
<div class="part-body">
<fieldset class="field" data-field="credential_kind">
<legend class="label"><span>Kind</span><span class="source" data-source-of="credential_kind"></span></legend>
<div class="choices">
${kindChoice('secret', 'Secret')}
${kindChoice('certificate', 'Certificate')}
${kindChoice('managed-identity', 'Managed identity')}
</div>
<p class="fault" hidden></p>
</fieldset>
<div id="kind-secret">
<div class="field" data-field="credential">
<div class="label"><label for="credential">Client secret</label></div>
<input id="credential" data-testid="credential" type="password" autocomplete="off" spellcheck="false" autocapitalize="off" placeholder="stored; not shown" aria-describedby="credential-note credential-fault">
<p class="note" id="credential-note">${keepStored} Enter the secret&rsquo;s value, not its ID.</p>
<p class="fault" id="credential-fault" hidden></p>
</div>
<div class="field" data-field="credential_expires">
<div class="label"><label for="credential_expires">It ends on (optional)</label></div>
<input id="credential_expires" type="date" autocomplete="off" aria-describedby="credential_expires-note credential_expires-fault">
<p class="note" id="credential_expires-note">With a new secret: the day that Entra ID showed. Key Vault then warns in time.</p>
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

export const optionalSection = html`<details class="panel" id="optional" data-testid="optional">
<summary>Optional <span class="note">scope, US Government, groups</span></summary>
<div class="panel-body">
${textField({ id: 'scope', label: 'Scope', key: 'scope', placeholder: 'User.Read', note: html`Words separated by spaces. Default: <code>User.Read</code>.` })}
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
${checkField({ id: 'groups_security_only', label: 'Security groups only', key: 'groups', note: html`In many tenants anyone can create a Microsoft 365 group, also one with the name of a Micetro group.` })}
${areaField({ id: 'groups_map', label: 'Groups by object ID', key: 'groups', rows: 3, placeholder: 'object id = Micetro group', note: html`One per line, <code>object id = Micetro group</code>. Such a group is matched by this entry, not by its name.` })}
${checkField({
  id: 'match_by_name',
  label: 'Match accounts by name (only during a change-over)',
  key: 'match_by_name',
  after: html`<p class="notice warn" id="match_by_name-warning" hidden>Names are reused: while this is on, a person who gets the sign-in name of another one gets that account in Micetro. Switch it off as soon as everybody has signed in once.</p>`,
})}
${betweenSignInsFields}
</div>
</details>`

export const testSection = html`<section class="actions" aria-labelledby="test-heading">
<h2 id="test-heading">Test and save</h2>
<p class="note">A test changes nothing: sign-ins go on with the configuration in force.</p>
<p class="notice warn" id="cannot-save" hidden>There is no Key Vault to save to (setting <code>KEY_VAULT_URL</code>): you can test, but not save.</p>
<div class="row buttons">
<button type="button" id="save" data-testid="save">Save and Test</button>
<button type="button" class="plain" id="test" data-testid="test">Test</button>
<button type="button" class="quiet" id="cancel" data-testid="cancel">Cancel</button>
</div>
<p class="summary" id="summary" data-testid="summary" role="status"></p>
<div class="notice bad" id="save-despite-section" role="group" aria-label="Save despite failures" hidden>
<label class="choice"><input type="checkbox" id="save-despite-confirm" data-testid="save-despite-confirm"><span>I have read the failures. People may be unable to sign in after saving.</span></label>
<button type="button" class="plain small" id="save-despite" data-testid="save-despite">Save despite failures</button>
</div>
<div id="results-section" hidden>
<p class="note" id="stale" hidden>The form has changed since this test.</p>
<progress id="progress" aria-label="Checks done" value="0" max="1" hidden></progress>
<ol class="checks" id="results" data-testid="results" aria-label="Results of the checks"></ol>
</div>
</section>`

export const testSignInSection = html`<section class="part" aria-labelledby="test-sign-in-heading">
<div class="part-head"><h2 id="test-sign-in-heading">Test sign-in</h2></div>
<div class="part-body">
<p class="note">Signs you in through Entra ID and reports what a sign-in would change in Micetro. It uses the <b>saved</b> configuration and writes nothing.</p>
<div class="row"><button type="button" class="plain" id="test-sign-in" data-testid="test-sign-in">Test sign-in</button></div>
<p class="said" id="test-sign-in-ready" hidden><a id="test-sign-in-link" data-testid="test-sign-in-link" target="_blank" rel="noopener noreferrer">Continue at Microsoft (new tab)</a> within ten minutes. The report is shown there.</p>
</div>
</section>`

export const historySection = html`<section class="part" aria-labelledby="history-heading">
<div class="part-head"><h2 id="history-heading">History</h2>
<p class="note">Loading an earlier version fills in the form. Save it to put it in force again.</p></div>
<div class="part-body">
<p class="note" id="history-empty">Nothing has been saved yet.</p>
<ol class="history" id="history" data-testid="history" aria-label="Saved versions"></ol>
</div>
</section>
<p class="foot"><button type="button" class="quiet small" id="lock" data-testid="lock">Lock this page</button></p>`
