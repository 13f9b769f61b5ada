import { clouds } from '../../configuration/clouds.ts'
import type { ConfigurationKey, SavedConfiguration } from '../../configuration/entraConfiguration.ts'

/** What a pasted file fills into the form. */
export interface Pasted {
  configuration: Record<string, unknown>
  /** A secret, or a private key and certificate in PEM. */
  credential: string | undefined
}

/** Says what keeps a pasted text from being taken. */
export class PasteError extends Error {}

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
 * @throws PasteError
 */
export function readPasted(text: string): Pasted {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new PasteError('This is not JSON. Paste the whole file, from the first brace to the last.')
  }
  if (!isObject(json)) throw new PasteError('This is not a JSON object.')
  if ('okta' in json) {
    throw new PasteError(
      'This file has an "okta" block. This application signs in with Microsoft Entra ID only: remove the okta block.',
    )
  }
  const { microsoft, ...others } = json
  if (microsoft !== undefined && Object.keys(others).length > 0) {
    throw new PasteError(`Unknown key beside "microsoft": ${Object.keys(others).join(', ')}. Remove it.`)
  }
  const block = microsoft ?? json
  if (!isObject(block)) throw new PasteError('"microsoft" is not a JSON object.')

  const { client_credential, groups_uri, ...rest } = block
  for (const [key, value] of Object.entries(rest)) {
    if (!Object.hasOwn(types, key)) throw new PasteError(`Unknown key: ${key}. Remove it.`)
    if (!fits(value, types[key as ConfigurationKey])) throw new PasteError(`"${key}" has a value of the wrong type.`)
  }
  const credential = readCredential(client_credential)
  return {
    configuration: {
      ...(groups_uri !== undefined && { graph_endpoint: graphOf(groups_uri) }),
      ...(credential !== undefined && {
        credential_kind: credential.includes('-----BEGIN ') ? 'certificate' : 'secret',
      }),
      ...rest,
      ...(typeof rest.scope === 'string' && { scope: rest.scope.split(/\s+/).filter((word) => word !== '') }),
    },
    credential,
  }
}

function fits(value: unknown, type: (typeof types)[ConfigurationKey]): boolean {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  if (type === 'flag') return typeof value === 'boolean'
  if (type === 'text') return typeof value === 'string'
  // `scope` is a list or a text of words.
  if (type === 'list') return isList || typeof value === 'string'
  return isObject(value)
}

function readCredential(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  const { private_key, public_certificate } = isObject(value) ? value : {}
  if (typeof private_key !== 'string') {
    throw new PasteError('"client_credential" must be a text, or an object with private_key and public_certificate.')
  }
  if (typeof public_certificate !== 'string') {
    throw new PasteError(
      '"client_credential" has no public_certificate. The thumbprint alone is not enough: add the certificate in PEM.',
    )
  }
  return `${private_key.trim()}\n${public_certificate.trim()}\n`
}

function graphOf(value: unknown): string {
  const origin = typeof value === 'string' ? URL.parse(value)?.origin : undefined
  const known = Object.values(clouds).find(({ graph }) => graph === origin)
  if (known === undefined) throw new PasteError('"groups_uri" is not an address of Microsoft Graph.')
  return known.graph
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
