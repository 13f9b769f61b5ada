import type { Candidate } from './api.ts'
import { buttonById, elementById } from './dom.ts'
import { hideNotice, showProblems } from './notice.ts'
import type { Page } from './page.ts'
import { runChecks } from './runChecks.ts'

/** @returns undefined when the form has faults of its own, which are shown then */
export function readCandidate({ form, loaded }: Page): Candidate | undefined {
  hideNotice()
  form.clearFaults()
  const { candidate, problems } = form.read()
  const all = [...problems]
  // The default is for nobody; where a setting names a tenant, that one counts.
  if (!('tenant_id' in candidate.configuration) && loaded?.below?.sources.tenant_id === 'default')
    all.unshift('configuration.tenant_id: is missing. It is the Directory (tenant) ID of the app registration.')
  if (all.length === 0) return candidate
  showProblems('The form cannot be sent like this.', all, form)
  return undefined
}

/**
 * @param press names the press of a button: Micetro's log-in is tried once for all that belongs to it, and anew at the next
 * @returns whether no check failed
 */
export async function test(page: Page, candidate: Candidate, press: string, signal: AbortSignal): Promise<boolean> {
  const { results } = page
  const names = page.loaded?.checks ?? []
  results.begin(names)
  elementById('results-section').scrollIntoView()
  page.say(`Testing: ${names.length} checks.`, 'busy')
  try {
    await runChecks(page.key, { ...candidate, press }, names, results, signal)
  } catch (error) {
    results.clear()
    page.say('The test was not completed.', 'bad')
    throw error
  }
  results.end()
  if (results.failed) page.say(`The test failed: ${results.counts}.`, 'bad')
  else page.say(`The test passed: ${results.counts}.`, results.warned ? 'warn' : 'good')
  return !results.failed
}

export function setUpTest(page: Page): void {
  page.form.element.addEventListener('submit', (event) => {
    event.preventDefault()
    if (buttonById('test').getAttribute('aria-disabled') === 'true') return
    const candidate = readCandidate(page)
    if (candidate === undefined) return
    page.despite = undefined
    page.operation.start(async (signal) => {
      await test(page, candidate, crypto.randomUUID(), signal)
    })
  })
}
