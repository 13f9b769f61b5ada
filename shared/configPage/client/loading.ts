import { type ConfigurationAnswer, fetchConfiguration, fetchEarlier } from './api.ts'
import { onClick } from './dom.ts'
import { showHistory } from './history.ts'
import { hideNotice, showNotice } from './notice.ts'
import type { Page } from './page.ts'
import { sourceName } from './sourceNames.ts'

/** Puts the configuration in force into the form, in place of what is there. */
export async function reload(page: Page, signal: AbortSignal): Promise<void> {
  show(page, await fetchConfiguration(page.key, signal))
}

export function show(page: Page, answer: ConfigurationAnswer): void {
  page.readVersion = answer.version
  fillFrom(page, answer)
  showVersions(page, answer)
  page.results.clear()
  page.saveDespite.withdraw()
  hideNotice()
  if (answer.problems !== undefined && answer.problems.length > 0) {
    const lines = answer.problems
    showNotice({ tone: 'warn', title: 'The configuration is not complete yet. Sign-in does not work.', lines }, false)
  }
}

export function fillFrom(page: Page, answer: ConfigurationAnswer): void {
  page.loaded = answer
  page.form.fill(answer.configuration, (key) => sourceName(answer.sources, key))
  page.form.showStored(answer.credentialStored)
}

/** Lists the versions, each of which can be loaded into the form. */
export function showVersions(page: Page, versions: Pick<ConfigurationAnswer, 'history' | 'version'>): void {
  showHistory(versions, (version) => {
    page.operation.start((signal) => loadEarlier(page, version, signal))
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
      page.summary.textContent = 'Your changes were discarded. The configuration in force was loaded.'
    })
  })
}
