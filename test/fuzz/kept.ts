import type { HostileRequest } from './request.ts'

/** Requests that once showed a fault; they are tried first in every run. */
export const kept: readonly HostileRequest[] = [
  // What looked like the name of an error was repeated in page and log, whatever it was.
  {
    method: 'GET',
    target: '/mmws/auth_cb/microsoft?state={state}&error={verifier}',
    headers: [['cookie', '{cookieName}={cookie}']],
    body: '',
  },
]
