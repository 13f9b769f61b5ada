import type { Candidate } from './api.ts'
import { byId, onClick } from './dom.ts'
import { hideNotice, showProblems } from './notice.ts'
import type { Page } from './page.ts'
import { runChecks } from './runChecks.ts'

/** @returns undefined when the form has faults of its own, which are shown then */
export function readCandidate({ form }: Page): Candidate | undefined {
  hideNotice()
  form.clearFaults()
  const { candidate, problems } = form.read()
  if (problems.length === 0) return candidate
  showProblems('The form cannot be sent like this.', problems, form)
  return undefined
}

/** @returns whether no check failed */
export async function test(page: Page, candidate: Candidate, signal: AbortSignal): Promise<boolean> {
  const { results, summary } = page
  const names = page.loaded?.checks ?? []
  byId('results-section', HTMLElement).hidden = false
  results.begin(names)
  summary.textContent = `Testing: ${names.length} checks.`
  try {
    await runChecks(page.key, candidate, names, results, signal)
  } catch (error) {
    results.clear()
    summary.textContent = 'The test was not completed.'
    throw error
  }
  results.end()
  summary.textContent = `${results.failed ? 'The test failed' : 'The test passed'}: ${results.counts}.`
  return !results.failed
}

export function setUpTest(page: Page): void {
  onClick('test', () => {
    const candidate = readCandidate(page)
    if (candidate === undefined) return
    page.saveDespite.withdraw()
    page.operation.start(async (signal) => {
      await test(page, candidate, signal)
    })
  })
}
