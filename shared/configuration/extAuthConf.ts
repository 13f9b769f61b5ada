import * as v from 'valibot'
import { AppError } from '../failure.ts'
import { Secret } from '../secret.ts'
import { clouds } from './clouds.ts'
import { configurationSchema, describeIssues, type SavedConfiguration } from './entraConfiguration.ts'
import { tellable } from './failures.ts'

/** Longest file that is read, in characters: a configuration with a full map stays far below. */
export const longestFile = 512 * 1024

/** A file of the product, taken apart: the configuration, and the credential that must not stay beside it. */
export interface ExtAuthConf {
  configuration: SavedConfiguration
  credential: Secret | undefined
}

const certificateSchema = v.object({
  private_key: v.string(),
  public_certificate: v.optional(v.string()),
  thumbprint: v.optional(v.string()),
})

/**
 * Reads a complete `ext_auth_conf.json` (seed: "Manual Configuration via a Config File"; callback contract: "Central's
 * settings that matter"), or its `microsoft` block alone.
 * @throws AppError config_invalid with the path of each fault, never with a value
 */
export function readExtAuthConf(text: string): ExtAuthConf {
  if (text.length > longestFile) throw faults(`ext_auth_conf.json is longer than ${longestFile / 1024} KiB`)
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw faults('ext_auth_conf.json is not JSON')
  }
  const whole = v.safeParse(v.record(v.string(), v.unknown()), json)
  if (!whole.success || Array.isArray(json)) throw faults('ext_auth_conf.json must be a JSON object')
  const { microsoft, okta, ...others } = whole.output
  if (okta !== undefined) {
    throw faults('okta: this application signs in with Microsoft Entra ID only; remove the okta block')
  }
  if (microsoft !== undefined && Object.keys(others).length > 0) {
    throw faults(...Object.keys(others).map((key) => `${key.slice(0, 60)}: unknown key`))
  }
  const block = v.safeParse(v.record(v.string(), v.unknown()), microsoft ?? whole.output)
  if (!block.success || Array.isArray(microsoft)) throw faults('microsoft must be a JSON object')

  const { client_credential, groups_uri, ...rest } = block.output
  const credential = readCredentialValue(client_credential)
  const graph = groups_uri === undefined ? {} : { graph_endpoint: graphOf(groups_uri) }
  const kind = credential === undefined ? {} : { credential_kind: credential.kind }
  const parsed = v.safeParse(configurationSchema, { ...graph, ...kind, ...rest })
  if (!parsed.success) throw faults(...describeIssues(parsed.issues).map((fault) => `microsoft.${fault}`))
  return { configuration: parsed.output, credential: credential?.value }
}

const faults = (...problems: string[]): AppError =>
  new AppError({ code: 'config_invalid', problems: tellable(problems) })

function readCredentialValue(value: unknown): { value: Secret; kind: 'secret' | 'certificate' } | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string')
    return { value: new Secret(value), kind: value.includes('-----BEGIN ') ? 'certificate' : 'secret' }
  const parsed = v.safeParse(certificateSchema, value)
  if (!parsed.success)
    throw faults('microsoft.client_credential must be a text, or an object with private_key and public_certificate')
  const { private_key, public_certificate } = parsed.output
  if (public_certificate === undefined) {
    throw faults(
      'microsoft.client_credential.public_certificate is missing: the thumbprint alone is not enough, add the certificate in PEM',
    )
  }
  return { value: new Secret(`${private_key.trim()}\n${public_certificate.trim()}\n`), kind: 'certificate' }
}

/** The product's own address of the groups call; only its host is taken, and only when it is one of Microsoft's. */
function graphOf(value: unknown): string {
  const origin = typeof value === 'string' ? URL.parse(value)?.origin : undefined
  const known = Object.values(clouds).find((cloud) => cloud.graph === origin)
  if (known === undefined) throw faults('microsoft.groups_uri is not an address of Microsoft Graph')
  return known.graph
}
