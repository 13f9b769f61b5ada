import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DryRunReport } from '../../shared/signIn/dryRun.ts'
import { dryRunPage } from '../../shared/web/dryRunPage.ts'
import { chromiumPath, findOverflow, findViolations, launchBrowser, looks } from '../e2e/browser.ts'

const evil = '<script>alert("x")</script>'

const report: DryRunReport = {
  facts: [['Login name (preferred_username)', 'zoe@example.com']],
  groups: [
    { name: 'DNS', id: '33333333-3333-4333-8333-333333333333', micetro: ['DNS', 'dns-admins'], by: 'id' },
    { name: 'Staff', id: '', micetro: [], by: undefined },
  ],
  groupCount: 2,
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
  String(dryRunPage({ ...report, ...changes }, 'reference-1').body)
/** The words of the page without its markup. */
const textOf = (markup: string): string =>
  markup
    .replace(/<style>[\s\S]*<\/style>/, '')
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
    expect(words).toMatch(/Create External user zoe Full name Zoë E-mail \(none\) External id sub-1/)
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
      /2 groups\..*DNS 33333333-3333-4333-8333-333333333333 DNS, dns-admins id Staff no match/,
    )
    expect(textOf(render({ groupCount: 900 }))).toContain('The first 2 of 900 groups.')
    expect(textOf(render({ groups: [], groupCount: 0 }))).toContain('None were given.')
  })

  it('escapes everything that comes from outside', () => {
    const markup = String(
      dryRunPage(
        {
          facts: [[evil, evil]],
          groups: [{ name: evil, id: evil, micetro: [evil], by: 'name' }],
          groupCount: 1,
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
      ).body,
    )
    expect(markup).not.toContain('<script')
    expect(markup.split('&lt;script&gt;').length - 1).toBe(17)
  })

  it('allows no script at all', () => {
    const headers = new Headers(dryRunPage(report, 'r').headers as Record<string, string>)
    expect(headers.get('content-security-policy')).not.toContain('script-src')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
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
})
