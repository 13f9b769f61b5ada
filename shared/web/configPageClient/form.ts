import { clouds, isMultiTenant } from '../../configuration/clouds.ts'
import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import type { Candidate } from './api.ts'
import { byId } from './dom.ts'

/** A path in a problem of the server, and the field that shows the value. */
const fieldOf: Record<string, string> = {
  enabled: 'enabled',
  tenant_id: 'tenant_id',
  allowed_tenants: 'allowed_tenants',
  client_id: 'client_id',
  redirect_uri: 'redirect_uri',
  scope: 'scope',
  cloud: 'government',
  graph_endpoint: 'graph_endpoint',
  credential_kind: 'credential_kind-secret',
  'groups.security_only': 'groups_security_only',
  'groups.map': 'groups_map',
  groups: 'groups_map',
  match_by_name: 'match_by_name',
}

const kinds = ['secret', 'certificate', 'managed-identity'] as const
type Kind = (typeof kinds)[number]

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** The Government endpoint that a configuration uses, if any. */
function governmentGraph({ cloud, graph_endpoint }: SavedConfiguration): string | undefined {
  const endpoints: string[] = [clouds.usgov.graph, clouds['usgov-dod'].graph]
  if (graph_endpoint !== undefined && endpoints.includes(graph_endpoint)) return graph_endpoint
  return cloud === 'usgov' || cloud === 'usgov-dod' ? clouds[cloud].graph : undefined
}

/** The form: shows a configuration, and gives back what was made of it. */
export class ConfigForm {
  readonly element = byId('config-form', HTMLFormElement)
  readonly #enabled = byId('enabled', HTMLInputElement)
  readonly #tenant = byId('tenant_id', HTMLInputElement)
  readonly #allowed = byId('allowed_tenants', HTMLTextAreaElement)
  readonly #client = byId('client_id', HTMLInputElement)
  readonly #redirect = byId('redirect_uri', HTMLInputElement)
  readonly #secret = byId('credential', HTMLInputElement)
  readonly #certificate = byId('certificate', HTMLTextAreaElement)
  readonly #scope = byId('scope', HTMLInputElement)
  readonly #government = byId('government', HTMLInputElement)
  readonly #graph = byId('graph_endpoint', HTMLSelectElement)
  readonly #securityOnly = byId('groups_security_only', HTMLInputElement)
  readonly #map = byId('groups_map', HTMLTextAreaElement)
  readonly #matchByName = byId('match_by_name', HTMLInputElement)
  /** What the form was filled with; what it has no field for is kept. */
  #base: SavedConfiguration = {}

  constructor() {
    this.element.addEventListener('input', () => this.#arrange())
  }

  /** @param sourceOf says of a key where its value comes from; undefined: not known */
  fill(configuration: SavedConfiguration, sourceOf: (key: string) => string | undefined): void {
    this.#base = configuration
    this.#enabled.checked = configuration.enabled ?? true
    this.#tenant.value = configuration.tenant_id ?? ''
    this.#allowed.value = (configuration.allowed_tenants ?? []).join('\n')
    this.#client.value = configuration.client_id ?? ''
    this.#redirect.value = configuration.redirect_uri ?? ''
    this.#radio(configuration.credential_kind ?? 'secret').checked = true
    this.#scope.value = (configuration.scope ?? []).join(' ')
    const government = governmentGraph(configuration)
    this.#government.checked = government !== undefined
    this.#graph.value = government ?? clouds.usgov.graph
    this.#securityOnly.checked = configuration.groups?.security_only ?? false
    this.#map.value = Object.entries(configuration.groups?.map ?? {})
      .map(([id, name]) => `${id} = ${name}`)
      .join('\n')
    this.#matchByName.checked = configuration.match_by_name ?? false
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
    const label = target.closest('[data-field]')?.querySelector<HTMLElement>('[data-source-of]')
    if (label) label.textContent = 'not saved yet'
  }

  clearCredential(): void {
    this.#secret.value = ''
    this.#certificate.value = ''
  }

  putCredential(text: string): void {
    this.clearCredential()
    if (text.includes('-----BEGIN ')) this.#certificate.value = text
    else this.#secret.value = text
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
    const problems: string[] = []
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
    putText('tenant_id', this.#tenant.value)
    putList('allowed_tenants', linesOf(this.#allowed.value.replaceAll(',', '\n')))
    putText('client_id', this.#client.value)
    putText('redirect_uri', this.#redirect.value)
    putList('scope', linesOf(this.#scope.value.replace(/\s+/g, '\n')))
    put('credential_kind', this.#kind, this.#kind === 'secret')
    // The version belongs to a credential of the other kind.
    if (this.#kind !== (this.#base.credential_kind ?? 'secret')) delete values.credential_version
    put('match_by_name', this.#matchByName.checked, !this.#matchByName.checked)
    this.#readCloud(values)
    this.#readGroups(values, problems)

    const credential = { secret: this.#secret, certificate: this.#certificate, 'managed-identity': undefined }[
      this.#kind
    ]
    const text = credential?.value.trim() ?? ''
    return { candidate: { configuration: values, ...(text !== '' && { credential: text }) }, problems }
  }

  #readCloud(values: Record<string, unknown>): void {
    if (this.#government.checked) {
      values.graph_endpoint = this.#graph.value
      values.cloud = this.#graph.value === clouds['usgov-dod'].graph ? 'usgov-dod' : 'usgov'
    } else if (governmentGraph(this.#base) !== undefined) {
      values.cloud = 'commercial'
      // Said in so many words: an endpoint of a lower layer would come back otherwise.
      if (this.#base.graph_endpoint !== undefined) values.graph_endpoint = clouds.commercial.graph
    }
  }

  #readGroups(values: Record<string, unknown>, problems: string[]): void {
    const map: Record<string, string> = {}
    for (const [index, line] of this.#map.value.split(/\r?\n/).entries()) {
      if (line.trim() === '') continue
      const equals = line.indexOf('=')
      const id = line.slice(0, Math.max(0, equals)).trim().toLowerCase()
      const name = line.slice(equals + 1).trim()
      const fault = (text: string): void => {
        problems.push(`configuration.groups.map: line ${index + 1} ${text}`)
      }
      if (equals < 0 || id === '' || name === '') fault('is not of the form "object id = Micetro group"')
      else if (id in map) fault('repeats an object id')
      else map[id] = name
    }
    const before = this.#base.groups
    const groups: Record<string, unknown> = { ...before }
    if (before?.security_only !== undefined || this.#securityOnly.checked)
      groups.security_only = this.#securityOnly.checked
    if (before?.map !== undefined || Object.keys(map).length > 0) groups.map = map
    if (Object.keys(groups).length > 0) values.groups = groups
  }

  clearFaults(): void {
    for (const fault of this.element.querySelectorAll<HTMLElement>('.fault')) fault.hidden = true
    for (const field of this.element.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid')
  }

  /** @returns the field that the problem is about, marked with it; undefined when it is about none */
  markFault(problem: string): HTMLElement | undefined {
    const id = this.#fieldOf(problem)
    const field = id === undefined ? null : document.getElementById(id)
    if (field === null) return undefined
    field.setAttribute('aria-invalid', 'true')
    const fault = field.closest('[data-field]')?.querySelector<HTMLElement>('.fault')
    if (fault) {
      fault.textContent = problem.replace(/^configuration(?:\.[\w.-]+)?: /, '')
      fault.hidden = false
    }
    field.closest('details')?.setAttribute('open', '')
    const hidden = field.closest<HTMLElement>('[data-field][hidden]')
    if (hidden !== null) hidden.hidden = false
    return field
  }

  #fieldOf(problem: string): string | undefined {
    if (/^credential\b/.test(problem)) return this.#kind === 'certificate' ? 'certificate' : 'credential'
    // "configuration.<path>: what", or "configuration: <key> what" where layers were merged.
    const path = /^configuration(?:\.|: )([a-z_]+(?:\.[a-z_]+)?)/.exec(problem)?.[1] ?? ''
    return fieldOf[path] ?? fieldOf[path.split('.')[0] ?? '']
  }

  get #kind(): Kind {
    return kinds.find((kind) => this.#radio(kind).checked) ?? 'secret'
  }

  #radio(kind: Kind): HTMLInputElement {
    return byId(`credential_kind-${kind}`, HTMLInputElement)
  }

  /** Shows the fields that belong to what is chosen. */
  #arrange(): void {
    const tenant = this.#tenant.value.trim()
    byId('allowed_tenants-field', HTMLElement).hidden = tenant !== '' && !isMultiTenant(tenant)
    for (const kind of kinds) byId(`kind-${kind}`, HTMLElement).hidden = kind !== this.#kind
    byId('graph_endpoint-field', HTMLElement).hidden = !this.#government.checked
    const { cloud } = this.#base
    const other = cloud === 'china' || cloud === 'custom' ? cloud : undefined
    byId('government-field', HTMLElement).hidden = other !== undefined
    byId('other-cloud', HTMLElement).hidden = other === undefined
    byId('other-cloud-name', HTMLElement).textContent = other ?? ''
    byId('match_by_name-warning', HTMLElement).hidden = !this.#matchByName.checked
    const suggested = byId('redirect_uri-suggestion', HTMLElement)
    suggested.hidden = this.redirectUri === byId('redirect_uri-suggested', HTMLElement).textContent
  }
}
