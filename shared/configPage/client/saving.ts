import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'
import type { SaveAnswer } from '../../saveAndTest/saveAndTest.ts'
import { type Candidate, call, fetchConfiguration, fetchEarlier } from './api.ts'
import { ask } from './dialog.ts'
import { onClick } from './dom.ts'
import { fillFrom, showVersions } from './loading.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'
import { risksOf } from './risks.ts'
import { saveAndTestPath } from './runChecks.ts'
import { sourceNames } from './sourceNames.ts'
import { readCandidate, test } from './testing.ts'

/** What goes along with a candidate that is saved: the press that it was tested under, or the wish to save it anyhow. */
type How = { press: string } | { saveDespiteFailures: true }

async function save(page: Page, candidate: Candidate, how: How, signal: AbortSignal): Promise<void> {
  const { results } = page
  const { checks, saved, version = null } = await sendSave(page, candidate, how, signal)
  results.begin(checks.map(({ name }) => name))
  for (const check of checks) results.show(check)
  results.end()
  if (!saved) {
    page.say(`Not saved: ${results.counts}.`, 'bad')
    // A write that failed is not put right by waving the checks through.
    if (!checks.some(({ name }) => name === 'save')) page.despite = candidate
    return
  }
  page.despite = undefined
  await showSaved(page, version, candidate, signal)
  const instances = 'Every instance uses it within a minute.'
  if ('saveDespiteFailures' in how) page.say(`Saved despite failures: ${results.counts}. ${instances}`, 'warn')
  else page.say(`Saved: ${results.counts}. ${instances}`, results.warned ? 'warn' : 'good')
}

async function sendSave(page: Page, candidate: Candidate, how: How, signal: AbortSignal): Promise<SaveAnswer> {
  const tested = page.results.counts
  page.say('Saving…', 'busy')
  try {
    return await call<SaveAnswer>(
      page.key,
      'POST',
      saveAndTestPath,
      { ...candidate, save: true, version: page.readVersion, ...how },
      signal,
    )
  } catch (error) {
    page.say(`Not saved. The test gave: ${tested}.`, 'bad')
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
    const shown = saved?.configuration ?? (rest as SavedConfiguration)
    form.fill(shown, () => sourceNames.saved)
    if (page.loaded !== undefined)
      page.loaded = { ...page.loaded, configuration: { ...page.loaded.configuration, ...shown } }
    form.markSaved()
    page.forgetDraft()
  }
  if (answer !== undefined) showVersions(page, { history: answer.history, version })
}

/** Tests a candidate, and saves it when no check failed. */
export async function testAndSave(page: Page, candidate: Candidate, signal: AbortSignal): Promise<void> {
  const press = crypto.randomUUID()
  if (await test(page, candidate, press, signal)) {
    await save(page, candidate, { press }, signal)
    return
  }
  page.say(`Not saved, because a check failed: ${page.results.counts}.`, 'bad')
  page.despite = candidate
}

/** One question about everything in a save that may harm; none when nothing does. */
async function maySave({ loaded, triedScopes }: Page, { configuration }: Candidate): Promise<boolean> {
  const lines = loaded === undefined ? [] : risksOf(configuration as SavedConfiguration, loaded, triedScopes)
  return lines.length === 0 || ask({ title: 'Save this configuration?', lines, action: 'Save and Test' })
}

/** What the button does, and the report of a Test sign-in may ask for. */
export function pressSave(page: Page): void {
  const candidate = readCandidate(page)
  if (candidate === undefined || !page.canSave) return
  page.despite = undefined
  void maySave(page, candidate).then((yes) => {
    if (yes) page.operation.start((signal) => testAndSave(page, candidate, signal))
  })
}

export function setUpSave(page: Page): void {
  onClick('save', () => pressSave(page))

  onClick('save-despite', () => {
    const candidate = page.despite
    if (candidate === undefined) return
    const lines = [...page.results.failures, 'People may be unable to sign in after saving.']
    void ask({ title: 'Save although checks failed?', lines, action: 'Save despite failures' }).then((yes) => {
      if (!yes) return
      hideNotice()
      page.operation.start((signal) => save(page, candidate, { saveDespiteFailures: true }, signal))
    })
  })
}
