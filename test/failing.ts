import { AppError, type Failure } from '../shared/failure.ts'

/**
 * Runs what must fail.
 * @returns the failure with all its facts; undefined when nothing failed. Anything thrown that is no AppError goes through.
 */
export async function failureIn(run: () => unknown): Promise<Failure | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error.failure
    throw error
  }
}

/** The problems of a configuration that must be refused; empty when it was not. */
export async function problemsIn(run: () => unknown): Promise<readonly string[]> {
  const failure = await failureIn(run)
  return failure?.code === 'config_invalid' ? failure.problems : []
}
