import type { HttpRequest } from '@azure/functions'
import { AppError } from '../failure.ts'
import type { Callback } from '../signIn/signIn.ts'
import { readBody } from './body.ts'

/** The parameters of a callback as they arrived, in one form for GET and form_post. */
export interface CallbackRequest {
  /** The query or form, percent-encoded, as a query. */
  raw: string
  fields: URLSearchParams
}

/** Entra ID's codes have about 2,000 characters; far more is nothing of Entra ID's. */
const longest = 16_384

/** Parameters that may stand once only (RFC 6749 3.1). */
const single = [
  'code',
  'state',
  'error',
  'error_description',
  'error_uri',
  'error_subcode',
  'session_state',
  'client_info',
  'iss',
]

const refused = (problem: string): AppError => new AppError({ code: 'bad_request', problem })

/**
 * Reads query or form. The query is taken from the address: the host joins repeated keys of its own map.
 * @throws AppError bad_request
 */
export async function readCallbackRequest(request: HttpRequest): Promise<CallbackRequest> {
  const isForm = request.method === 'POST'
  const text = isForm ? await readForm(request) : new URL(request.url).search.slice(1)
  if (text.length > longest) throw refused('the parameters are too long')
  try {
    decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw refused('the parameters are not UTF-8')
  }
  const fields = new URLSearchParams(text)
  for (const name of single) {
    if (fields.getAll(name).length > 1) throw refused(`the parameter ${name} is repeated`)
  }
  // A form is written anew, so that nothing in it ends a query early.
  return { raw: isForm ? fields.toString() : text, fields }
}

async function readForm(request: HttpRequest): Promise<string> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) throw refused('the body is not a form')
  const body = await readBody(request, longest)
  if (body === undefined) throw refused('the form is too long')
  const text = body.toString('latin1')
  // Anything else would have been percent-encoded by a browser, and must not get into a header.
  if (!/^[\x21-\x7e]*$/.test(text)) throw refused('the form is not percent-encoded UTF-8')
  return text
}

/**
 * What the callback says (RFC 6749 4.1.2).
 * @throws AppError bad_request
 */
export function readCallback({ fields }: CallbackRequest): Callback {
  const state = fields.get('state')
  const code = fields.get('code')
  const error = fields.get('error')
  if (state === null || state === '') throw refused('the parameter state is missing')
  if (code !== null && error !== null) throw refused('code and error came together')
  const iss = fields.get('iss')
  const issuer = iss === null ? {} : { issuer: iss }
  if (error !== null) {
    const description = fields.get('error_description') ?? ''
    const cancelled = fields.get('error_subcode') === 'cancel' && { cancelled: true as const }
    return { state, ...issuer, outcome: { error, description, ...cancelled } }
  }
  if (code === null || code === '') throw refused('the parameter code is missing')
  // The characters that RFC 6749 A.11 allows.
  if (!/^[\x20-\x7e]+$/.test(code)) throw refused('the parameter code has characters that a code cannot have')
  return { state, ...issuer, outcome: { code } }
}
