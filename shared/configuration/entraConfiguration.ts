import * as v from 'valibot'
import { AppError } from '../failure.ts'
import { type CloudName, cloudNames, clouds, isMultiTenant, type KnownCloud } from './clouds.ts'
import { tellable } from './failures.ts'
import { type CredentialKind, credentialKinds, readBaseUrl, type Settings } from './settings.ts'

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True for the form in which Entra ID writes tenants, applications and groups. */
export function isGuid(text: string): boolean {
  return guidPattern.test(text)
}

const line = (what: string, longest = 256) =>
  v.pipe(
    v.string(`${what} must be a text`),
    v.trim(),
    v.minLength(1, `${what} must not be empty`),
    v.maxLength(longest, `${what} is longer than ${longest} characters`),
  )
const guid = (what: string) => v.pipe(line(what), v.regex(guidPattern, `${what} must be a GUID`), v.toLowerCase())

const tenantSchema = v.pipe(
  line('tenant_id'),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, 'tenant_id must be a GUID, a domain, common or organizations'),
  v.check(
    (text) => text.toLowerCase() !== 'consumers',
    'tenant_id must not be consumers: personal accounts have no groups',
  ),
)
const redirectSchema = v.pipe(
  line('redirect_uri'),
  v.check((text) => readBaseUrl(text) !== undefined, 'redirect_uri must be an https address without query or fragment'),
)
const scopeName = v.pipe(
  v.string(),
  v.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, 'a scope must be one word (RFC 6749 3.3)'),
)
const scopeSchema = v.union(
  [
    v.pipe(v.array(scopeName), v.maxLength(20, 'scope has more than 20 entries')),
    v.pipe(
      v.string(),
      v.maxLength(2000),
      v.transform((text) => text.split(/\s+/).filter((each) => each !== '')),
      v.array(scopeName),
    ),
  ],
  'scope must be a list of words or a text of words separated by spaces',
)
/** `id`: nothing but object ids reaches a Micetro group. */
export const groupMatches = ['name', 'id'] as const
/** `required`: this app registration always limits the groups by a claim, so a token without it gives none. */
export const groupClaims = ['optional', 'required'] as const
/** What the timer does about accounts whose people do not sign in: `report` writes nothing. */
export const betweenSignInsModes = ['off', 'report', 'enforce'] as const
/** About accounts that nobody in the tenant fits: `remove` treats them as deleted. */
export const notFoundChoices = ['report', 'remove'] as const

const brakeText = 'brake_percent must be a whole number from 1 to 100'

const graphRoots = [...new Set(Object.values(clouds).map((cloud) => cloud.graph))]

/**
 * The configuration as it is saved, pasted and sent: the `microsoft` block of ext_auth_conf.json with our own keys
 * beside it, without the credential (seed: "Manual Configuration via a Config File").
 */
export const configurationSchema = v.strictObject({
  enabled: v.optional(v.boolean('enabled must be true or false')),
  tenant_id: v.optional(tenantSchema),
  client_id: v.optional(guid('client_id')),
  redirect_uri: v.optional(redirectSchema),
  scope: v.optional(scopeSchema),
  cloud: v.optional(v.picklist(cloudNames, `cloud must be one of ${cloudNames.join(', ')}`)),
  graph_endpoint: v.optional(v.picklist(graphRoots, `graph_endpoint must be one of ${graphRoots.join(', ')}`)),
  allowed_tenants: v.optional(
    v.pipe(v.array(guid('a tenant in allowed_tenants')), v.maxLength(200, 'allowed_tenants has more than 200 entries')),
  ),
  credential_kind: v.optional(
    v.picklist(credentialKinds, `credential_kind must be one of ${credentialKinds.join(', ')}`),
  ),
  credential_version: v.optional(
    v.pipe(line('credential_version', 64), v.regex(/^[0-9a-z]+$/i, 'credential_version is not valid')),
  ),
  home_tenant: v.optional(guid('home_tenant')),
  groups: v.optional(
    v.strictObject({
      security_only: v.optional(v.boolean('security_only must be true or false')),
      match: v.optional(v.picklist(groupMatches, `match must be one of ${groupMatches.join(', ')}`)),
      claim: v.optional(v.picklist(groupClaims, `claim must be one of ${groupClaims.join(', ')}`)),
      required: v.optional(v.boolean('required must be true or false')),
      map: v.optional(
        v.pipe(
          v.record(guid('a group object id in map'), line('a Micetro group in map')),
          v.check((map) => Object.keys(map).length <= 2000, 'map has more than 2000 entries'),
        ),
      ),
    }),
  ),
  match_by_name: v.optional(v.boolean('match_by_name must be true or false')),
  between_sign_ins: v.optional(
    v.strictObject({
      mode: v.optional(v.picklist(betweenSignInsModes, `mode must be one of ${betweenSignInsModes.join(', ')}`)),
      not_found: v.optional(v.picklist(notFoundChoices, `not_found must be one of ${notFoundChoices.join(', ')}`)),
      brake_percent: v.optional(
        v.pipe(v.number(brakeText), v.integer(brakeText), v.minValue(1, brakeText), v.maxValue(100, brakeText)),
      ),
    }),
  ),
})

export type SavedConfiguration = v.InferOutput<typeof configurationSchema>
export type ConfigurationKey = keyof SavedConfiguration

/** Where a value of the configuration in force comes from. */
export type Source = 'saved' | 'file' | 'setting' | 'default'

/** One layer of the configuration; earlier layers win. */
export interface Layer {
  source: Exclude<Source, 'default'>
  values: SavedConfiguration
}

/** The configuration in force, complete: later code never asks whether a value is there. */
export interface EntraConfiguration {
  enabled: boolean
  tenantId: string
  clientId: string
  redirectUri: string
  /** As sent to Entra ID: Graph scopes with their root in front outside the commercial cloud. */
  scopes: readonly string[]
  cloud: CloudName
  /** Origin of the sign-in service. */
  login: string
  graph: string
  tokenExchangeAudience: string
  /** Lower-case tenant ids; what it means for a single tenant: nothing. */
  allowedTenants: readonly string[]
  /** With several tenants the one whose names count, in lower case; undefined: none. It means nothing for a single tenant. */
  homeTenant: string | undefined
  credentialKind: CredentialKind
  credentialVersion: string | undefined
  groups: {
    securityOnly: boolean
    match: (typeof groupMatches)[number]
    claim: (typeof groupClaims)[number]
    /** A first sign-in that joins no Micetro group makes no account. */
    required: boolean
    /** Micetro group by object id, in lower case. */
    map: ReadonlyMap<string, string>
  }
  matchByName: boolean
  betweenSignIns: {
    mode: (typeof betweenSignInsModes)[number]
    notFound: (typeof notFoundChoices)[number]
    /** When more than this share of all External accounts would lose everything, nothing is written. */
    brakePercent: number
  }
}

export interface ResolvedConfiguration {
  configuration: EntraConfiguration
  /** The same values in their saved form, defaults filled in, for the page and the administrator. */
  shown: SavedConfiguration
  sources: Record<string, Source>
}

const defaults = {
  enabled: true,
  tenant_id: 'common',
  scope: ['User.Read'],
  cloud: 'commercial',
  credential_kind: 'secret',
} as const satisfies SavedConfiguration

/** Scopes that OpenID Connect reserves; MSAL adds the first three itself. */
const openIdScopes = ['openid', 'profile', 'offline_access', 'email']

/** @returns the path of each fault and what is wrong with it, never the value: it may be a secret in the wrong place */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string[] {
  const problems = issues.map((issue) => {
    const path = issue.path?.map((item) => String(item.key)).join('.')
    if (issue.type === 'strict_object' && issue.expected === 'never') return `${path}: unknown key`
    // The library's own texts end in what it received.
    const message = issue.message.startsWith('Invalid ')
      ? `must be ${issue.expected ?? 'another value'}`
      : issue.message
    return path === undefined ? message : `${path}: ${message}`
  })
  return tellable(problems)
}

/** The settings as the lowest layer of the configuration. */
export function settingsLayer(settings: Settings): Layer {
  const { scope, ...rest } = settings.entra
  const parsed = v.safeParse(configurationSchema, { ...rest, ...(scope !== undefined && { scope }) })
  if (!parsed.success)
    throw new AppError({
      code: 'config_invalid',
      problems: describeIssues(parsed.issues).map((each) =>
        each.replace(/^\w+/, (key) => `ENTRA_${key.toUpperCase()}`),
      ),
    })
  return { source: 'setting', values: parsed.output }
}

/** The layers laid over one another, key by key, whether or not they make a complete configuration. */
export function mergeLayers(layers: readonly Layer[]): Pick<ResolvedConfiguration, 'shown' | 'sources'> {
  const sources: Record<string, Source> = {}
  const shown: Record<string, unknown> = {}
  for (const { source, values } of [...layers, { source: 'default' as const, values: defaults }]) {
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined || key in shown) continue
      shown[key] = value
      sources[key] = source
    }
  }
  return { shown: shown as SavedConfiguration, sources }
}

/**
 * Merges the layers into the configuration in force.
 * @throws AppError config_invalid with every problem
 */
export function resolveConfiguration(
  layers: readonly Layer[],
  customCloud: Settings['customCloud'],
): ResolvedConfiguration {
  const { shown: merged, sources } = mergeLayers(layers)
  const problems: string[] = []
  const need = (key: 'client_id' | 'redirect_uri', setting: string): string => {
    const value = merged[key]
    if (value === undefined) problems.push(`${key} is missing (setting ${setting}, or save it at /config)`)
    return value ?? ''
  }
  const clientId = need('client_id', 'ENTRA_CLIENT_ID')
  const redirectUri = need('redirect_uri', 'ENTRA_REDIRECT_URI')
  const tenantId = merged.tenant_id ?? defaults.tenant_id
  const allowedTenants = merged.allowed_tenants ?? []
  if (isMultiTenant(tenantId) && allowedTenants.length === 0) {
    problems.push('allowed_tenants must name the tenants that may sign in when tenant_id is common or organizations')
  }
  const homeTenant = merged.home_tenant
  if (isMultiTenant(tenantId) && homeTenant !== undefined && !allowedTenants.includes(homeTenant)) {
    problems.push('home_tenant must be one of allowed_tenants')
  }
  const cloud = cloudOf(merged)
  const hosts = cloud === 'custom' ? customCloud : clouds[cloud]
  if (hosts === undefined)
    problems.push('cloud custom needs the app settings ENTRA_CLOUD=custom, ENTRA_AUTHORITY_HOST and GRAPH_ENDPOINT')
  if (cloud !== 'custom' && merged.graph_endpoint !== undefined && clouds[cloud].graph !== merged.graph_endpoint) {
    problems.push(`graph_endpoint does not belong to the cloud ${cloud}`)
  }
  // What is shown must be what is in force: a Government Graph endpoint alone decides the cloud.
  if (cloud !== merged.cloud) {
    merged.cloud = cloud
    sources.cloud = sources.graph_endpoint ?? 'default'
  }
  if (hosts === undefined || problems.length > 0) throw new AppError({ code: 'config_invalid', problems })

  const configuration: EntraConfiguration = {
    enabled: merged.enabled ?? defaults.enabled,
    tenantId,
    clientId,
    redirectUri,
    scopes: scopesFor(merged.scope ?? defaults.scope, cloud, hosts.graph),
    cloud,
    login: hosts.login,
    graph: hosts.graph,
    tokenExchangeAudience: clouds[cloud === 'custom' ? 'commercial' : cloud].tokenExchangeAudience,
    allowedTenants,
    homeTenant,
    credentialKind: merged.credential_kind ?? defaults.credential_kind,
    credentialVersion: merged.credential_version,
    groups: {
      securityOnly: merged.groups?.security_only ?? false,
      match: merged.groups?.match ?? 'name',
      claim: merged.groups?.claim ?? 'optional',
      required: merged.groups?.required ?? false,
      map: new Map(Object.entries(merged.groups?.map ?? {}).map(([id, name]) => [id.toLowerCase(), name])),
    },
    matchByName: merged.match_by_name ?? false,
    betweenSignIns: {
      mode: merged.between_sign_ins?.mode ?? 'off',
      notFound: merged.between_sign_ins?.not_found ?? 'report',
      brakePercent: merged.between_sign_ins?.brake_percent ?? 10,
    },
  }
  return { configuration, shown: merged, sources }
}

/** A Government Graph endpoint alone, as the product's dialog sets it, names its cloud. */
function cloudOf(values: SavedConfiguration): CloudName {
  const byGraph = (Object.keys(clouds) as KnownCloud[]).find((name) => clouds[name].graph === values.graph_endpoint)
  if (values.cloud === undefined || values.cloud === 'commercial') return byGraph ?? 'commercial'
  // Both Government clouds share the sign-in host; the Graph endpoint tells them apart.
  if (values.cloud === 'usgov' && byGraph === 'usgov-dod') return byGraph
  return values.cloud
}

/** `User.Read` is always asked for (callback contract); a Graph of another cloud is named by its root. */
function scopesFor(wanted: readonly string[], cloud: CloudName, graph: string): string[] {
  const names = new Set([...wanted, 'User.Read'])
  return [...names].map((name) =>
    cloud === 'commercial' || name.includes('://') || openIdScopes.includes(name) ? name : `${graph}/${name}`,
  )
}
