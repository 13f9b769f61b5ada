import { clouds } from '../../configuration/clouds.ts'
import type { ConfigurationKey, SavedConfiguration } from '../../configuration/entraConfiguration.ts'

/** What a pasted file fills into the form. */
export interface Pasted {
  configuration: Record<string, unknown>
  /** A secret, or a private key and certificate in PEM. */
  credential: string | undefined
  /** What was left out, and why. */
  notes?: string[]
}

/** Says everything that keeps a pasted text from being taken. */
export class PasteError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join(' '))
    this.faults = faults
  }
}

/** Kept complete by the compiler: a new key of the configuration is missing here until it is added. */
const types: Record<ConfigurationKey, 'text' | 'flag' | 'list' | 'object'> = {
  enabled: 'flag',
  tenant_id: 'text',
  client_id: 'text',
  redirect_uri: 'text',
  scope: 'list',
  cloud: 'text',
  graph_endpoint: 'text',
  allowed_tenants: 'list',
  home_tenant: 'text',
  credential_kind: 'text',
  credential_version: 'text',
  groups: 'object',
  match_by_name: 'flag',
  between_sign_ins: 'object',
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads a complete `ext_auth_conf.json`, or its `microsoft` block alone, for display; the server judges it again.
 * @throws PasteError with all faults at once
 */
export function readPasted(text: string): Pasted {
  const { block, faults, notes } = readBlock(text)
  const { client_credential, groups_uri, ...given } = block
  const known: [string, unknown][] = []
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(types, key)) faults.push(`Unknown key: ${key}. Remove it.`)
    else if (fits(value, types[key as ConfigurationKey])) known.push([key, value])
    else faults.push(`"${key}" must be ${typeNames[types[key as ConfigurationKey]]}.`)
  }
  const credential = readCredential(client_credential, faults)
  const graph = groups_uri === undefined ? undefined : graphOf(groups_uri, faults)
  if (faults.length > 0) throw new PasteError(faults)
  const rest = Object.fromEntries(known)
  return {
    configuration: {
      ...(graph !== undefined && { graph_endpoint: graph }),
      ...(credential !== undefined && {
        credential_kind: credential.includes('-----BEGIN ') ? 'certificate' : 'secret',
      }),
      ...rest,
      ...(typeof rest.scope === 'string' && { scope: rest.scope.split(/\s+/).filter((word) => word !== '') }),
    },
    credential,
    ...(notes.length > 0 && { notes }),
  }
}

/** The part of the text that is about Entra ID. @throws PasteError where there is none */
function readBlock(text: string): { block: Record<string, unknown>; faults: string[]; notes: string[] } {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new PasteError(['This is not JSON. Paste the whole file, from the first brace to the last.'])
  }
  if (!isObject(json)) throw new PasteError(['This is not a JSON object.'])
  const { okta, ...withoutOkta } = json
  const notes =
    okta === undefined ? [] : ['The "okta" block was skipped: this application signs in with Entra ID only.']
  const { microsoft, ...others } = withoutOkta
  if (microsoft === undefined && okta !== undefined && Object.keys(others).length === 0)
    throw new PasteError(['This file has an "okta" block only. This application signs in with Microsoft Entra ID.'])
  if (microsoft === undefined) return { block: others, faults: [], notes }
  const faults = Object.keys(others).map((key) => `Unknown key beside "microsoft": ${key}. Remove it.`)
  if (!isObject(microsoft)) throw new PasteError([...faults, '"microsoft" is not a JSON object.'])
  return { block: microsoft, faults, notes }
}

const typeNames = { text: 'a text', flag: 'true or false', list: 'a list of texts', object: 'an object' } as const

function fits(value: unknown, type: (typeof types)[ConfigurationKey]): boolean {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  if (type === 'flag') return typeof value === 'boolean'
  if (type === 'text') return typeof value === 'string'
  // `scope` is a list or a text of words.
  if (type === 'list') return isList || typeof value === 'string'
  return isObject(value)
}

function readCredential(value: unknown, faults: string[]): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  const { private_key, public_certificate } = isObject(value) ? value : {}
  if (typeof private_key !== 'string') {
    faults.push('"client_credential" must be a text, or an object with private_key and public_certificate.')
  } else if (typeof public_certificate !== 'string') {
    faults.push(
      '"client_credential" has no public_certificate. The thumbprint alone is not enough: add the certificate in PEM.',
    )
  } else {
    return `${private_key.trim()}\n${public_certificate.trim()}\n`
  }
  return undefined
}

function graphOf(value: unknown, faults: string[]): string | undefined {
  const origin = typeof value === 'string' ? URL.parse(value)?.origin : undefined
  const known = Object.values(clouds).find(({ graph }) => graph === origin)
  if (known === undefined) faults.push('"groups_uri" is not an address of Microsoft Graph.')
  return known?.graph
}

/**
 * The pasted file over what the form had. A Graph endpoint names its cloud; under `custom` the app settings name both,
 * so that an ordinary file can be tried there.
 */
export function mergePasted(before: Record<string, unknown>, pasted: SavedConfiguration): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...before, ...pasted }
  const byGraph = Object.entries(clouds).find(([, { graph }]) => graph === pasted.graph_endpoint)?.[0]
  if (byGraph === undefined || pasted.cloud !== undefined) return merged
  if (byGraph === 'commercial' && before.cloud === 'custom') delete merged.graph_endpoint
  else merged.cloud = byGraph
  return merged
}
