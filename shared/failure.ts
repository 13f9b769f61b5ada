/**
 * Everything that can go wrong because of the world: users, administrators, peers and networks. A caller's mistake in
 * our own code stays a TypeError. No member carries a secret, token, code or cookie. Each area adds its own in its
 * `failures.ts`, by merging into this interface, so that this file knows none of them; catalogue.ts has all the words.
 */
export interface Failures {
  bad_request: { problem: string }
  budget_spent: { during: string }
  internal: Record<never, never>
}

export type FailureCode = keyof Failures

export type Failure = { [Code in FailureCode]: { code: Code } & Failures[Code] }[FailureCode]

/** Carries one failure; `cause` is for the log, which takes only its name and message. */
export class AppError extends Error {
  readonly failure: Failure
  /** Sign-in name of the person whom it concerns, for their own page. */
  readonly account: string | undefined

  constructor(failure: Failure, options?: { cause?: unknown; account?: string }) {
    super(failure.code, options)
    this.name = 'AppError'
    this.failure = failure
    this.account = options?.account
  }
}

export interface Explanation {
  /** HTTP status of the answer. */
  status: number
  /** One sentence for the person who wanted to sign in. */
  user: string
  /** Where an administrator looks and what mends it. */
  admin: string
}

/** What each of some failures means to a user and to an administrator. */
export type Words<Code extends FailureCode> = {
  [C in Code]: (failure: Extract<Failure, { code: C }>) => Explanation
}

// Sentences that several areas say.
export const notSetUp = 'Sign-in with Entra ID is not set up correctly. Please tell your Micetro administrator.'
export const tryAgain = 'Please try again in a minute.'
export const startAgain = 'Please start the sign-in again.'

/** The failures that belong to no area. */
export const ownWords: Words<'bad_request' | 'budget_spent' | 'internal'> = {
  bad_request: (failure) => ({
    status: 400,
    user: `This address was not called as expected. ${startAgain}`,
    admin: `The request was refused: ${failure.problem}.`,
  }),
  budget_spent: (failure) => ({
    status: 504,
    user: `The sign-in took too long. ${tryAgain}`,
    admin: `The time for one request was spent while ${failure.during}.`,
  }),
  internal: () => ({
    status: 500,
    user: `Something went wrong on our side. ${tryAgain}`,
    admin: 'An unexpected error; the log has it under this reference. Please report it.',
  }),
}

/** Any thrown value as a failure; what is not ours is a bug and says nothing about itself. */
export function failureOf(error: unknown): Failure {
  return error instanceof AppError ? error.failure : { code: 'internal' }
}

/**
 * An error for the log: name and message along the chain of causes. Never the object: the error of an HTTP client holds
 * the request with its Authorization header.
 */
export function describe(error: unknown): string {
  const parts: string[] = []
  for (let at: unknown = error; at !== undefined && at !== null && parts.length < 4; ) {
    parts.push(at instanceof Error ? `${at.name}: ${at.message}` : typeof at)
    at = at instanceof Error ? at.cause : undefined
  }
  return parts.join(' <- ')
}
