import { explain } from '../../catalogue.ts'
import { authorizationUrl, createPkce } from '../../entra/authorizationUrl.ts'
import { type Check, failed, passed, skipped, warning } from '../check.ts'

/** The path on which this application listens (design: routes). */
const callbackPath = '/mmws/auth_cb/microsoft'

/**
 * The redirect URI leads here and is registered. Without a user Entra ID answers a silent request either by going back
 * to the address, which proves that it is registered, or with an error page that says that it is not.
 */
export const redirectUriCheck: Check = {
  name: 'redirect_uri',
  needs: ['tenant'],
  timeout: 10_000,
  async run({ engine, candidate: { configuration }, endpoints }, signal) {
    const { redirectUri } = configuration
    if (new URL(redirectUri).pathname !== callbackPath) {
      return failed(
        `Its path is not ${callbackPath}.`,
        `Use https://<this application's host>${callbackPath}; the path is case-sensitive.`,
      )
    }
    const { challenge } = createPkce()
    const url = new URL(
      await authorizationUrl(configuration, await endpoints(), { state: 'test', nonce: 'test', challenge }),
    )
    url.searchParams.set('prompt', 'none')
    // As a redirect, whose address can be read; nobody is signed in, so it carries no code.
    url.searchParams.set('response_mode', 'query')
    const answer = await engine.send({ method: 'GET', url: url.href, timeout: 8000, signal })
    const location = answer.headers.location
    if (answer.status >= 300 && answer.status < 400 && location !== undefined && leadsTo(location, redirectUri)) {
      return passed('It is registered: Entra ID sends browsers back to it.')
    }
    const number = /AADSTS(\d{4,9})/.exec(answer.text)?.[1]
    if (number === '50011' || number === '500113' || number === '900971') {
      const { admin } = explain({ code: 'entra_refused', error: 'invalid_request', aadsts: Number(number) })
      return failed(`Entra ID answered AADSTS${number}: ${redirectUri} is not registered.`, admin)
    }
    if (number === '700016')
      return skipped('Entra ID does not know the client id, so it says nothing of its redirect URIs.')
    if (redirectUri.startsWith('http:')) return warning('It is not https.', 'Use it for local development only.')
    return skipped('This cannot be known without a user: Test sign-in shows it.')
  },
}

function leadsTo(location: string, redirectUri: string): boolean {
  const [to, uri] = [URL.parse(location), new URL(redirectUri)]
  return to !== null && to.origin === uri.origin && to.pathname === uri.pathname
}
