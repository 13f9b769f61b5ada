import { randomBytes } from 'node:crypto'
import type { AppRegistration, DirectoryUser } from '../directory.ts'
import { EntraError, required } from './entraError.ts'
import { consentError, isConsented, type RequestedScopes, readScopes } from './scopes.ts'
import { type Authority, belongs, checkAudience, checkRedirectUri, type EntraState, findApp } from './state.ts'

const responseModes = ['query', 'form_post'] as const
const prompts = ['login', 'none', 'consent', 'select_account']

/** Where an answer goes that may go back to the application. */
export interface ReturnAddress {
  redirectUri: string
  responseMode: (typeof responseModes)[number]
  state: string | undefined
}

/** A request that has passed every check that needs no user. */
export interface AuthorizeRequest extends ReturnAddress {
  authority: Authority
  app: AppRegistration
  nonce: string | undefined
  /** S256 challenge. */
  challenge: string | undefined
  scopes: RequestedScopes
  clientInfo: boolean
}

/** An error that is told to the application, not to the user. */
export class ReturnedError extends Error {
  readonly to: ReturnAddress
  readonly reason: EntraError

  constructor(to: ReturnAddress, reason: EntraError) {
    super(reason.message)
    this.to = to
    this.reason = reason
  }
}

/**
 * Judges a request to the authorize endpoint.
 * @throws EntraError when it must not go back: the address is not proven to be the application's
 * @throws ReturnedError otherwise
 */
export function readAuthorizeRequest(
  parameters: URLSearchParams,
  authority: Authority,
  { directory, behaviour }: EntraState,
): AuthorizeRequest {
  const get = (name: string): string | undefined => parameters.get(name) || undefined
  const app = findApp(directory, required(parameters, 'client_id'), authority)
  const redirectUri = get('redirect_uri') ?? ''
  checkRedirectUri(app, redirectUri, 'invalid_request')
  const mode = get('response_mode') ?? 'query'
  const responseMode = responseModes.find((one) => one === mode)
  const to: ReturnAddress = { redirectUri, responseMode: responseMode ?? 'query', state: get('state') }
  try {
    if (responseMode === undefined) {
      throw new EntraError('invalid_request', 70007, `'${mode}' is not a supported value of 'response_mode'.`)
    }
    const type = required(parameters, 'response_type')
    if (type !== 'code') {
      const text = `response_type '${type}' is not enabled for the application.`
      throw new EntraError('unsupported_response_type', 700054, text)
    }
    const prompt = get('prompt')
    if (prompt !== undefined && !prompts.includes(prompt)) {
      throw new EntraError('invalid_request', 90023, `Unsupported 'prompt' value.`)
    }
    checkAudience(app, authority)
    const request = {
      ...to,
      authority,
      app,
      nonce: get('nonce'),
      challenge: readChallenge(get('code_challenge'), get('code_challenge_method')),
      scopes: readScopes(required(parameters, 'scope'), behaviour.graphUrl),
      clientInfo: get('client_info') === '1',
    }
    if (prompt !== 'none') return request
    // Nobody has a session here: every sign-in asks who it is.
    throw new EntraError(
      'login_required',
      50058,
      "A silent sign-in request was sent but no user is signed in. The cookies used to represent the user's session were not sent in the request to Azure AD.",
    )
  } catch (error) {
    throw error instanceof EntraError ? new ReturnedError(to, error) : error
  }
}

function readChallenge(challenge: string | undefined, method: string | undefined): string | undefined {
  if (challenge === undefined) return undefined
  if (challenge.length < 43 || challenge.length > 128) {
    throw new EntraError('invalid_request', 501491, 'Invalid size of Code_Challenge parameter.')
  }
  // The real one takes a challenge without a method as plain text; that is refused here, as nobody should rely on it.
  if (method !== 'S256') throw new EntraError('invalid_request', 90023, `Unsupported 'code_challenge_method' value.`)
  return challenge
}

/**
 * Checks that the user may come in.
 * @throws EntraError where Entra ID stays on a page of its own
 * @throws ReturnedError where it goes back
 */
export function checkUser(request: AuthorizeRequest, user: DirectoryUser, { behaviour, directory }: EntraState): void {
  const { app, authority } = request
  if (!belongs(user, authority)) {
    const tenant = directory.tenants.find(({ id }) => id === user.tenantId)
    throw new EntraError(
      'invalid_request',
      50020,
      `User account '${user.preferredUsername}' from identity provider '${tenant?.name ?? ''}' does not exist in tenant '${authority.tenant?.name ?? ''}' and cannot access the application '${app.clientId}'(${app.displayName}) in that tenant. The account needs to be added as an external user in the tenant first.`,
    )
  }
  if (app.assignmentRequired && !user.assigned) {
    const reason = new EntraError(
      'access_denied',
      50105,
      `Your administrator has configured the application ${app.displayName} ('${app.clientId}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '${user.preferredUsername}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application.`,
    )
    throw behaviour.unassigned === 'redirect' ? new ReturnedError(request, reason) : reason
  }
  if (!isConsented(app, request.scopes)) throw new ReturnedError(request, consentError(app, 'consent_required'))
}

/** The parameters of a successful answer. */
export async function grantCode(
  request: AuthorizeRequest,
  user: DirectoryUser,
  { core, codes }: EntraState,
): Promise<[name: string, value: string | undefined][]> {
  const { app, authority, scopes } = request
  const code = await core.issueCode({
    clientId: app.clientId,
    oid: user.oid,
    redirectUri: request.redirectUri,
    // Without any OpenID scope the core still needs one; no ID token is given then.
    scope: scopes.openId.join(' ') || 'profile',
    nonce: request.nonce,
    challenge: request.challenge,
  })
  codes.set(code, { clientId: app.clientId, oid: user.oid, authority: authority.name, requested: scopes })
  return [
    ['code', code],
    ['client_info', request.clientInfo ? clientInfoOf(user) : undefined],
    ['state', request.state],
    ['session_state', randomBytes(16).toString('hex')],
  ]
}

/** Home account of the user, as MSAL reads it. */
export const clientInfoOf = (user: DirectoryUser): string =>
  Buffer.from(JSON.stringify({ uid: user.oid, utid: user.tenantId })).toString('base64url')
