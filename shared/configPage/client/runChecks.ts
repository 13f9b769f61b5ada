import type { SaveAnswer } from '../../saveAndTest/saveAndTest.ts'
import { type Candidate, call, Refusal } from './api.ts'
import type { Results } from './results.ts'

/** Calls at once: results come quickly, and the services that are asked are not flooded. */
const width = 4

export const saveAndTestPath = '/config/microsoft/save-and-test'

/**
 * Runs the checks one call each, so that every result shows as it comes.
 * @throws Refusal when the candidate cannot be tested at all
 */
export async function runChecks(
  key: string,
  candidate: Candidate & { press: string },
  names: readonly string[],
  results: Results,
  signal: AbortSignal,
): Promise<void> {
  const queue = [...names]
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      results.running(name)
      const begun = performance.now()
      try {
        const body = { ...candidate, save: false, only: name }
        const { checks } = await call<SaveAnswer>(key, 'POST', saveAndTestPath, body, either)
        for (const check of checks) results.show(check)
      } catch (error) {
        // 4xx is about the candidate or the key, and the same for every check; anything else is about this call.
        if (!(error instanceof Refusal) || (error.status >= 400 && error.status < 500)) {
          stop.abort()
          throw error
        }
        const milliseconds = Math.round(performance.now() - begun)
        const hint = [error.hint, error.reference && `Reference: ${error.reference}.`].filter(Boolean).join(' ')
        results.show({ name, outcome: 'failed', detail: error.message, ...(hint !== '' && { hint }), milliseconds })
      }
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: width }, work))
  // The first refusal stopped the other calls; their aborts say nothing.
  const errors = workers.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  const first = errors.find((error) => error instanceof Refusal) ?? errors[0]
  if (first !== undefined) throw first
}
