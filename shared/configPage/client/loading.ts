import { showLastRun } from './accessReview.ts'
import { type ConfigurationAnswer, fetchConfiguration, fetchEarlier } from './api.ts'
import { onClick } from './dom.ts'
import { showHistory } from './history.ts'
import { sentenceOf } from './labels.ts'
import { hideNotice, showNotice } from './notice.ts'
import type { Page } from './page.ts'
import { mayDiscard } from './unsaved.ts'

/** Puts the configuration in force into the form, in place of what is there. */
export async function reload(page: Page, signal: AbortSignal): Promise<void> {
  show(page, await fetchConfiguration(page.key, signal))
}

export function show(page: Page, answer: ConfigurationAnswer): void {
  page.readVersion = answer.version
  fillFrom(page, answer)
  showVersions(page, answer)
  page.results.clear()
  page.despite = undefined
  hideNotice()
  if (answer.problems !== undefined && answer.problems.length > 0) {
    const lines = answer.problems.map(sentenceOf)
    showNotice({ tone: 'warn', title: 'The configuration is not complete yet. Sign-in does not work.', lines }, false)
  }
}

export function fillFrom(page: Page, answer: ConfigurationAnswer): void {
  page.loaded = answer
  page.form.fillInForce(answer.configuration, answer.sources)
  page.form.showStored(answer.credentialStored)
  showLastRun(answer)
  page.forgetDraft()
}

/** Lists the versions; each can be compared, loaded into the form, and restored. */
export function showVersions(page: Page, versions: Pick<ConfigurationAnswer, 'history' | 'version'>): void {
  showHistory(page, versions, (version) => {
    void mayDiscard(page, 'Load the earlier version into the form?', 'Load').then((yes) => {
      if (yes) page.operation.start((signal) => loadEarlier(page, version, signal))
    })
  })
}

async function loadEarlier(page: Page, version: string, signal: AbortSignal): Promise<void> {
  const { configuration } = await fetchEarlier(page.key, version, signal)
  page.form.fill(configuration, (key) => (key in configuration ? 'from the earlier version' : undefined))
  page.outdateTest()
  showNotice({
    tone: 'warn',
    title: 'An earlier version is in the form. It is not in force until you save it.',
    lines: ['It names the client credential that it was saved with.'],
  })
}

export function setUpCancel(page: Page): void {
  onClick('cancel', () => {
    page.operation.startInstead(async (signal) => {
      await reload(page, signal)
      page.say('Your changes were discarded. The form shows what is in force.')
    })
  })
}
