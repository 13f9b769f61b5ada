import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { listOf, objectOf, textOf } from './armExpression.ts'
import type { Deployed } from './armTemplate.ts'
import { describeTemplates, ofType, only, texts } from './compiled.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const query = (name: string): string => readFileSync(join(root, `infra/queries/${name}.kql`), 'utf8')

const queryItem = v.strictObject({
  type: v.literal(3),
  name: v.string(),
  content: v.strictObject({
    version: v.literal('KqlItem/1.0'),
    title: v.string(),
    query: v.string(),
    visualization: v.picklist(['timechart', 'linechart', 'table']),
    size: v.literal(0),
    timeContextFromParameter: v.literal('TimeRange'),
    queryType: v.literal(0),
    resourceType: v.string(),
    crossComponentResources: v.tuple([v.string()]),
  }),
})

/** The part of a workbook that is used here. */
const workbookSchema = v.strictObject({
  version: v.literal('Notebook/1.0'),
  items: v.tupleWithRest([v.looseObject({ type: v.literal(9) })], queryItem),
  fallbackResourceIds: v.tuple([v.string()]),
})

/** Application Insights, or one of the two workspaces. */
const source = (id: unknown): string => /\/(appi|log(?:-vault)?)-(?:micetro-)?\w+$/.exec(String(id))?.[1] ?? String(id)

describeTemplates('logs, alerts and workbook', ({ deployed }) => {
  const rules = (all: Deployed) =>
    ofType(all, 'Microsoft.Insights/scheduledQueryRules').map(({ properties }) => ({
      actions: properties.actions,
      name: textOf(properties.displayName, 'displayName'),
      source: source(listOf(properties.scopes, 'scopes')[0]),
      criterion: objectOf(listOf(objectOf(properties.criteria, 'criteria').allOf, 'criteria')[0], 'criterion'),
    }))

  test('operators are told of failed sign-ins, of errors, of attacks, of runs that do not come, of full logs and of credentials about to expire', () => {
    const all = deployed('main', { alertEmails: ['night@example.com'] })
    const group = only(all, 'Microsoft.Insights/actionGroups')
    expect(group.properties.emailReceivers).toMatchObject([{ emailAddress: 'night@example.com' }])
    expect(rules(all).map((each) => [each.name, each.source, each.criterion.query])).toEqual([
      ['Micetro sign-ins fail', 'appi', query('failedSignIns')],
      ['Micetro sign-in logs an error', 'appi', query('applicationErrors')],
      ['Micetro sign-in may be under attack', 'appi', query('securityEvents')],
      ['Micetro: who leaves keeps their rights', 'appi', query('reconcileSilent')],
      ['The log of Micetro sign-in is full for today', 'log', query('dailyCapReached')],
      ['The log of Micetro sign-in is full for today', 'log-vault', query('dailyCapReached')],
      ['A credential of Micetro sign-in is about to expire', 'log-vault', query('expiringCredentials')],
    ])
    for (const { actions } of rules(all)) expect(actions).toEqual({ actionGroups: [group.id] })
    expect(
      rules(all).map(({ criterion: { operator, threshold, metricMeasureColumn } }) => [
        operator,
        threshold,
        metricMeasureColumn,
      ]),
    ).toEqual([
      ['GreaterThanOrEqual', 5, 'failures'],
      ['GreaterThan', 0, 'errors'],
      ['GreaterThanOrEqual', 5, 'events'],
      ['GreaterThan', 0, undefined],
      ['GreaterThan', 0, undefined],
      ['GreaterThan', 0, undefined],
      ['GreaterThan', 0, undefined],
    ])
    expect(ofType(deployed('main'), 'Microsoft.Insights/actionGroups')).toEqual([])
  })

  test('the hours without a run are a parameter', () => {
    const all = deployed('main', { telemetry: { reconcileSilentHours: 7 } })
    const silent = rules(all).find(({ name }) => name.includes('who leaves'))
    expect(silent?.criterion.query).toBe(query('reconcileSilent').replace('ago(3h)', 'ago(7h)'))
  })

  test('every query of infra/queries raises an alert or is shown', () => {
    const all = deployed('main')
    const used = [...texts(ofType(all, 'Microsoft.Insights/scheduledQueryRules').map((each) => each.properties))]
      .filter(({ path }) => path.endsWith('.query'))
      .map(({ text }) => text)
    const shown = textOf(only(all, 'Microsoft.Insights/workbooks').properties.serializedData, 'serializedData')
    const files = globSync('infra/queries/*.kql', { cwd: root }).map((path) => basename(path, '.kql'))
    expect(files.filter((name) => !used.includes(query(name)) && !shown.includes(JSON.stringify(query(name))))).toEqual(
      [],
    )
  })

  test("alerts on the application read its own lines, never what the host takes for a request's success", () => {
    const own = rules(deployed('main')).filter((each) => each.source === 'appi')
    expect(own).toHaveLength(4)
    for (const { criterion } of own) {
      const text = textOf(criterion.query, 'query').replaceAll(/^\s*\/\/.*$/gm, '')
      expect(text.trim()).toMatch(/^traces\n/)
      expect(text).toContain('parse_json(message)')
      expect(text).not.toMatch(/\b(requests|success|resultCode|client_IP)\b/)
      // Information level reports no fault, but for the line that is missed when it does not come.
      if (!text.includes("'reconcile'")) expect(text).toMatch(/severityLevel >= [23]/)
    }
  })

  test.each([
    [undefined, 1],
    [{ dailyCapGigabytes: 5 }, 5],
    [{ dailyCapGigabytes: 0 }, -1],
  ])('logs of vault and application each have a daily cap of their own: %j', (telemetry, cap) => {
    const all = deployed('main', telemetry === undefined ? {} : { telemetry })
    const caps = ofType(all, 'Microsoft.OperationalInsights/workspaces').map(({ name, properties }) => [
      name.replace(/-\w+$/, ''),
      properties.workspaceCapping,
    ])
    expect(caps).toEqual([
      ['log-micetro', { dailyQuotaGb: cap }],
      ['log-vault', { dailyQuotaGb: cap }],
    ])
    // What anybody can cause at the vault's door must not end the log of the application.
    expect(String(only(all, 'Microsoft.Insights/components').properties.WorkspaceResourceId)).toMatch(
      /\/log-micetro-\w+$/,
    )
  })

  test('the workbook shows the queries of this repository, each over the source that has its table', () => {
    const all = deployed('main')
    const { properties, body } = only(all, 'Microsoft.Insights/workbooks')
    expect(properties.sourceId).toBe(only(all, 'Microsoft.Insights/components').id)
    expect(body.kind).toBe('shared')
    const data: unknown = JSON.parse(textOf(properties.serializedData, 'serializedData'))
    const [, ...items] = v.parse(workbookSchema, data).items
    const shown = items.map(({ content }) => content)
    expect(
      shown.map((each) => [each.query, each.visualization, source(each.crossComponentResources[0]), each.resourceType]),
    ).toEqual([
      [query('signInsByOutcome'), 'timechart', 'appi', 'microsoft.insights/components'],
      [query('failuresByReason'), 'table', 'appi', 'microsoft.insights/components'],
      [query('phases'), 'linechart', 'appi', 'microsoft.insights/components'],
      [query('accountChanges'), 'table', 'appi', 'microsoft.insights/components'],
      [query('centralSignIns'), 'table', 'appi', 'microsoft.insights/components'],
      [query('reconcileRuns'), 'table', 'appi', 'microsoft.insights/components'],
      [query('expiringCredentials'), 'table', 'log-vault', 'microsoft.operationalinsights/workspaces'],
    ])
  })
})
