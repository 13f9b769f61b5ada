import type { AppRegistration, DirectoryUser } from '../directory.ts'
import { clientInfoOf } from './authorize.ts'
import { idTokenClaims } from './claims.ts'
import { authenticateClient } from './clientAuthentication.ts'
import { EntraError, missingParameter } from './entraError.ts'
import { consentError, missingConsent, type RequestedScopes, readScopes } from './scopes.ts'
import { type Authority, checkAudience, type EntraState, findApp, type IssuedGrant, isRegistered } from './state.ts'
import type { CoreAnswer } from './tokenCore.ts'
import { type QueuedFault, refusalOf, signatureOf, spoilClaims } from './tokenFaults.ts'

/** An answer that is not JSON, as from a proxy in between. */
export class NotJson extends Error {}

/** Answers a request to the token endpoint. @throws EntraError as Entra ID words it */
export async function answerToken(
  parameters: URLSearchParams,
  authority: Authority,
  state: EntraState,
): Promise<Record<string, unknown>> {
  const grantType = parameters.get('grant_type') ?? ''
  const fault = state.faults.take(grantType !== 'client_credentials')
  if (fault?.fault === 'notJson') throw new NotJson()
  const refusal = fault && refusalOf(fault)
  if (refusal !== undefined) throw refusal

  if (grantType === '') throw missingParameter('grant_type')
  const clientId = parameters.get('client_id')
  if (!clientId) throw missingParameter('client_id')
  const app = findApp(state.directory, clientId, authority)
  checkAudience(app, authority)
  await authenticateClient(app, parameters, {
    audiences: audiencesOf(authority, state),
    assertionKeys: state.behaviour.assertionKeys,
    now: state.now(),
  })
  switch (grantType) {
    case 'authorization_code':
      return redeemCode(app, parameters, authority, state, fault)
    case 'refresh_token':
      return refresh(app, parameters, state, fault)
    case 'client_credentials':
      return appOnly(app, parameters, state)
    default:
      throw new EntraError(
        'unsupported_grant_type',
        70003,
        `The app requested an unsupported grant type '${grantType}'.`,
      )
  }
}

function audiencesOf({ name, tenant }: Authority, { host }: EntraState): string[] {
  return [name, ...(tenant?.domains ?? [])].flatMap((one) => [
    `${host}/${one}/oauth2/v2.0/token`,
    `${host}/${one}/v2.0`,
  ])
}

async function redeemCode(
  app: AppRegistration,
  parameters: URLSearchParams,
  authority: Authority,
  state: EntraState,
  fault: QueuedFault | undefined,
): Promise<Record<string, unknown>> {
  const code = parameters.get('code')
  if (!code) throw missingParameter('code')
  const redirectUri = parameters.get('redirect_uri')
  if (!redirectUri) throw missingParameter('redirect_uri')
  const grant = state.codes.get(code)
  if (grant === undefined || grant.clientId !== app.clientId) {
    throw new EntraError('invalid_grant', 70000, 'The provided authorization code is invalid or malformed.')
  }
  if (grant.redeemed) {
    throw new EntraError(
      'invalid_grant',
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    )
  }
  checkTenant(grant, authority, state)
  if (!isRegistered(app.redirectUris, redirectUri)) {
    throw new EntraError(
      'invalid_client',
      50011,
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${app.clientId}'.`,
    )
  }
  if (fault?.fault === 'expiredCode') state.core.expireCode(code)
  const scopes = checkScopes(app, parameters, grant, state)
  const verifier = parameters.get('code_verifier')
  const answer = await state.core.exchange(app.clientId, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    ...(verifier !== null && { code_verifier: verifier }),
  })
  if (!answer.granted) throw coreError(answer, redirectUri)
  grant.redeemed = true
  return tokenAnswer(app, parameters, { answer, grant, scopes }, state, fault)
}

/** A code is redeemed where it was issued, or at the user's own tenant. */
function checkTenant(grant: IssuedGrant, authority: Authority, { directory }: EntraState): void {
  const user = directory.users.find(({ oid }) => oid === grant.oid)
  if (authority.name === grant.authority || authority.name === user?.tenantId) return
  throw new EntraError(
    'invalid_grant',
    700005,
    `Provided Authorization Code is intended to use against other tenant, thus rejected.`,
  )
}

function checkScopes(
  app: AppRegistration,
  parameters: URLSearchParams,
  grant: IssuedGrant,
  { behaviour }: EntraState,
): RequestedScopes {
  const scope = parameters.get('scope') ?? ''
  const scopes = scope === '' ? grant.requested : readScopes(scope, behaviour.graphUrl)
  if (missingConsent(app, scopes).length > 0) throw consentError(app, 'invalid_grant', 'consent_required')
  return scopes
}

async function refresh(
  app: AppRegistration,
  parameters: URLSearchParams,
  state: EntraState,
  fault: QueuedFault | undefined,
): Promise<Record<string, unknown>> {
  const refreshToken = parameters.get('refresh_token')
  if (!refreshToken) throw missingParameter('refresh_token')
  const grant = state.refreshTokens.get(refreshToken)
  if (grant === undefined || grant.clientId !== app.clientId) {
    throw new EntraError('invalid_grant', 9002313, 'Invalid request. Request is malformed or invalid.')
  }
  const scopes = checkScopes(app, parameters, grant, state)
  const answer = await state.core.exchange(app.clientId, { grant_type: 'refresh_token', refresh_token: refreshToken })
  if (!answer.granted) throw coreError(answer, '')
  return tokenAnswer(app, parameters, { answer, grant, scopes }, state, fault)
}

function appOnly(app: AppRegistration, parameters: URLSearchParams, state: EntraState): Record<string, unknown> {
  const scope = parameters.get('scope') ?? ''
  if (scope === '') throw missingParameter('scope')
  const { graphUrl } = state.behaviour
  const { graph, openId } = readScopes(scope, graphUrl)
  if (graph[0] !== '.default' || openId.length > 0) {
    throw new EntraError(
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    )
  }
  const { token, expiresIn } = state.accessTokens.issue({
    user: undefined,
    app,
    scopes: [],
    roles: [...app.grantedRoles],
    audience: graphUrl,
  })
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token }
}

type Granted = Extract<CoreAnswer, { granted: true }>

async function tokenAnswer(
  app: AppRegistration,
  parameters: URLSearchParams,
  { answer, grant, scopes }: { answer: Granted; grant: IssuedGrant; scopes: RequestedScopes },
  state: EntraState,
  fault: QueuedFault | undefined,
): Promise<Record<string, unknown>> {
  const { directory, behaviour } = state
  const user = directory.users.find(({ oid }) => oid === answer.oid)
  if (user === undefined) {
    throw new EntraError('invalid_grant', 50034, 'The user account does not exist in the directory.')
  }
  // An access token carries everything that was ever consented to, whatever was asked for this time.
  const granted = [...app.grantedScopes]
  const { token, expiresIn } = state.accessTokens.issue({
    user,
    app,
    scopes: granted,
    roles: [],
    audience: behaviour.graphUrl,
  })
  if (answer.refreshToken !== undefined) state.refreshTokens.set(answer.refreshToken, grant)
  const prefix = (parameters.get('scope') ?? '').includes('://') ? `${behaviour.graphUrl}/` : ''
  const openId = scopes.openId.filter((name) => name !== 'offline_access')
  const idToken = answer.idToken === undefined ? undefined : await signIdToken(user, app, answer, state, fault)
  return {
    token_type: 'Bearer',
    scope: [...openId, ...granted.map((name) => `${prefix}${name}`)].join(' '),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: token,
    ...(answer.refreshToken !== undefined && { refresh_token: answer.refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
    ...(parameters.get('client_info') === '1' && { client_info: clientInfoOf(user) }),
  }
}

async function signIdToken(
  user: DirectoryUser,
  app: AppRegistration,
  answer: Granted,
  { host, now, keys, directory }: EntraState,
  fault: QueuedFault | undefined,
): Promise<string | undefined> {
  const kind = fault?.fault
  if (kind === 'noIdToken') return undefined
  if (kind === 'malformedIdToken') return 'this.is.no-token'
  const other = user.tenantId === directory.foreign.id ? directory.home : directory.foreign
  const claims = idTokenClaims(user, app, { host, nonce: answer.idToken?.nonce, scopes: answer.scopes, now: now() })
  const foreign = { id: other.id, issuer: `${host}/${other.id}/v2.0` }
  return keys.sign(spoilClaims(claims, kind, foreign, now()), signatureOf(kind))
}

/** The token core's refusals in Entra ID's words. */
function coreError({ reason }: Extract<CoreAnswer, { granted: false }>, redirectUri: string): EntraError {
  if (reason.includes('expired')) {
    return new EntraError(
      'invalid_grant',
      70008,
      'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
    )
  }
  if (reason.includes('consumed')) {
    return new EntraError('invalid_grant', 54005, 'OAuth2 Authorization code was already redeemed.')
  }
  if (reason.includes('redirect_uri')) {
    return new EntraError(
      'invalid_grant',
      500112,
      `The reply address '${redirectUri}' does not match the reply address provided when requesting Authorization code.`,
    )
  }
  if (reason.includes('code_verifier') || reason.includes('code_challenge')) {
    return new EntraError(
      'invalid_grant',
      501481,
      'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
    )
  }
  return new EntraError('invalid_grant', 70000, `The provided grant is invalid or malformed.`)
}
