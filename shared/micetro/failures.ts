import { notSetUp, tryAgain, type Words } from '../failure.ts'

/** What can go wrong at Micetro's web API. */
interface MicetroFailures {
  micetro_unreachable: { hosts: readonly string[]; reason: string }
  micetro_untrusted: { host: string; reason: string }
  micetro_credentials: { user: string; refused: 'log-in' | 'Basic' | 'session' }
  micetro_forbidden: { action: string; message?: string }
  micetro_rejected: { action: string; status: number; number?: number; message: string }
  micetro_malformed: { action: string }
}

declare module '../failure.ts' {
  interface Failures extends MicetroFailures {}
}

export const micetroWords: Words<keyof MicetroFailures> = {
  micetro_unreachable: (failure) => ({
    status: 503,
    user: `Micetro cannot be reached right now. ${tryAgain}`,
    admin: `None of ${failure.hosts.join(', ')} answered (${failure.reason}). Check MICETRO_API_URLS, network and Micetro Web Services.`,
  }),
  micetro_untrusted: (failure) => ({
    status: 500,
    user: notSetUp,
    admin: `The certificate of ${failure.host} is not trusted (${failure.reason}). Put the PEM of its authority into MICETRO_CA_CERTIFICATES.`,
  }),
  micetro_credentials: (failure) => ({
    status: 500,
    user: notSetUp,
    admin: {
      'log-in': `Micetro refused the log-in of the API account "${failure.user}". Check MICETRO_API_USER and the password secret.`,
      Basic:
        `Micetro has no sessions (10.x) and refused the API account "${failure.user}" by Basic. ` +
        'Check MICETRO_API_USER and the password secret, and that AuthorizationMethods of Micetro Web Services allows Basic.',
      session:
        `Micetro let the API account "${failure.user}" log in, and then took neither its session nor Basic. ` +
        'Check AuthorizationMethods of Micetro Web Services, and look for a proxy that drops the Authorization header.',
    }[failure.refused],
  }),
  micetro_forbidden: (failure) => ({
    status: 500,
    user: notSetUp,
    admin: `The API account may not ${failure.action}${failure.message === undefined ? '' : ` (Micetro: ${failure.message})`}. It needs "Administer users/groups/roles" (role User Administrators).`,
  }),
  micetro_rejected: (failure) => ({
    status: 502,
    user: 'Micetro did not accept the update of your account. Please tell your Micetro administrator.',
    admin:
      `Micetro answered ${failure.status}${failure.number === undefined ? '' : ` (error ${failure.number})`} ` +
      `to "${failure.action}": ${failure.message}`,
  }),
  micetro_malformed: (failure) => ({
    status: 502,
    user: 'Micetro gave an answer that cannot be used. Please tell your Micetro administrator.',
    admin: `The answer to "${failure.action}" is not as documented. Check that MICETRO_API_URLS ends in /mmws/api and look for a proxy in between.`,
  }),
}
