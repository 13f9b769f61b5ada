import { fetchEarlier } from './api.ts'
import { ask } from './dialog.ts'
import { differences } from './differences.ts'
import { sentenceOfChange } from './history.ts'
import { hideNotice } from './notice.ts'
import type { Page } from './page.ts'
import { risksOf } from './risks.ts'
import { testAndSave } from './saving.ts'
import { losesDraft } from './unsaved.ts'

/** One question with all that would change, then it is tested and, when it passes, in force. */
export function restore(page: Page, version: string, when: string): void {
  hideNotice()
  page.operation.start(async (signal) => {
    const { configuration } = await fetchEarlier(page.key, version, signal)
    const { loaded } = page
    // What the version leaves open falls back to what lies below, as it will.
    const after = { ...loaded?.below?.configuration, ...configuration }
    const changes = differences(loaded?.configuration ?? {}, after).map(sentenceOfChange)
    const risks = loaded === undefined ? [] : risksOf(configuration, loaded, page.triedScopes)
    const unsaved = page.form.changed ? [losesDraft] : []
    const lines = [...changes, ...risks, ...unsaved, 'It is tested first. When a check fails, nothing changes.']
    if (!(await ask({ title: `Restore the version saved ${when}?`, lines, action: 'Restore' }))) return
    page.form.fill(configuration, (key) => (key in configuration ? 'from the earlier version' : undefined))
    await testAndSave(page, { configuration }, signal)
  })
}
