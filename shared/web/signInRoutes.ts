import type { Cookie, HttpRequest, HttpResponseInit } from '@azure/functions'
import { explain } from '../catalogue.ts'
import { clouds } from '../configuration/clouds.ts'
import type { Engine } from '../engine.ts'
import { AppError, failureOf } from '../failure.ts'
import { attemptId, attemptLifetime, cookieName, cookiePrefix, isLikeOurState, purposeOf } from '../sealing/attempt.ts'
import { recognise } from '../signIn/acceptAttempt.ts'
import { beginSignIn, type Departure, ordinary, otherAccount } from '../signIn/beginSignIn.ts'
import { refusedDryRun } from '../signIn/dryRun.ts'
import { prepare } from '../signIn/prepare.ts'
import { completeSignIn } from '../signIn/signIn.ts'
import { readCallback, readCallbackRequest } from './callbackRequest.ts'
import { onlyCookie, readCookies } from './cookies.ts'
import { currentEngine } from './currentEngine.ts'
import { dryRunPage } from './dryRunPage.ts'
import type { Exchange } from './exchange.ts'
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

/** `GET /login`: to Entra ID; with `prompt=select_account` for another account than the last one. */
export async function login({ request, cookies }: Exchange): Promise<HttpResponseInit> {
  const engine = currentEngine()
  const choose = new URL(request.url).searchParams.get('prompt') === 'select_account'
  const departure = await beginSignIn(engine, choose ? otherAccount : ordinary)
  prepare(engine, 'here')
  const prefix = cookiePrefix(departure.redirectUri)
  const open = [...readCookies(request.headers.get('cookie')).keys()]
    .filter((name) => isAttemptCookie(name, prefix))
    .sort()
  const spent = open.slice(0, Math.max(0, open.length - mostAttempts + 1)).slice(0, mostCleared)
  cookies.push(...spent.map((name) => attemptCookie(name, '', 0)))
  return depart(departure, cookies, 302)
}

/** The callback of Entra ID, by form_post; by GET where Micetro Central began the sign-in. */
export async function callback(exchange: Exchange): Promise<HttpResponseInit> {
  const { request, log, correlationId, signal, cookies } = exchange
  const engine = currentEngine()
  const arrived = await readCallbackRequest(request)
  const state = arrived.fields.get('state')
  if (state !== null && !(await recognise(engine, state))) return bounce(engine, state, arrived.raw)
  // The usual page of a failure offers a real sign-in.
  if (state !== null && purposeOf(state) === 'dry-run') exchange.fail = failDryRun(attemptId(state))

  const parsed = readCallback(arrived)
  const { name, sealed, leadsTo } = await findAttempt(engine, parsed.state, request)
  const maybeHeldBack =
    request.method === 'POST' && sealed === undefined && engine.usedAttempts.get(parsed.state) === undefined
  if (maybeHeldBack && !arrived.fields.has(stepField))
    return sameSiteStep(arrived.fields, new URL(request.url).pathname, await leadsTo())
  // Whatever becomes of it, the attempt is over.
  cookies.push(attemptCookie(name, '', 0))
  const completion = await completeSignIn(engine, parsed, sealed, { correlationId, signal }, log)
  if (completion.kind === 'restarted') return depart(completion.departure, cookies, 303)
  if (completion.kind === 'reported') return dryRunPage(completion.report, correlationId, attemptId(parsed.state))
  return redirect(303, completion.location)
}

const failDryRun =
  (attempt: string): Exchange['fail'] =>
  async (error, correlationId) => {
    const failure = failureOf(error)
    return dryRunPage(refusedDryRun(failure), correlationId, attempt, explain(failure).status)
  }

interface FoundAttempt {
  /** Of its cookie. */
  name: string
  sealed: string | undefined
  /** Origins to which the answer may redirect. */
  leadsTo: () => Promise<string[]>
}

/**
 * The cookie of an attempt. A dry run may try a redirect URI and a cloud that are not in force, or be tried while nothing
 * is, so it goes by what the browser holds and by the clouds that there are.
 */
async function findAttempt(engine: Engine, state: string, request: HttpRequest): Promise<FoundAttempt> {
  const held = readCookies(request.headers.get('cookie'))
  if (purposeOf(state) === 'dry-run') {
    const [secure = '', plain = ''] = ['https:', 'http:'].map((scheme) => cookieName(state, scheme))
    const name = held.has(secure) ? secure : plain
    const logins = [...Object.values(clouds), engine.settings.customCloud].flatMap((cloud) => cloud?.login ?? [])
    return {
      name,
      sealed: onlyCookie(held, name),
      leadsTo: async () => [...new Set(logins.map((url) => new URL(url).origin))],
    }
  }
  const { configuration } = await engine.inForce.get()
  const name = cookieName(state, configuration.redirectUri)
  const leadsTo = async (): Promise<string[]> => {
    const { authorize } = await engine.endpoints(configuration)
    return [new URL(authorize).origin, new URL(engine.landing()).origin]
  }
  return { name, sealed: onlyCookie(held, name), leadsTo }
}

/**
 * A state that we did not make belongs to a sign-in that Micetro Central started: the browser goes on to Central's own
 * callback, a fixed address, with what it brought. A spoiled state of ours stays here.
 */
function bounce(engine: Engine, state: string, raw: string): HttpResponseInit {
  const { centralCallbackUrl } = engine.settings
  if (centralCallbackUrl === undefined || isLikeOurState(state)) throw new AppError({ code: 'attempt_unknown' })
  prepare(engine, 'central')
  return redirect(303, `${centralCallbackUrl.href}?${raw}`)
}
