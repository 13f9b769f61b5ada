import type { Cookie, HttpRequest, HttpResponseInit } from '@azure/functions'
import type { Log } from '../log.ts'
import type { RequestScope } from '../signIn/authenticate.ts'

/** One request, and what its handler works with. */
export interface Exchange extends RequestScope {
  request: HttpRequest
  log: Log
  /** Go out with the answer, be it the handler's or that of a failure. */
  cookies: Cookie[]
  /** Makes the answer of a failure; a handler that has learnt what is being asked may put another in place. */
  fail: (error: unknown, correlationId: string) => Promise<HttpResponseInit>
}
