import { startAgain, type Words } from '../failure.ts'

/** What can be wrong with the attempt that a callback belongs to. */
interface AttemptFailures {
  attempt_unknown: Record<never, never>
  attempt_stale: Record<never, never>
  attempt_missing: Record<never, never>
  /** `landed`: it was completed in Micetro, as far as this instance knows. */
  attempt_used: { landed?: true }
}

declare module '../failure.ts' {
  interface Failures extends AttemptFailures {}
}

export const attemptWords: Words<keyof AttemptFailures> = {
  attempt_unknown: () => ({
    status: 400,
    user: `This sign-in was not started here. ${startAgain}`,
    admin:
      'The state parameter was not made by this application. If Micetro Central starts sign-ins with its own button, ' +
      'set CENTRAL_CALLBACK_URL. If SIGN_IN_KEY was replaced twice within ten minutes, this passes by itself.',
  }),
  attempt_stale: () => ({
    status: 400,
    user: `This sign-in took too long or was begun under an older configuration. ${startAgain}`,
    admin: 'The attempt is older than ten minutes, or the configuration changed meanwhile.',
  }),
  attempt_missing: () => ({
    status: 400,
    user: `This sign-in was already completed, or your browser blocks its cookies, or it was begun in another browser. ${startAgain}`,
    admin:
      'The callback came without the cookie of its attempt: used already, another browser, or cookies blocked. ' +
      'The host of ENTRA_REDIRECT_URI must be the host on which /login is opened.',
  }),
  attempt_used: ({ landed }) => ({
    status: 409,
    user: landed
      ? 'This sign-in is done: your account in Micetro is up to date.'
      : `This sign-in was already used. ${startAgain}`,
    admin: 'The same callback arrived twice: the page was reloaded, or the back button was used.',
  }),
}
