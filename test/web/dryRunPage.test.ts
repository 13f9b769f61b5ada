import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DryRunReport, refusedDryRun } from '../../shared/signIn/dryRun.ts'
import { dryRunPage } from '../../shared/web/dryRunPage.ts'
import { chromiumPath, findOverflow, findViolations, launchBrowser, looks } from '../e2e/browser.ts'
import { findMarkupFaults } from '../e2e/markupFaults.ts'

const evil = '<script>alert("x")</script>'

const report: DryRunReport = {
  facts: [['Login name (preferred_username)', 'zoe@example.com']],
  groups: [
    { name: 'DNS', id: '33333333-3333-4333-8333-333333333333', micetro: ['DNS', 'dns-admins'], by: 'id' },
    { name: 'Staff', id: '', micetro: [], by: undefined },
  ],
  groupCount: 2,
  groupsRead: true,
  candidate: true,
  warnings: [],
  plan: {
    steps: [
      { do: 'create', user: { name: 'zoe', fullName: 'Zoë', email: '', externalID: 'sub-1' } },
      { do: 'change', property: 'email', from: 'old@example.com', to: 'new@example.com' },
      { do: 'leave', group: 'IPAM', ref: '1' },
      { do: 'join', group: 'DNS', ref: '2' },
    ],
    notes: ['1 groups of Entra ID fit no Micetro group'],
  },
  refusal: undefined,
}

const render = (changes: Partial<DryRunReport> = {}): string =>
  String(dryRunPage({ ...report, ...changes }, 'reference-1', 'attempt-1').body)
/** The words of the page without its markup. */
const textOf = (markup: string): string =>
  markup
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

describe('the report of a test sign-in', () => {
  it('says that nothing was written, and carries the reference', () => {
    expect(textOf(render())).toContain('Nothing was written to Micetro.')
    expect(textOf(render())).toContain('Reference: reference-1')
  })

  it('lists the steps in the order in which they would be taken', () => {
    const markup = render()
    expect([...markup.matchAll(/data-step="(\w+)"/g)].map(([, step]) => step)).toEqual([
      'create',
      'change',
      'leave',
      'join',
    ])
    const words = textOf(markup)
    expect(words).toMatch(/Create External user zoe Full name Zoë E-mail \(none\) External ID sub-1/)
    expect(words).toContain('Change E-mail: from old@example.com to new@example.com')
    expect(words).toMatch(/Leave Group IPAM .*Join Group DNS/)
    expect(words).toContain('1 groups of Entra ID fit no Micetro group.')
  })

  it('says so when nothing would change', () => {
    expect(textOf(render({ plan: { steps: [], notes: [] } }))).toContain('Nothing would change')
  })

  it('shows a refusal with its hint, and no plan', () => {
    const refusal = { code: 'name_collision', name: 'zoe', authenticationType: 'Internal' } as const
    const words = textOf(render({ plan: undefined, refusal }))
    expect(words).toContain('The sign-in would be refused')
    expect(words).toContain('Rename or remove that account')
    expect(words).not.toContain('What would change')
  })

  it('shows what each group fits in Micetro, and how many there are when the list is shortened', () => {
    expect(textOf(render())).toMatch(
      /2 groups, 1 with a match in Micetro\..*DNS 33333333-3333-4333-8333-333333333333 DNS, dns-admins object ID Staff not given no match/,
    )
    expect(textOf(render({ groupCount: 900 }))).toContain('The first 2 of 900 groups, 1 with')
    expect(textOf(render({ groups: [], groupCount: 0 }))).toContain('Entra ID gave none.')
  })

  const collision = { code: 'name_collision', name: 'zoe', authenticationType: 'Internal' } as const
  const known: [name: string, changes: Partial<DryRunReport>, shows: string[], hides: string[]][] = [
    [
      'a collision shows the person and the groups, but no match: Micetro’s groups were not read',
      {
        plan: undefined,
        refusal: collision,
        groups: report.groups.map((group) => ({ ...group, micetro: [], by: undefined })),
      },
      ['The person', 'Staff', '2 groups.'],
      ['no match', 'with a match', 'In Micetro', 'would succeed'],
    ],
    [
      'a cancelled sign-in shows the refusal and nothing else',
      { ...refusedDryRun({ code: 'entra_refused', error: 'access_denied' }) },
      ['The sign-in would be refused', 'saved configuration'],
      ['The person', 'Groups in Entra ID', 'gave none'],
    ],
    [
      'groups that could not be read are not none',
      { groupsRead: false, groups: [], groupCount: 0, warnings: ['The groups could not be read.'] },
      ['with a warning', 'The groups could not be read.'],
      ['gave none', 'Groups in Entra ID'],
    ],
    ...(['attempt_used', 'attempt_missing', 'attempt_stale', 'candidate_gone'] as const).map(
      (code): [string, Partial<DryRunReport>, string[], string[]] => [
        `${code}: the report is gone, and says so`,
        { ...refusedDryRun({ code }) },
        ['This report is gone', 'Back to the configuration'],
        ['would be refused', 'Nothing was written', 'The person'],
      ],
    ),
  ]
  it.each(known)('%s', async (_name, changes, shows, hides) => {
    const words = textOf(render(changes))
    for (const text of shows) expect(words).toContain(text)
    for (const text of hides) expect(words).not.toContain(text)
    expect(render(changes)).not.toContain('/login')
    expect(await findMarkupFaults(render(changes))).toEqual([])
  })

  it('offers to put in force what is not saved, when the sign-in would succeed, and nothing else', () => {
    expect(render()).toContain('id="put-in-force"')
    expect(render({ candidate: false })).not.toContain('id="put-in-force"')
    expect(render({ plan: undefined, refusal: collision })).not.toContain('id="put-in-force"')
  })

  it('escapes everything that comes from outside', () => {
    const markup = String(
      dryRunPage(
        {
          facts: [[evil, evil]],
          groups: [{ name: evil, id: evil, micetro: [evil], by: 'name' }],
          groupCount: 1,
          groupsRead: true,
          candidate: true,
          warnings: [evil],
          plan: {
            steps: [
              { do: 'create', user: { name: evil, fullName: evil, email: evil, externalID: evil } },
              { do: 'change', property: 'fullName', from: evil, to: evil },
              { do: 'leave', group: evil, ref: evil },
              { do: 'join', group: evil, ref: evil },
            ],
            notes: [evil],
          },
          refusal: { code: 'external_id_conflict', name: evil },
        },
        evil,
        evil,
      ).body,
    )
    expect(markup.match(/<script/g)).toHaveLength(1)
    expect(markup.split('&lt;script&gt;').length - 1).toBe(21)
  })

  it('allows its one script by its hash, and no call to anywhere', () => {
    const policy = new Headers(dryRunPage(report, 'r', 'a').headers as Record<string, string>).get(
      'content-security-policy',
    )
    expect(policy).toMatch(/^default-src 'none'; .*script-src 'sha256-[^']+'/)
    expect(policy).not.toMatch(/connect-src|unsafe/)
  })
})

describe.skipIf(chromiumPath === undefined)(`the report in Chromium`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })

  it.each(looks)('has no accessibility violation in $colorScheme at $width pixels', async ({ colorScheme, width }) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } })
    const refusal = { code: 'external_id_conflict', name: 'x'.repeat(300) } as const
    await page.setContent(render({ refusal, warnings: ['y'.repeat(300)] }))
    expect(await findViolations(page)).toEqual([])
    expect(await findOverflow(page)).toBe(0)
    await page.close()
  })

  it('folds 250 groups and 250 changes, finds one group, and gives them all as CSV in which no name is a formula', async () => {
    const page = await browser.newPage()
    const groups = Array.from({ length: 250 }, (_, index) => ({
      name: index === 7 ? '=HYPERLINK("x")' : `Team ${index}`,
      id: `id-${index}`,
      micetro: index === 200 ? ['DNS'] : [],
      by: index === 200 ? ('name' as const) : undefined,
    }))
    await page.route('**/report', (route) => {
      const steps = groups.map(({ name: group, id: ref }) => ({ do: 'join' as const, group, ref }))
      const plan = { steps, notes: [] }
      const { body, headers } = dryRunPage({ ...report, groups, groupCount: 250, plan }, 'r', 'a')
      return route.fulfill({ body: String(body), headers: headers as Record<string, string> })
    })
    await page.goto('http://localhost/report')
    expect(await page.isVisible('#groups tbody tr')).toBe(false)
    expect(await page.locator('.steps li').count()).toBe(250)
    expect(await page.isVisible('.steps li')).toBe(false)
    expect(await page.textContent('#changes > summary')).toBe('250 changes')
    await page.focus('#groups > summary')
    await page.keyboard.press('Enter')
    // The group that decides something comes first.
    expect(await page.textContent('#groups tbody tr:first-child th')).toBe('Team 200')
    expect(await findViolations(page)).toEqual([])
    await page.fill('#group-search', 'team 249')
    expect(await page.locator('#groups tbody tr:visible').allInnerTexts()).toHaveLength(1)
    expect(await page.textContent('#group-found')).toBe('1 found.')
    const download = page.waitForEvent('download')
    await page.click('#group-csv')
    const lines = readFileSync((await (await download).path()) ?? '', 'utf8').split('\r\n')
    expect(lines).toHaveLength(252)
    expect(lines.slice(0, 2)).toEqual([
      '\ufeff"In Entra ID","Object ID","In Micetro","Matched by"',
      '"Team 200","id-200","DNS","name"',
    ])
    expect(lines).toContain(`"'=HYPERLINK(""x"")","id-7","",""`)
    await page.close()
  })
})
