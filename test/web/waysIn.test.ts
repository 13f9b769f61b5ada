import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/failure.ts'
import { type Dependency, type Finding, judgeWay, statusOf, wayLine, ways } from '../../shared/web/waysIn.ts'

const broken = new AppError({ code: 'internal' })
const well: readonly Dependency[] = [
  'configuration',
  'sign-in key',
  'key vault',
  'credential',
  'entra id',
  'graph',
  'micetro',
]

/** Everything is well but what is named. */
function judged(findings: Partial<Record<Dependency, Finding | undefined>>, changed = {}) {
  const rules = { enabled: true, groupsRequired: false, ...changed }
  const all = new Map<Dependency, Finding | undefined>(well.map((name) => [name, 'ok']))
  for (const [name, finding] of Object.entries(findings)) all.set(name as Dependency, finding)
  return (configured: { here: boolean; central: boolean }) => {
    const verdicts = (['here', 'central'] as const).map((each) => judgeWay(ways[each], configured[each], rules, all))
    const [here = verdicts[0], central = verdicts[1]] = verdicts
    return [here && wayLine(ways.here, here), central && wayLine(ways.central, central), statusOf(verdicts)]
  }
}

const both = { here: true, central: true }
const onlyHere = { here: true, central: false }
const onlyCentral = { here: false, central: true }
const none = { here: false, central: false }

const noMicetro = 'not configured, see MICETRO_API_URLS, MICETRO_API_USER and MICETRO_WEB_URL'
const noCentral = 'not configured, see CENTRAL_CALLBACK_URL'

describe('The ways in', () => {
  const rows: [
    name: string,
    findings: Parameters<typeof judged>[0],
    configured: typeof both,
    here: string,
    central: string,
    status: number,
  ][] = [
    ['work where everything is well', {}, both, 'ok', 'ok', 200],
    ['need not both be configured: without Central’s callback', {}, onlyHere, 'ok', noCentral, 200],
    ['need not both be configured: without Micetro', {}, onlyCentral, noMicetro, 'ok', 200],
    ['are missing where neither is configured', {}, none, noMicetro, noCentral, 503],
    [
      'fail apart: Micetro is needed by the one that starts here',
      { micetro: broken },
      both,
      'cannot work, see micetro',
      'ok',
      503,
    ],
    [
      'are well where only the one that is not configured would fail',
      { micetro: broken },
      onlyCentral,
      noMicetro,
      'ok',
      200,
    ],
    ...(['settings', 'configuration', 'sign-in key', 'credential', 'entra id'] as const).map(
      (name): [string, Parameters<typeof judged>[0], typeof both, string, string, number] => [
        `both fail without ${name}`,
        { [name]: broken },
        both,
        `cannot work, see ${name}`,
        `cannot work, see ${name}`,
        503,
      ],
    ),
    [
      'name all that they lack',
      { 'entra id': broken, micetro: broken },
      onlyHere,
      'cannot work, see entra id, micetro',
      noCentral,
      503,
    ],
    [
      'work without Graph, which leaves memberships as they are',
      { graph: broken },
      both,
      'ok, but see graph',
      'ok, but see graph',
      200,
    ],
    [
      'work without the vault while what was read from it serves',
      { 'key vault': broken },
      onlyHere,
      'ok, but see key vault',
      noCentral,
      200,
    ],
    ['are not called well before it is known', { micetro: undefined }, both, 'not known yet', 'ok', 200],
    [
      'are not called well before it is known, where one alone is configured',
      { 'entra id': undefined },
      onlyHere,
      'not known yet',
      noCentral,
      200,
    ],
    [
      'do not hide a fault behind what is not known yet',
      { micetro: broken, graph: undefined },
      both,
      'cannot work, see micetro',
      'ok',
      503,
    ],
  ]
  for (const [name, findings, configured, here, central, status] of rows) {
    it(name, () => {
      expect(judged(findings)(configured)).toEqual([
        `sign-in started here: ${here}`,
        `sign-in started by Central: ${central}`,
        status,
      ])
    })
  }

  it('say that sign-in is switched off, which is no fault', () => {
    const off = [`sign-in started here: switched off`, `sign-in started by Central: ${noCentral}`, 200]
    expect(judged({}, { enabled: false })(onlyHere)).toEqual(off)
  })

  it('need Micetro both where a first sign-in needs a group', () => {
    const [, central, status] = judged({ micetro: broken }, { groupsRequired: true })(both)
    expect([central, status]).toEqual(['sign-in started by Central: cannot work, see micetro', 503])
  })

  it('need Graph where a group is needed and there is no Micetro to ask who is known', () => {
    const findings = new Map<Dependency, Finding>([['graph', broken]])
    const verdict = judgeWay(ways.central, true, { enabled: true, groupsRequired: true }, findings)
    expect(verdict).toEqual({ can: 'cannot work', see: 'graph' })
  })

  it('are documented with all that they can say', () => {
    const table = readFileSync('docs/operate.md', 'utf8').split('| A way in | Means |\n')[1]?.split('\n\n')[0] ?? ''
    const said = [...rows.flatMap(([, , , here, central]) => [here, central]), 'switched off']
    const kinds = new Set(said.map((text) => text.replace(/see .*/, 'see …')))
    expect(new Set([...table.matchAll(/^\| `([^`]+)`/gm)].map(([, text]) => text))).toEqual(kinds)
  })
})
