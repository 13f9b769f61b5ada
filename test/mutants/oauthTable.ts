import type { Mutant } from './table.ts'

const attempt = 'shared/sealing/attempt.ts'
const sealingKey = 'shared/sealing/sealingKey.ts'
const idToken = 'shared/entra/idToken.ts'
const endpoints = 'shared/entra/endpoints.ts'
const authorizationUrl = 'shared/entra/authorizationUrl.ts'
const redeemCode = 'shared/entra/redeemCode.ts'
const signIn = 'shared/signIn/signIn.ts'
const accepting = 'shared/signIn/acceptAttempt.ts'
const central = 'shared/central/answerCentral.ts'

const testOfAttempt = 'test/sealing/attempt.test.ts'
const testOfSealingKey = 'test/sealing/sealingKey.test.ts'
const testOfIdToken = 'test/entra/idToken.test.ts'
const testOfEndpoints = 'test/entra/endpoints.test.ts'
const testOfAuthorizationUrl = 'test/entra/authorizationUrl.test.ts'
const testOfRedeemCode = 'test/entra/redeemCode.test.ts'
const testOfSignIn = 'test/signIn/signIn.test.ts'
const testOfCentral = 'test/central/answerCentral.test.ts'
const overSockets = 'test/integration/security.test.ts'

/** The checks on the way to Entra ID and back, and on what Entra ID says. */
export const oauthMutants: readonly Mutant[] = [
  {
    fault: 'a state is taken for ours without its MAC',
    file: attempt,
    from: 'keys.some((key) => sameText(state, ',
    to: 'keys.some((key) => key !== undefined || sameText(state, ',
    test: [testOfAttempt, 'is not known with another MAC'],
  },
  {
    fault: 'the cookie of an attempt has no __Host- prefix',
    file: attempt,
    from: "? '__Host-' : ''",
    to: "? '' : ''",
    test: [testOfAttempt, 'is bound to host and https by its name'],
  },
  {
    fault: 'all attempts share one cookie',
    file: attempt,
    from: 'cookiePrefix(redirectUri) + attemptId(state)',
    to: 'cookiePrefix(redirectUri) + attemptId(state).slice(0, 0)',
    test: [testOfAttempt, 'is one for each attempt: tabs do not disturb each other'],
  },
  {
    fault: 'an attempt without a verifier is whole',
    file: attempt,
    from: '  verifier: v.string(),',
    to: "  verifier: v.optional(v.string(), ''),",
    test: [testOfAttempt, 'is not whole without every field'],
  },
  {
    fault: 'a cookie opens whatever the length of its tag',
    file: 'shared/sealing/jwe.ts',
    from: ' || tag?.length !== tagLength',
    to: ' || tag === undefined',
    test: ['test/sealing/jwe.test.ts', 'with a shorter tag is not read'],
  },
  {
    fault: 'a state is less than 128 random bits',
    file: attempt,
    from: "randomBytes(16).toString('hex')",
    to: "randomBytes(4).toString('hex').repeat(4).replace(/./g, '0')",
    test: [testOfAttempt, 'is another each time'],
  },
  {
    fault: 'a short key seals',
    file: sealingKey,
    from: 'bytes.length !== 32 || ',
    to: '',
    test: [testOfSealingKey, 'too short'],
  },
  {
    fault: 'cookie and state share a key',
    file: sealingKey,
    from: "derive('sign-in state')",
    to: "derive('sign-in cookie')",
    test: [testOfSealingKey, 'gives cookie and state keys of their own'],
  },
  {
    fault: 'the keys of cookie and state can be read out',
    file: sealingKey,
    from: '    encrypt: (text)',
    to: '    ...{ encryption, mac },\n    encrypt: (text)',
    test: [testOfSealingKey, 'gives keys that cannot be read out'],
  },
  {
    fault: 'the code comes back in the address',
    file: authorizationUrl,
    from: "responseMode: 'form_post'",
    to: "responseMode: 'query'",
    test: [testOfAuthorizationUrl, 'asks for a code in a form, with PKCE, state and nonce'],
  },
  {
    fault: 'the challenge is the verifier itself (PKCE "plain")',
    file: authorizationUrl,
    from: "codeChallengeMethod: 'S256'",
    to: "codeChallengeMethod: 'plain'",
    test: [testOfAuthorizationUrl, 'asks for a code in a form, with PKCE, state and nonce'],
  },
  {
    fault: 'the verifier can be guessed',
    file: authorizationUrl,
    from: "randomBytes(32).toString('base64url')",
    to: "randomBytes(8).toString('base64url')",
    test: [testOfAuthorizationUrl, 'is long enough and fits its challenge (RFC 7636 4.1, 4.2)'],
  },
  {
    fault: 'the nonce has less than 128 random bits',
    file: authorizationUrl,
    from: "return randomBytes(16).toString('base64url')",
    to: 'return crypto.randomUUID()',
    test: [testOfAuthorizationUrl, 'has 128 random bits'],
  },
  {
    fault: 'more is asked for than sign-in and groups need',
    file: 'shared/configuration/entraConfiguration.ts',
    from: "new Set([...wanted, 'User.Read'])",
    to: "new Set([...wanted, 'User.Read', 'Directory.Read.All'])",
    test: ['test/configuration/entraConfiguration.test.ts', 'have it once'],
  },
  {
    fault: 'the code is redeemed without its verifier',
    file: redeemCode,
    from: '        codeVerifier: grant.verifier,\n',
    to: '',
    test: [testOfRedeemCode, 'is one POST to the token endpoint with code, verifier and credential'],
  },
  {
    fault: 'all that the token endpoint gave is kept, the refresh token too',
    file: redeemCode,
    from: 'return { tokens: { idToken:',
    to: 'return { tokens: { ...(answer.body as object), idToken:',
    test: [testOfRedeemCode, 'gives both tokens'],
  },
  {
    fault: 'the application does not prove itself by its managed identity',
    file: 'shared/entra/msalClient.ts',
    from: 'return { clientAssertion: credential.assertion }',
    to: "return { clientAssertion: async () => '' }",
    test: [testOfRedeemCode, 'proves itself with a token of the managed identity where there is no secret'],
  },
  {
    fault: 'an ID token may be signed by another algorithm',
    file: idToken,
    from: "    algorithms: ['RS256'],\n",
    to: '',
    test: [testOfIdToken, 'RS512, though of the same family'],
  },
  {
    fault: 'a wrong signature is overlooked',
    file: idToken,
    from: '}).catch((cause: unknown) => {\n',
    to: "}).catch((cause: unknown) => {\n    if (checkOf(cause) === 'signature') return { payload: JSON.parse(atob(token.split('.')[1] ?? '')) }\n",
    test: [testOfIdToken, 'a key of somebody else under a known id'],
  },
  {
    fault: 'an expired ID token is taken',
    file: idToken,
    from: 'const clockSkew = 300\n',
    to: 'const clockSkew = 30_000\n',
    test: [testOfIdToken, 'that has expired'],
  },
  {
    fault: 'an ID token of another issuer is taken',
    file: idToken,
    from: "if (payload.iss !== issuer) throw rejected('issuer')",
    to: '',
    test: [testOfIdToken, 'whose issuer has one character more'],
  },
  {
    fault: 'an ID token for another audience as well is taken',
    file: idToken,
    from: "if (payload.aud !== expected.clientId) throw rejected('audience')",
    to: '',
    test: [testOfIdToken, 'for us and another application'],
  },
  {
    fault: 'an ID token that another application asked for is taken',
    file: idToken,
    from: "if (payload.azp !== undefined && payload.azp !== expected.clientId) throw rejected('audience')",
    to: '',
    test: [testOfIdToken, 'that another application asked for'],
  },
  {
    fault: 'an ID token of another attempt is taken',
    file: idToken,
    from: "if (claims.nonce === undefined || !sameText(claims.nonce, expected.nonce)) throw rejected('nonce')",
    to: '',
    test: [testOfIdToken, 'whose nonce only begins right'],
  },
  {
    fault: 'people of another tenant come in by its id',
    file: idToken,
    from: "if (tenantId !== undefined && claims.tid !== tenantId) throw rejected('tenant')",
    to: '',
    test: [testOfIdToken, 'the allow-list does not open a single tenant to others'],
  },
  {
    fault: 'every organisation comes in where several may',
    file: idToken,
    from: 'if (tenantId === undefined && !expected.allowedTenants.includes(claims.tid)) {',
    to: 'if (claims.tid === undefined) {',
    test: [testOfIdToken, 'a tenant that is not allowed is refused by name'],
  },
  {
    fault: 'a signing key serves for every issuer',
    file: 'shared/entra/signingKeys.ts',
    from: '        requireIssuer(loaded.jwks?.keys ?? [], header.kid, token.payload)\n',
    to: '',
    test: ['test/entra/signingKeys.test.ts', 'do not serve another host'],
  },
  {
    fault: 'OpenID metadata may lead to another host',
    file: endpoints,
    from: 'if (!isSameHost(url, new URL(login)))',
    to: 'if (url.host === undefined)',
    test: [testOfEndpoints, 'must not name another host in'],
  },
  {
    fault: 'OpenID metadata may lead to an address without https',
    file: endpoints,
    from: '    const url = readBaseUrl(text)\n',
    to: '    const url = URL.parse(text) ?? undefined\n',
    test: [testOfEndpoints, 'must not send the code over http'],
  },
  {
    fault: 'OpenID metadata of another tenant is taken',
    file: endpoints,
    from: 'issuerTenant?.toLowerCase() !== tenantId.toLowerCase()',
    to: 'issuerTenant === undefined',
    test: [testOfEndpoints, 'of a tenant that is named by its id must be of that tenant'],
  },
  {
    fault: 'the cookie of another attempt will do',
    file: accepting,
    from: 'attempt !== undefined && sameText(attempt.state, state)',
    to: 'attempt !== undefined',
    test: [testOfSignIn, 'with the cookie of another attempt'],
  },
  {
    fault: 'an attempt can be used twice',
    file: accepting,
    from: "  engine.usedAttempts.set(state, 'used')\n",
    to: '',
    test: [testOfSignIn, 'a second time, cookie and all'],
  },
  {
    fault: 'an attempt is good for longer than ten minutes',
    file: attempt,
    from: 'ageOf(state, now) > attemptLifetime * 1000',
    to: 'ageOf(state, now) > attemptLifetime * 10_000',
    test: [testOfSignIn, 'after more than ten minutes'],
  },
  {
    fault: 'an answer of another issuer is taken',
    file: signIn,
    from: 'if (callback.issuer !== undefined && !isIssuer(attempt.issuer, callback.issuer))',
    to: 'if (callback.issuer === attempt.state)',
    test: [testOfSignIn, 'with an answer of another issuer (RFC 9207)'],
  },
  {
    fault: 'a code goes to another application than it was asked for',
    file: accepting,
    from: '    attempt.clientId === configuration.clientId &&\n',
    to: '',
    test: [testOfSignIn, 'begun under another client id'],
  },
  {
    fault: 'a code is redeemed with another redirect URI than it was asked for',
    file: accepting,
    from: '    attempt.redirectUri === configuration.redirectUri &&\n',
    to: '',
    test: [testOfSignIn, 'begun under another redirect URI'],
  },
  {
    fault: 'a code goes to another authority than it was asked of',
    file: accepting,
    from: 'attempt.issuer === (await engine.endpoints(configuration)).issuer',
    to: 'attempt.issuer.length > 0',
    test: [testOfSignIn, 'begun under another tenant'],
  },
  {
    fault: 'what a browser says counts as said by Entra ID',
    file: signIn,
    from: "code: 'unverified_error' as const,\n      error,",
    to: "code: 'entra_refused' as const,\n      error,",
    test: [testOfSignIn, 'unverified, and in known words only'],
  },
  {
    fault: 'a browser may put its own words into log and page',
    file: endpoints,
    from: "return oauthErrors.has(text) ? text : 'unknown_error'",
    to: 'return text',
    test: [testOfSignIn, '<b>call 555</b>'],
  },
  {
    fault: 'a used attempt that comes again with its cookie is no event',
    file: accepting,
    from: "    if (isWhole) log.warn({ event: 'security', kind: 'attempt_replayed' })\n",
    to: '',
    test: [testOfSignIn, 'twice with its cookie is a security event'],
  },
  {
    fault: 'foreign states make the vault be read each time',
    file: accepting,
    from: 'await sealingKeys.refresh(keyReloadPause)',
    to: 'await sealingKeys.refresh(0)',
    test: [testOfSignIn, 'a flood of them does not reach the vault'],
  },
  {
    fault: 'a stolen code is no event',
    file: 'shared/signIn/authenticate.ts',
    from: "if (redemption.refusal.failure.aadsts === pkceMismatch) log.warn({ event: 'security', kind: 'pkce_mismatch' })",
    to: '',
    test: [overSockets, 'a code that belongs to another attempt'],
  },
  {
    fault: 'a foreign nonce is no event',
    file: 'shared/signIn/authenticate.ts',
    from: "      log.warn({ event: 'security', kind: 'foreign_nonce' })",
    to: '      return Promise.reject(error)',
    test: [overSockets, 'an ID token with the nonce of another attempt'],
  },
  {
    fault: "Central's code goes to another application",
    file: central,
    from: "if (!same(document.clientId, configuration.clientId)) faults.push('config.client_id')",
    to: '',
    test: [testOfCentral, 'another application'],
  },
  {
    fault: "Central's code goes to another tenant",
    file: central,
    from: "if (document.tenantId !== 'common' && !same(document.tenantId, configuration.tenantId))",
    to: 'if (document.tenantId === null)',
    test: [testOfCentral, 'another tenant'],
  },
  {
    fault: 'Central may name any redirect URI',
    file: central,
    from: "if (!allowed.includes(address(document.redirectUri) ?? '')) faults.push('config.redirect_uri')",
    to: '',
    test: [testOfCentral, 'another redirect URI'],
  },
  {
    fault: 'an answer of another issuer is taken from Central',
    file: central,
    from: 'if (document.issuer !== undefined && !isIssuer(',
    to: 'if (document.issuer === undefined && !isIssuer(',
    test: [testOfCentral, 'another issuer'],
  },
  {
    fault: 'a certificate may ask for any work under its seal',
    file: 'shared/entra/pkcs12.ts',
    from: '      sealed.push({ scheme, content })\n',
    to: '      return\n',
    test: ['test/entra/credential.test.ts', 'must not ask for millions of rounds of key derivation'],
  },
]
