import { createHash, randomBytes } from 'node:crypto'
import type { AppRegistration, DirectoryUser } from '../directory.ts'
import { EntraError, missingParameter } from './entraError.ts'
import { consentError, missingConsent, type RequestedScopes, readScopes } from './scopes.ts'
import { type Authority, belongs, checkAudience, type EntraState, findApp, isRegistered } from './state.ts'

export type ResponseMode = 'query' | 'fragment' | 'form_post'

/** A request that has passed every check that needs no user. */
export interface AuthorizeRequest {
  authority: Authority
  app: AppRegistration
  redirectUri: string
  responseMode: ResponseMode
  state: string | undefined
  nonce: string | undefined
  /** S256 challenge. */
  challenge: string | undefined
  scopes: RequestedScopes
  prompt: string | undefined
  loginHint: string | undefined
  clientInfo: boolean
}

/** Where an answer goes that may go back to the application. */
export interface ReturnAddress {
  redirectUri: string
  responseMode: ResponseMode
  state: string | undefined
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

const readMode = (text: string | undefined): ResponseMode | undefined =>
  text === undefined || text === 'query' || text === 'fragment' || text === 'form_post' ? (text ?? 'query') : undefined

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
  const clientId = get('client_id')
  if (clientId === undefined) throw missingParameter('client_id')
  const app = findApp(directory, clientId, authority)
  const redirectUri = get('redirect_uri') ?? (app.redirectUris.length === 1 ? app.redirectUris[0] : undefined)
  if (redirectUri === undefined || !isRegistered(app.redirectUris, redirectUri)) {
    throw new EntraError(
      'invalid_request',
      50011,
      `The redirect URI '${redirectUri ?? ''}' specified in the request does not match the redirect URIs configured for the application '${app.clientId}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.`,
    )
  }
  const mode = readMode(get('response_mode'))
  const to: ReturnAddress = { redirectUri, responseMode: mode ?? 'query', state: get('state') }
  const back = (error: string, aadsts: number, text: string): ReturnedError =>
    new ReturnedError(to, new EntraError(error, aadsts, text))

  if (mode === undefined) {
    throw back('invalid_request', 70007, `'${get('response_mode')}' is not a supported value of 'response_mode'.`)
  }
  const responseType = get('response_type')
  if (responseType === undefined) throw new ReturnedError(to, missingParameter('response_type'))
  if (responseType !== 'code') {
    throw responseType.includes('id_token')
      ? back('unsupported_response_type', 700054, "response_type 'id_token' is not enabled for the application.")
      : back('unsupported_response_type', 70005, 'The app returned an unsupported response type.')
  }
  try {
    checkAudience(app, authority)
    const scope = get('scope')
    if (scope === undefined) throw missingParameter('scope')
    return {
      ...to,
      authority,
      app,
      nonce: get('nonce'),
      challenge: readChallenge(get('code_challenge'), get('code_challenge_method')),
      scopes: readScopes(scope, behaviour.graphUrl),
      prompt: readPrompt(get('prompt')),
      loginHint: get('login_hint'),
      clientInfo: get('client_info') === '1',
    }
  } catch (error) {
    throw error instanceof EntraError ? new ReturnedError(to, error) : error
  }
}

function readPrompt(prompt: string | undefined): string | undefined {
  if (prompt === undefined || ['login', 'none', 'consent', 'select_account', 'create'].includes(prompt)) return prompt
  throw new EntraError('invalid_request', 90023, `Unsupported 'prompt' value.`)
}

function readChallenge(challenge: string | undefined, method: string | undefined): string | undefined {
  if (challenge === undefined) return undefined
  if (challenge.length < 43 || challenge.length > 128) {
    throw new EntraError('invalid_request', 501491, 'Invalid size of Code_Challenge parameter.')
  }
  if (method === 'S256') return challenge
  if (method !== undefined && method !== 'plain') {
    throw new EntraError('invalid_request', 90023, `Unsupported 'code_challenge_method' value.`)
  }
  // Entra ID takes a challenge without a method as plain text; the token core knows S256 only.
  return createHash('sha256').update(challenge).digest('base64url')
}

export function hinted(user: DirectoryUser, hint: string): boolean {
  const wanted = hint.toLowerCase()
  return [user.preferredUsername, user.userPrincipalName].some((name) => name.toLowerCase() === wanted)
}

/** The user who needs no question; undefined when the picker has to ask. @throws ReturnedError for `prompt=none` */
export function silentUser(
  request: AuthorizeRequest,
  current: DirectoryUser | undefined,
  { behaviour }: EntraState,
): DirectoryUser | undefined {
  const { prompt, loginHint, authority } = request
  const matches =
    current !== undefined && belongs(current, authority) && (loginHint === undefined || hinted(current, loginHint))
  if (prompt === 'none') {
    if (matches) return current
    throw new ReturnedError(
      request,
      new EntraError(
        'login_required',
        50058,
        "A silent sign-in request was sent but no user is signed in. The cookies used to represent the user's session were not sent in the request to Azure AD.",
      ),
    )
  }
  if (prompt !== undefined || !matches) return undefined
  return behaviour.singleSignOn || loginHint !== undefined ? current : undefined
}

/**
 * Checks that the user may come in.
 * @throws EntraError where Entra ID stays on a page of its own
 * @throws ReturnedError where it goes back
 */
export function checkUser(request: AuthorizeRequest, user: DirectoryUser, { behaviour, directory }: EntraState): void {
  const { app, authority, prompt } = request
  if (!belongs(user, authority)) {
    const tenant = directory.tenants.find(({ id }) => id === user.tenantId)
    throw new EntraError(
      'invalid_request',
      50020,
      `User account '${user.preferredUsername}' from identity provider '${tenant?.name ?? ''}' does not exist in tenant '${authority.tenant?.name ?? ''}' and cannot access the application '${app.clientId}'(${app.displayName}) in that tenant. The account needs to be added as an external user in the tenant first.`,
    )
  }
  if (app.assignmentRequired && !user.assigned) {
    const reason = (error: string): EntraError =>
      new EntraError(
        error,
        50105,
        `Your administrator has configured the application ${app.displayName} ('${app.clientId}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '${user.preferredUsername}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application.`,
      )
    if (prompt === 'none') throw new ReturnedError(request, reason('interaction_required'))
    if (behaviour.unassigned === 'redirect') throw new ReturnedError(request, reason('access_denied'))
    throw reason('access_denied')
  }
  if (missingConsent(app, request.scopes).length > 0) {
    throw new ReturnedError(request, consentError(app, 'consent_required'))
  }
}

/** The parameters of a successful answer. */
export async function grantCode(
  request: AuthorizeRequest,
  user: DirectoryUser,
  { core, codes }: EntraState,
): Promise<[string, string][]> {
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
  codes.set(code, {
    clientId: app.clientId,
    oid: user.oid,
    authority: authority.name,
    requested: scopes,
    redeemed: false,
  })
  return [
    ['code', code],
    ...(request.clientInfo ? [['client_info', clientInfoOf(user)] satisfies [string, string]] : []),
    ...(request.state === undefined ? [] : [['state', request.state] satisfies [string, string]]),
    ['session_state', randomBytes(16).toString('hex')],
  ]
}

/** Home account of the user, as MSAL reads it. */
export const clientInfoOf = (user: DirectoryUser): string =>
  Buffer.from(JSON.stringify({ uid: user.oid, utid: user.tenantId })).toString('base64url')
