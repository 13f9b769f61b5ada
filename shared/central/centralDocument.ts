import * as v from 'valibot'
import { AppError } from '../failure.ts'

/** Largest document that is read, in bytes; Central's has a few thousand. */
export const longestDocument = 256 * 1024

const text = (longest: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(longest))

/** Central's document (callback contract: "Standard input"); keys that are not known are tolerated. */
const documentSchema = v.object({
  endpoint: v.literal('microsoft'),
  arguments: v.pipe(v.string(), v.maxLength(16_384)),
  config: v.object({
    tenant_id: v.optional(text(256), 'common'),
    client_id: text(256),
    redirect_uri: text(2048),
  }),
  state: v.object({ code_verifier: text(512), nonce: text(512) }),
  // A log is a nicety: what is no number asks for none, and refuses nobody.
  loglevel: v.fallback(v.optional(v.number()), undefined),
})

/** What Central hands over for one sign-in. Its own client_credential is not even read. */
export interface CentralDocument {
  tenantId: string
  clientId: string
  redirectUri: string
  verifier: string
  nonce: string
  outcome: { code: string } | { error: string; description: string }
  /** Who says that they answered (RFC 9207), where they say it. */
  issuer: string | undefined
  /** Central asks for a log. */
  wantsLog: boolean
}

const refused = (problem: string): AppError => new AppError({ code: 'bad_request', problem })

/**
 * Reads Central's document.
 * @throws AppError bad_request that names the key at fault, never a value
 */
export function readCentralDocument(body: string): CentralDocument {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    throw refused('the document is not JSON')
  }
  const parsed = v.safeParse(documentSchema, json)
  if (!parsed.success) {
    const path = parsed.issues[0].path?.map((item) => String(item.key)).join('.') ?? 'the document'
    throw refused(path === 'endpoint' ? 'only the endpoint "microsoft" is served' : `${path} is missing or not valid`)
  }
  const { arguments: query, config, state, loglevel } = parsed.output
  return {
    tenantId: config.tenant_id,
    clientId: config.client_id,
    redirectUri: config.redirect_uri,
    verifier: state.code_verifier,
    nonce: state.nonce,
    ...readArguments(query),
    wantsLog: (loglevel ?? 0) >= 5,
  }
}

function readArguments(query: string): Pick<CentralDocument, 'outcome' | 'issuer'> {
  const fields = new URLSearchParams(query)
  for (const name of ['code', 'error', 'iss']) {
    if (fields.getAll(name).length > 1) throw refused(`${name} is repeated in the arguments`)
  }
  const code = fields.get('code')
  const error = fields.get('error')
  if (code !== null && error !== null) throw refused('the arguments have a code and an error')
  const issuer = fields.get('iss') ?? undefined
  if (error !== null) return { issuer, outcome: { error, description: fields.get('error_description') ?? '' } }
  if (code === null || !/^[\x20-\x7e]+$/.test(code)) throw refused('the arguments have no code')
  return { issuer, outcome: { code } }
}
