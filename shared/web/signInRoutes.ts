import type { Cookie, HttpResponseInit } from '@azure/functions'
import type { Engine } from '../engine.ts'
import { AppError } from '../failure.ts'
import { attemptLifetime, cookieName, cookiePrefix, isLikeOurState } from '../sealing/attempt.ts'
import { beginSignIn, completeSignIn, type Departure, recognise } from '../signIn/signIn.ts'
import { readCallback, readCallbackRequest } from './callbackRequest.ts'
import { onlyCookie, readCookies } from './cookies.ts'
import { currentEngine } from './currentEngine.ts'
import type { Exchange } from './guarded.ts'
import { securityHeaders } from './page.ts'
import { sameSiteStep, stepField } from './sameSiteStep.ts'

/** Attempts that one browser may have open; older ones are given up, so that its cookies stay small. */
const mostAttempts = 5

/** Cookies that one answer takes away at the most. */
const mostCleared = 10

const isAttemptCookie = (name: string, prefix: string): boolean =>
  name.startsWith(prefix) && /^[0-9a-f]{40}$/.test(name.slice(prefix.length))

/**
 * The cookie of one attempt; an age of 0 takes it away. On https it comes with a form from Entra ID's site: state, PKCE
 * and nonce bind it, not the browser's idea of a site. Without https browsers refuse `None`, which must be Secure.
 */
export function attemptCookie(name: string, value: string, maxAge: number): Cookie {
  const secure = name.startsWith('__Host-')
  return { name, value, maxAge, path: '/', httpOnly: true, secure, sameSite: secure ? 'None' : 'Lax' }
}

function redirect(status: 302 | 303, location: string): HttpResponseInit {
  return { status, headers: { ...securityHeaders, location } }
}

function depart(
  { location, state, sealed, redirectUri }: Departure,
  cookies: Cookie[],
  status: 302 | 303,
): HttpResponseInit {
  cookies.push(attemptCookie(cookieName(state, redirectUri), sealed, attemptLifetime))
  return redirect(status, location)
}

/** `GET /login`: to Entra ID. */
export async function login({ request, cookies }: Exchange): Promise<HttpResponseInit> {
  const departure = await beginSignIn(currentEngine())
  const prefix = cookiePrefix(departure.redirectUri)
  const open = [...readCookies(request.headers.get('cookie')).keys()]
    .filter((name) => isAttemptCookie(name, prefix))
    .sort()
  const spent = open.slice(0, Math.max(0, open.length - mostAttempts + 1)).slice(0, mostCleared)
  cookies.push(...spent.map((name) => attemptCookie(name, '', 0)))
  return depart(departure, cookies, 302)
}

/** The callback of Entra ID, by form_post; by GET where Micetro Central began the sign-in. */
export async function callback({ request, log, correlationId, signal, cookies }: Exchange): Promise<HttpResponseInit> {
  const engine = currentEngine()
  const arrived = await readCallbackRequest(request)
  const state = arrived.fields.get('state')
  if (state !== null && !(await recognise(engine, state))) return bounce(engine, state, arrived.raw)

  const parsed = readCallback(arrived)
  const { configuration } = await engine.inForce.get()
  const { redirectUri } = configuration
  const name = cookieName(parsed.state, redirectUri)
  const sealed = onlyCookie(readCookies(request.headers.get('cookie')), name)
  if (request.method === 'POST' && sealed === undefined && !arrived.fields.has(stepField)) {
    const { authorize } = await engine.endpoints(configuration)
    const leadsTo = [new URL(authorize).origin, new URL(engine.landing()).origin]
    return sameSiteStep(arrived.fields, new URL(redirectUri).pathname, leadsTo)
  }
  // Whatever becomes of it, the attempt is over.
  cookies.push(attemptCookie(name, '', 0))
  const completion = await completeSignIn(engine, parsed, sealed, { correlationId, signal }, log)
  if (completion.kind === 'restarted') return depart(completion.departure, cookies, 303)
  if (completion.kind === 'reported')
    return (await import('./dryRunPage.ts')).dryRunPage(completion.report, correlationId)
  return redirect(303, completion.location)
}

/**
 * A state that we did not make belongs to a sign-in that Micetro Central started: the browser goes on to Central's own
 * callback, a fixed address, with what it brought. A spoiled state of ours stays here.
 */
function bounce({ settings: { centralCallbackUrl } }: Engine, state: string, raw: string): HttpResponseInit {
  if (centralCallbackUrl === undefined || isLikeOurState(state)) throw new AppError({ code: 'attempt_unknown' })
  return redirect(303, `${centralCallbackUrl.href}?${raw}`)
}
