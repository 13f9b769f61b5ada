import type { SaveAnswer } from '../../saveAndTest/saveAndTest.ts'
import { type Candidate, call, fetchConfiguration, fetchEarlier } from './api.ts'
import { onClick } from './dom.ts'
import { fillFrom, showVersions } from './loading.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'
import { saveAndTestPath } from './runChecks.ts'
import { sourceNames } from './sourceNames.ts'
import { readCandidate, test } from './testing.ts'

async function save(page: Page, candidate: Candidate, despiteFailures: boolean, signal: AbortSignal): Promise<void> {
  const { results, saveDespite, summary } = page
  const { checks, saved, version = null } = await sendSave(page, candidate, despiteFailures, signal)
  results.begin(checks.map(({ name }) => name))
  for (const check of checks) results.show(check)
  results.end()
  if (!saved) {
    summary.textContent = `Not saved: ${results.counts}.`
    // A write that failed is not mended by waving the checks through.
    if (!checks.some(({ name }) => name === 'save')) saveDespite.offer(candidate)
    return
  }
  saveDespite.withdraw()
  await showSaved(page, version, candidate, signal)
  const instances = 'Every instance uses it within a minute.'
  summary.textContent = despiteFailures
    ? `Saved despite failures: ${results.counts}. ${instances}`
    : `Saved: ${results.counts}. ${instances}`
}

async function sendSave(
  { key, readVersion, results, summary }: Page,
  candidate: Candidate,
  despiteFailures: boolean,
  signal: AbortSignal,
): Promise<SaveAnswer> {
  const tested = results.counts
  summary.textContent = 'Saving…'
  try {
    return await call<SaveAnswer>(
      key,
      'POST',
      saveAndTestPath,
      { ...candidate, save: true, version: readVersion, ...(despiteFailures && { saveDespiteFailures: true }) },
      signal,
    )
  } catch (error) {
    summary.textContent = `Not saved. The test gave: ${tested}.`
    throw error
  }
}

/** Another instance may still answer with the version before, so what was saved is asked for by its version. */
async function showSaved(page: Page, version: string | null, candidate: Candidate, signal: AbortSignal): Promise<void> {
  const { form, key } = page
  form.clearCredential()
  page.readVersion = version
  const [answer, saved] = await Promise.all([
    fetchConfiguration(key, signal).catch(() => undefined),
    fetchEarlier(key, version ?? '', signal).catch(() => undefined),
  ])
  if (answer?.version === version && answer !== undefined) {
    fillFrom(page, answer)
  } else {
    // Without an answer the version of the new credential is not known, and the old one must not come back.
    const { credential_version: _, ...rest } = candidate.configuration
    form.fill(saved?.configuration ?? rest, () => sourceNames.saved)
  }
  if (answer !== undefined) showVersions(page, { history: answer.history, version })
}

export function setUpSave(page: Page): void {
  const { operation, results, saveDespite, summary } = page

  onClick('save', () => {
    const candidate = readCandidate(page)
    if (candidate === undefined) return
    saveDespite.withdraw()
    operation.start(async (signal) => {
      if (await test(page, candidate, signal)) {
        await save(page, candidate, false, signal)
      } else {
        summary.textContent = `Not saved, because a check failed: ${results.counts}.`
        saveDespite.offer(candidate)
      }
    })
  })

  onClick('save-despite', () => {
    const candidate = saveDespite.confirmed()
    if (candidate === undefined) return
    hideNotice()
    operation.start((signal) => save(page, candidate, true, signal))
  })
}
