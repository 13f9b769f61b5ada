import { createPublicKey, timingSafeEqual, X509Certificate } from 'node:crypto'
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWK, type JWTPayload } from 'jose'
import type { AppCertificate, AppRegistration } from '../directory.ts'
import { EntraError, required } from './entraError.ts'

/** Public keys of a token issuer whose tokens are taken as federated credentials. */
export type AssertionKeys = (issuer: string) => readonly JWK[] | Promise<readonly JWK[]>

interface Context {
  /** Audiences that an assertion signed with a certificate may name. */
  audiences: readonly string[]
  assertionKeys: AssertionKeys
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const refused = (aadsts: number, text: string): EntraError => new EntraError('invalid_client', aadsts, text)

/** Checks whatever credential a token request carries. @throws EntraError as Entra ID words it */
export async function authenticateClient(
  app: AppRegistration,
  parameters: URLSearchParams,
  context: Context,
): Promise<void> {
  const secret = parameters.get('client_secret') ?? ''
  const assertion = parameters.get('client_assertion') ?? ''
  if (assertion !== '') {
    if (required(parameters, 'client_assertion_type') !== assertionType) {
      throw refused(50027, 'The client assertion is of an unknown type.')
    }
    return checkAssertion(app, assertion, context)
  }
  if (secret !== '') return checkSecret(app, secret)
  throw refused(
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  )
}

const same = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

function checkSecret(app: AppRegistration, secret: string): void {
  const match = app.secrets.find(({ value }) => same(value, secret))
  if (match === undefined) {
    throw refused(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.clientId}'.`,
    )
  }
  if (match.expired) {
    throw refused(7000222, `The provided client secret keys for app '${app.clientId}' are expired.`)
  }
}

function checkAssertion(app: AppRegistration, assertion: string, context: Context): Promise<void> {
  let claims: JWTPayload
  try {
    claims = decodeJwt(assertion)
  } catch {
    throw refused(50027, 'JWT token is invalid or malformed.')
  }
  return claims.iss?.toLowerCase() === app.clientId.toLowerCase()
    ? checkCertificateAssertion(app, assertion, claims, context)
    : checkFederatedAssertion(app, assertion, claims, context)
}

async function checkCertificateAssertion(
  app: AppRegistration,
  assertion: string,
  claims: JWTPayload,
  { audiences }: Context,
): Promise<void> {
  if (claims.sub?.toLowerCase() !== app.clientId.toLowerCase()) {
    throw refused(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
  }
  const header: Record<string, unknown> = decodeProtectedHeader(assertion)
  const named = ['x5t#S256', 'x5t', 'kid'].map((name) => header[name]).find((value) => typeof value === 'string')
  const certificate = app.certificates.find((one) => names(one).includes(String(named)))
  if (certificate === undefined) {
    throw refused(
      700027,
      `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${String(named)}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${app.clientId}'].`,
    )
  }
  const publicKey = createPublicKey(
    new X509Certificate(certificate.pem).publicKey.export({ type: 'spki', format: 'pem' }),
  )
  await compactVerify(assertion, publicKey, { algorithms: ['PS256', 'RS256'] }).catch(() => {
    throw refused(700027, `Client assertion failed signature validation. Algorithm: '${header.alg}'.`)
  })
  checkTimes(claims)
  const audience = [claims.aud ?? []].flat()
  if (!audience.some((one) => audiences.includes(one))) {
    throw refused(700023, `Client assertion audience claim does not match Realm issuer.`)
  }
}

/** The names under which a client may refer to its certificate. */
function names({ pem, thumbprintSha256 }: AppCertificate): string[] {
  const { fingerprint } = new X509Certificate(pem)
  const sha1 = fingerprint.replaceAll(':', '')
  return [thumbprintSha256, sha1].flatMap((hex) => [hex, Buffer.from(hex, 'hex').toString('base64url')])
}

async function checkFederatedAssertion(
  app: AppRegistration,
  assertion: string,
  claims: JWTPayload,
  { assertionKeys }: Context,
): Promise<void> {
  const issuer = claims.iss ?? ''
  const subject = claims.sub ?? ''
  const audience = [claims.aud ?? []].flat()
  const ofIssuer = app.federatedCredentials.filter((one) => one.issuer === issuer)
  const noMatch = (aadsts: number, what: string, value: string): EntraError =>
    refused(
      aadsts,
      `No matching federated identity record found for presented assertion ${what} '${value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`,
    )
  if (ofIssuer.length === 0) throw noMatch(700211, 'issuer', issuer)
  const ofSubject = ofIssuer.filter((one) => one.subject === subject)
  if (ofSubject.length === 0) {
    if (ofIssuer.some((one) => one.subject.toLowerCase() === subject.toLowerCase())) {
      throw refused(
        7002138,
        `The subject '${subject}' of the presented assertion matches a federated identity record only when case is ignored. The comparison is case-sensitive.`,
      )
    }
    throw noMatch(700213, 'subject', subject)
  }
  if (!ofSubject.some((one) => audience.includes(one.audience))) throw noMatch(700212, 'audience', audience.join(' '))
  checkTimes(claims)
  const keys = createLocalJWKSet({ keys: [...(await assertionKeys(issuer))] })
  await compactVerify(assertion, keys, { algorithms: ['RS256'] }).catch(() => {
    throw refused(50013, 'Assertion failed signature validation. [Reason - The key was not found.]')
  })
}

function checkTimes({ exp = 0, nbf = 0 }: JWTPayload): void {
  const seconds = Date.now() / 1000
  const skew = 300
  if (exp + skew < seconds || nbf - skew > seconds) {
    throw refused(700024, 'Client assertion is not within its valid time range.')
  }
}
