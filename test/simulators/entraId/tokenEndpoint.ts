import type { AppRegistration, DirectoryUser } from '../directory.ts'
import { clientInfoOf } from './authorize.ts'
import { idTokenClaims } from './claims.ts'
import { authenticateClient } from './clientAuthentication.ts'
import { EntraError, expiredGrant, required } from './entraError.ts'
import { consentError, isConsented, type RequestedScopes, readScopes } from './scopes.ts'
import { type Authority, checkAudience, checkRedirectUri, type EntraState, findApp, type IssuedGrant } from './state.ts'
import type { CoreAnswer } from './tokenCore.ts'
import { type QueuedFault, refusalOf, signatureOf, spoilClaims } from './tokenFaults.ts'

/** An answer that is not JSON, as from a proxy in between. */
export class NotJson extends Error {}

const invalidGrant = (aadsts: number, text: string): EntraError => new EntraError('invalid_grant', aadsts, text)

/** Answers a request to the token endpoint. @throws EntraError as Entra ID words it */
export async function answerToken(
  parameters: URLSearchParams,
  authority: Authority,
  state: EntraState,
): Promise<Record<string, unknown>> {
  const fault = state.faults.take(parameters.get('grant_type') !== 'client_credentials')
  if (fault?.fault === 'notJson') throw new NotJson()
  const refusal = fault && refusalOf(fault)
  if (refusal !== undefined) throw refusal

  const grantType = required(parameters, 'grant_type')
  const app = findApp(state.directory, required(parameters, 'client_id'), authority)
  checkAudience(app, authority)
  await authenticateClient(app, parameters, {
    audiences: audiencesOf(authority, state),
    assertionKeys: state.behaviour.assertionKeys,
  })
  switch (grantType) {
    case 'authorization_code':
      return redeemCode(app, parameters, authority, state, fault)
    case 'client_credentials':
      return appOnly(app, parameters, authority, state)
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
  const code = required(parameters, 'code')
  const redirectUri = required(parameters, 'redirect_uri')
  const grant = state.codes.get(code)
  if (grant === undefined || grant.clientId !== app.clientId) {
    throw invalidGrant(70000, 'The provided authorization code is invalid or malformed.')
  }
  checkTenant(grant, authority, state)
  checkRedirectUri(app, redirectUri, 'invalid_client')
  const scope = parameters.get('scope') ?? ''
  const scopes = scope === '' ? grant.requested : readScopes(scope, state.behaviour.graphUrl)
  if (!isConsented(app, scopes)) throw consentError(app, 'invalid_grant', 'consent_required')
  const verifier = parameters.get('code_verifier')
  const answer = await state.core.exchange(app.clientId, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    ...(verifier !== null && { code_verifier: verifier }),
  })
  if (!answer.granted) throw coreError(answer.reason, redirectUri)
  return tokenAnswer(app, parameters, { answer, scopes }, state, fault)
}

/** A code is redeemed where it was issued, or at the user's own tenant. */
function checkTenant(grant: IssuedGrant, authority: Authority, { directory }: EntraState): void {
  const user = directory.users.find(({ oid }) => oid === grant.oid)
  if (authority.name === grant.authority || authority.name === user?.tenantId) return
  throw invalidGrant(700005, `Provided Authorization Code is intended to use against other tenant, thus rejected.`)
}

function appOnly(
  app: AppRegistration,
  parameters: URLSearchParams,
  { tenant }: Authority,
  state: EntraState,
): Record<string, unknown> {
  const scope = required(parameters, 'scope')
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
    ...(tenant !== undefined && { tenantId: tenant.id }),
    audience: graphUrl,
  })
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token }
}

type Granted = Extract<CoreAnswer, { granted: true }>

async function tokenAnswer(
  app: AppRegistration,
  parameters: URLSearchParams,
  { answer, scopes }: { answer: Granted; scopes: RequestedScopes },
  state: EntraState,
  fault: QueuedFault | undefined,
): Promise<Record<string, unknown>> {
  const { directory, behaviour } = state
  const user = directory.users.find(({ oid }) => oid === answer.oid)
  if (user === undefined) {
    throw invalidGrant(50034, 'The user account does not exist in the directory.')
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
  { host, keys, directory }: EntraState,
  fault: QueuedFault | undefined,
): Promise<string | undefined> {
  const kind = fault?.fault
  if (kind === 'noIdToken') return undefined
  if (kind === 'malformedIdToken') return 'this.is.no-token'
  const other = user.tenantId === directory.foreign.id ? directory.home : directory.foreign
  const claims = idTokenClaims(user, app, { host, nonce: answer.idToken?.nonce, scopes: answer.scopes })
  const foreign = { id: other.id, issuer: `${host}/${other.id}/v2.0` }
  return keys.sign(spoilClaims(claims, kind, foreign), signatureOf(kind))
}

/** The token core's refusals in Entra ID's words. */
const coreErrors: readonly [reason: RegExp, error: (redirectUri: string) => EntraError][] = [
  [/expired/, expiredGrant],
  [
    /consumed/,
    () =>
      invalidGrant(
        54005,
        'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
      ),
  ],
  [
    /redirect_uri/,
    (uri) =>
      invalidGrant(
        500112,
        `The reply address '${uri}' does not match the reply address provided when requesting Authorization code.`,
      ),
  ],
  [
    /code_verifier|code_challenge/,
    () =>
      invalidGrant(
        501481,
        'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
      ),
  ],
]

function coreError(reason: string, redirectUri: string): EntraError {
  const [, error] = coreErrors.find(([pattern]) => pattern.test(reason)) ?? []
  return error?.(redirectUri) ?? invalidGrant(70000, 'The provided grant is invalid or malformed.')
}
