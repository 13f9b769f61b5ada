import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNoSecrets } from '../integration/noSecrets.ts'
import { type Stage, startStage } from '../integration/stage.ts'
import { createUser, userOf } from '../simulators/directory.ts'
import { chromiumPath, launchBrowser } from './browser.ts'
import { press, tabTo, type } from './keyboard.ts'
import { Gallery, hold } from './states.ts'

/** Every state of the access review, and of what is saved for it. */
const gallery = new Gallery({
  'review-off': '#review-last:has-text("Switched off")',
  'review-before-run': '#review-last:has-text("has seen no run")',
  'review-running': '#review-outcome[data-tone="busy"]',
  'review-stopped': '#review-outcome:has-text("Stopped by the brake")',
  'review-report': '#review-enforce',
  'review-filtered': '#review-shown:has-text("4 of 4 accounts")',
  'review-question': '#dialog:has-text("Remove 5 memberships of 3 accounts?")',
  'review-done': '#review-outcome:has-text("removed")',
  'review-failed': '#review-outcome[data-tone="bad"]:has-text("The run failed")',
  'review-refused': '#review-outcome[data-tone="bad"]:has-text("Micetro refused every removal")',
  'review-last-run': '#review-last:has-text("Last run that this instance has seen")',
  'question-enforce': '#dialog:has-text("Between sign-ins is set to Enforce")',
})

const both = ['DNS Admins', 'IPAM Readers']

describe.skipIf(chromiumPath === undefined)('the access review in a browser, by keyboard alone', () => {
  let stage: Stage
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    stage = await startStage()
    const { directory } = stage.world
    directory.app.grantedRoles = ['User.Read.All', 'GroupMember.Read.All']
    for (const [key, accountEnabled] of Object.entries({ anna: true, bert: false, carl: false, dora: false })) {
      const groups = directory.groups.filter(({ displayName }) => displayName === 'DNS Admins')
      directory.users.push(createUser(directory.home, key, key, { accountEnabled, groups }))
      addAccount(key)
    }
    browser = await launchBrowser()
    page = await browser.newPage()
    page.setDefaultTimeout(15_000)
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  const store = () => stage.world.micetro.store
  const addAccount = (key: string): void => {
    const { oid, preferredUsername: name } = userOf(stage.world.directory, key)
    store().addUser({ name, description: `Entra ID ${oid}`, authenticationType: 'External' })
    store().setMemberships(name, both)
  }
  const groupsOf = (key: string) =>
    store()
      .memberships(`${key}@contoso.com`)
      .filter((name) => !name.endsWith('(built-in)'))
  const look = (name: Parameters<typeof gallery.look>[1]) => gallery.look(page, name)
  const focused = () => page.evaluate<string>('document.activeElement.id')
  const unlock = async (): Promise<void> => {
    await page.goto(`${stage.host.url}/config`)
    await press(page, '#fill-key')
    await page.keyboard.press('Enter')
    await page.locator('#app').waitFor()
  }

  test('is switched off at first, and says how it is switched on', async () => {
    await unlock()
    await look('review-off')
    await press(page, '#optional > summary')
    await press(page, '#between_mode', 'ArrowDown')
    expect(await page.locator('#between_brake').isVisible()).toBe(true)
    await press(page, '#save')
    await look('review-before-run')
    expect(await page.locator('[data-check="between_sign_ins"]').getAttribute('data-outcome')).toBe('passed')
  })

  test('a report that the brake stops offers nothing to remove', async () => {
    const release = await hold(page, '**/reconcile')
    await press(page, '#review-report')
    await look('review-running')
    await release()
    await look('review-stopped')
    expect(await focused()).toBe('review-outcome')
    expect(await page.locator('#review-enforce').isVisible()).toBe(false)
    const gone = store().user('dora@contoso.com')
    store().removeUser(gone?.ref ?? '')
  })

  test('a report names who would lose what, and all as a file', async () => {
    addAccount('nora')
    await press(page, '#review-report')
    await look('review-report')
    await press(page, '#review-filter', 'ArrowDown')
    await look('review-filtered')
    const download = page.waitForEvent('download')
    await press(page, '#review-csv')
    expect((await download).suggestedFilename()).toBe('access-review.csv')
    await tabTo(page, '.review-table')
  })

  test('nothing is removed without a question, and Escape leaves it', async () => {
    await press(page, '#review-enforce')
    await look('review-question')
    expect(await focused()).toBe('dialog-no')
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('review-enforce')
    expect(store().audit.filter(({ method }) => method === 'DELETE')).toEqual([])
  })

  test('a run whose every removal Micetro refuses has failed, and says why', async () => {
    const [node] = stage.world.micetro.nodes
    const body = JSON.stringify({ error: { code: 1, message: 'The group is read-only' } })
    const headers = { 'content-type': 'application/json' }
    node?.misbehave(
      { kind: 'status', status: 400, body, headers },
      { method: 'DELETE', times: Number.POSITIVE_INFINITY },
    )
    await press(page, '#review-enforce')
    // Asked anew before the browser has told of the end of the first question: only the second one is answered.
    await page.evaluate("document.getElementById('dialog').close(); document.getElementById('review-enforce').click()")
    await press(page, '#dialog-yes')
    await look('review-refused')
    node?.behave()
  })

  test('after the question it is removed, and the page says what was', async () => {
    await press(page, '#review-report')
    await press(page, '#review-enforce')
    await press(page, '#dialog-yes')
    await look('review-done')
    expect(['anna', 'bert', 'carl', 'nora'].map(groupsOf)).toEqual([['DNS Admins'], [], [], both])
  })

  test('locked, the page has forgotten whose rights it showed', async () => {
    await press(page, '#lock')
    await page.locator('#access-key').waitFor()
    expect(await page.locator('#review-rows, #review-outcome, #review-last').allTextContents()).toEqual(['', '', ''])
    await unlock()
  })

  test('a run that fails says what to do', async () => {
    stage.world.graph.misbehave({ kind: 'status', status: 403 }, { times: Number.POSITIVE_INFINITY })
    await press(page, '#review-report')
    await look('review-failed')
    expect(await page.locator('#review-outcome').innerText()).toContain('User.Read.All')
    stage.world.graph.behave()
  })

  test('unlocked anew, the page has the last run in numbers', async () => {
    await unlock()
    await look('review-last-run')
    expect(await page.locator('#review-last').innerText()).toMatch(/on request, a report\. The run failed\./)
  })

  test('to enforce from now on needs an answer, and Escape leaves it', async () => {
    await press(page, '#optional > summary')
    await press(page, '#between_mode', 'ArrowDown')
    await press(page, '#between_not_found', 'ArrowDown')
    await type(page, '#between_brake', '50')
    await press(page, '#save')
    await look('question-enforce')
    const lines = await page.locator('#dialog-lines').innerText()
    for (const text of ['People who are not found lose every group', 'Brake is raised to 50 %'])
      expect(lines).toContain(text)
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('save')
    expect(stage.world.vault.versions('micetro-entra-config')).toHaveLength(1)
  })

  test('the walk has come to every state', () => expect(gallery.unseen).toEqual([]))

  test('no secret was printed', () => expectNoSecrets(stage))
})
