import type { InvocationContext } from '@azure/functions'
import { explain } from '../catalogue.ts'
import { describe, failureOf } from '../failure.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import { currentEngine } from './currentEngine.ts'
import { createLog } from './guarded.ts'

/** One run as the configuration has it; whatever goes wrong is a line of the log. */
export async function reconcileTimer(context: InvocationContext): Promise<void> {
  const log = createLog(context)
  try {
    await reconcile(currentEngine(), undefined, log, new AbortController().signal)
  } catch (error) {
    // Settings that cannot be read at all.
    const failure = failureOf(error)
    log.error({
      event: 'failed',
      route: context.functionName,
      ...failure,
      hint: explain(failure).admin,
      cause: describe(error),
    })
  }
}
