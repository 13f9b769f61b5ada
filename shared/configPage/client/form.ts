import { clouds, isMultiTenant } from '../../configuration/clouds.ts'
import type { SavedConfiguration, Source } from '../../configuration/entraConfiguration.ts'
import type { Candidate } from './api.ts'
import { BetweenFields } from './betweenFields.ts'
import { byId, elementById, inputById } from './dom.ts'
import { clearFaults, markFault } from './formFaults.ts'
import { governmentGraph, planCloud } from './governmentCloud.ts'
import { GroupsChoice } from './groupsChoice.ts'
import { sourceName } from './sourceNames.ts'

const kinds = ['secret', 'certificate', 'managed-identity'] as const
type Kind = (typeof kinds)[number]

/** Keys whose field is a line of text. */
const texts = ['tenant_id', 'home_tenant', 'client_id', 'redirect_uri'] as const

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** The form: shows a configuration, and gives back what was made of it. */
export class ConfigForm {
  readonly element = byId('config-form', HTMLFormElement)
  readonly groups = new GroupsChoice(() => this.element.dispatchEvent(new Event('input', { bubbles: true })))
  readonly #enabled = inputById('enabled')
  readonly #tenant = inputById('tenant_id')
  readonly #allowed = byId('allowed_tenants', HTMLTextAreaElement)
  readonly #redirect = inputById('redirect_uri')
  readonly #secret = inputById('credential')
  readonly #secretEnds = inputById('credential_expires')
  readonly #certificate = byId('certificate', HTMLTextAreaElement)
  readonly #scope = inputById('scope')
  readonly #government = inputById('government')
  readonly #graph = byId('graph_endpoint', HTMLSelectElement)
  readonly #matchByName = inputById('match_by_name')
  readonly #between = new BetweenFields()
  /** What the form was filled with; what it has no field for is kept. */
  #base: SavedConfiguration = {}
  /** What the form reads as while nothing in it is unsaved. */
  #inForce = ''

  constructor() {
    this.element.addEventListener('input', () => this.#arrange())
  }

  /** Shows what is in force; from here on a difference is an unsaved change. */
  fillInForce(configuration: SavedConfiguration, sources: Readonly<Record<string, Source>>): void {
    // Nobody has chosen the default tenant, and it is the right one for nobody.
    const { tenant_id, ...rest } = configuration
    const chosen = tenant_id === undefined || sources.tenant_id === 'default' ? rest : configuration
    this.fill(chosen, (key) => (key in chosen ? sourceName(sources, key) : undefined))
    this.markSaved()
  }

  markSaved(): void {
    this.#inForce = this.#text
  }

  /** Whether the form holds what is not saved. */
  get changed(): boolean {
    return this.#text !== this.#inForce
  }

  get #text(): string {
    return JSON.stringify([this.read(), this.#secret.value, this.#certificate.value])
  }

  /** @param sourceOf says of a key where its value comes from; undefined: not known */
  fill(configuration: SavedConfiguration, sourceOf: (key: string) => string | undefined): void {
    this.#base = configuration
    this.#enabled.checked = configuration.enabled ?? true
    for (const key of texts) inputById(key).value = configuration[key] ?? ''
    this.#allowed.value = (configuration.allowed_tenants ?? []).join('\n')
    this.#radio(configuration.credential_kind ?? 'secret').checked = true
    this.#scope.value = (configuration.scope ?? []).join(' ')
    const government = governmentGraph(configuration)
    this.#government.checked = government !== undefined
    this.#graph.value = government ?? clouds.usgov.graph
    this.groups.fill(configuration.groups)
    this.#matchByName.checked = configuration.match_by_name ?? false
    this.#between.fill(configuration)
    this.clearCredential()
    this.clearFaults()
    for (const label of this.element.querySelectorAll<HTMLElement>('[data-source-of]')) {
      label.textContent = sourceOf(label.dataset.sourceOf ?? '') ?? ''
    }
    this.#arrange()
  }

  /** Marks the value of a field as changed by hand. */
  markEdited(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement)) return
    const label = target.closest('section, details')?.querySelector('fieldset[data-field] [data-source-of="groups"]')
    const own = target.closest('[data-field]')?.querySelector('[data-source-of]')
    const shown = own ?? (target.closest('[id^="groups"], [data-field^="groups"]') ? label : undefined)
    if (shown) shown.textContent = 'not saved yet'
  }

  /** An empty field means the stored credential, if there is one. */
  showStored(stored: boolean): void {
    for (const field of [this.#secret, this.#certificate])
      field.placeholder = stored ? 'stored; not shown' : 'none is stored yet'
  }

  clearCredential(): void {
    this.#secret.value = ''
    this.#secretEnds.value = ''
    this.#certificate.value = ''
  }

  /** @param ends day on which a client secret ends, as its field has it */
  putCredential(text: string, ends = ''): void {
    this.clearCredential()
    if (text.includes('-----BEGIN ')) this.#certificate.value = text
    else this.#secret.value = text
    this.#secretEnds.value = ends
  }

  set redirectUri(text: string) {
    this.#redirect.value = text
    this.#redirect.dispatchEvent(new Event('input', { bubbles: true }))
  }

  get redirectUri(): string {
    return this.#redirect.value.trim()
  }

  /**
   * The form as a candidate. A key that is in no field yet, and still at its default, is left out: what lies under the
   * saved configuration counts then.
   * @returns with the faults that can be seen without the server, worded as the server's
   */
  read(): { candidate: Candidate; problems: string[] } {
    const values: Record<string, unknown> = { ...this.#base }
    const put = (key: keyof SavedConfiguration, value: unknown, isDefault: boolean): void => {
      if (!isDefault || key in this.#base) values[key] = value
    }
    const putText = (key: keyof SavedConfiguration, text: string): void => {
      if (text.trim() === '') delete values[key]
      else values[key] = text.trim()
    }
    const putList = (key: keyof SavedConfiguration, list: readonly string[]): void => {
      if (list.length === 0) delete values[key]
      else values[key] = list
    }
    put('enabled', this.#enabled.checked, this.#enabled.checked)
    for (const key of texts) putText(key, inputById(key).value)
    putList('allowed_tenants', linesOf(this.#allowed.value.replaceAll(',', '\n')))
    putList('scope', linesOf(this.#scope.value.replace(/\s+/g, '\n')))
    put('credential_kind', this.kind, this.kind === 'secret')
    // The version belongs to a credential of the other kind.
    if (this.kind !== (this.#base.credential_kind ?? 'secret')) delete values.credential_version
    put('match_by_name', this.#matchByName.checked, !this.#matchByName.checked)
    Object.assign(values, this.#between.read(this.#base))
    Object.assign(values, planCloud(this.#base, this.#government.checked ? this.#graph.value : undefined))
    const { groups, problems } = this.groups.read(this.#base.groups)
    if (Object.keys(groups).length > 0) values.groups = groups
    else delete values.groups

    const credential = { secret: this.#secret, certificate: this.#certificate, 'managed-identity': undefined }[
      this.kind
    ]
    const text = credential?.value.trim() ?? ''
    const ends = this.kind === 'secret' ? this.#secretEnds.value : ''
    const sent = text !== '' && { credential: text, ...(ends !== '' && { credentialExpires: ends }) }
    return { candidate: { configuration: values, ...sent }, problems }
  }

  clearFaults(): void {
    clearFaults(this.element)
  }

  /** @returns the field that the problem is about, marked with it; undefined when it is about none */
  markFault(problem: string): HTMLElement | undefined {
    return markFault(problem, this.credentialField)
  }

  /** Id of the field that problems of the credential belong to. */
  get credentialField(): string {
    return this.kind === 'managed-identity'
      ? 'credential_kind-managed-identity'
      : { secret: 'credential', certificate: 'certificate' }[this.kind]
  }

  get kind(): Kind {
    return kinds.find((kind) => this.#radio(kind).checked) ?? 'secret'
  }

  #radio(kind: Kind): HTMLInputElement {
    return inputById(`credential_kind-${kind}`)
  }

  /** Shows the fields that belong to what is chosen. */
  #arrange(): void {
    const oneTenant = !isMultiTenant(this.#tenant.value.trim())
    for (const id of ['allowed_tenants', 'home_tenant']) elementById(`${id}-field`).hidden = oneTenant
    for (const kind of kinds) elementById(`kind-${kind}`).hidden = kind !== this.kind
    elementById('graph_endpoint-field').hidden = !this.#government.checked
    const { cloud } = this.#base
    const other = cloud === 'china' || cloud === 'custom' ? cloud : undefined
    elementById('government-field').hidden = other !== undefined
    elementById('other-cloud').hidden = other === undefined
    elementById('other-cloud-name').textContent = other ?? ''
    elementById('match_by_name-warning').hidden = !this.#matchByName.checked
    this.#between.arrange()
    this.groups.arrange()
    const suggested = elementById('redirect_uri-suggestion')
    suggested.hidden = this.redirectUri === elementById('redirect_uri-suggested').textContent
  }
}
