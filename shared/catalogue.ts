import { configurationWords } from './configuration/failures.ts'
import { entraWords } from './entra/failures.ts'
import { type Explanation, type Failure, type FailureCode, ownWords, type Words } from './failure.ts'
import { graphWords } from './graph/failures.ts'
import { micetroWords } from './micetro/failures.ts'
import { attemptWords } from './sealing/failures.ts'
import { accountWords } from './sync/failures.ts'

/** The catalogue of errors: a failure of an area does not compile until its words stand here. */
const words: Words<FailureCode> = {
  ...configurationWords,
  ...attemptWords,
  ...entraWords,
  ...graphWords,
  ...micetroWords,
  ...accountWords,
  ...ownWords,
}

/** Every code, in the order of the table in docs/operate.md. */
export const failureCodes = Object.keys(words)

/** What a failure means: a status, a sentence for the user, a hint for the administrator. */
export function explain<Code extends FailureCode>(failure: Extract<Failure, { code: Code }>): Explanation {
  return words[failure.code as Code](failure)
}
