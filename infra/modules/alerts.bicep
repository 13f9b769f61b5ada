metadata description = 'Mail to the operators when sign-ins fail, when the application logs an error, before a credential ends, and when the logs are full.'

@description('Required. Ending of the names.')
param token string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Application Insights.')
param componentId string

@description('Required. Workspace under Application Insights.')
param workspaceId string

@description('Required. Workspace with the vault\'s audit log.')
param vaultWorkspaceId string

@description('Required. Who gets mail. Empty: alerts are shown in the portal only.')
param emails string[]

@description('Optional. Failed sign-ins within fifteen minutes that raise the alert.')
@minValue(1)
param failedSignIns int = 5

@description('Optional. Hours without a run between sign-ins, while it is enforced, that raise the alert.')
param reconcileSilentHours int = 3

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: 'ag-micetro-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'Micetro'
    enabled: true
    emailReceivers: [
      for (email, index) in emails: { name: 'operator-${index}', emailAddress: email, useCommonAlertSchema: true }
    ]
  }
}

var actions = empty(emails) ? [] : [operators.id]

// Of the application its own lines are read, never the success of a request: the host counts a 400 and a 503 as success.
// host.json samples requests, but no line.
var ofApplication = { scope: componentId, every: 'PT5M', within: 'PT15M', lasts: false }

// The tables that these read appear with their first entry, after the rules are made.
var ofWorkspace = { lasts: true }

var rules = [
  // A person who cancels or mistypes is no fault of the system, hence a threshold.
  {
    ...ofApplication
    name: 'sign-ins'
    displayName: 'Micetro sign-ins fail'
    description: 'See the table of error codes in docs/operate.md.'
    severity: 2
    query: loadTextContent('../queries/failedSignIns.kql')
    column: 'failures'
    by: ['code']
    least: failedSignIns
  }
  {
    ...ofApplication
    name: 'errors'
    displayName: 'Micetro sign-in logs an error'
    description: 'See the table of events in docs/operate.md.'
    severity: 2
    query: loadTextContent('../queries/applicationErrors.kql')
    column: 'errors'
    by: ['event', 'code']
  }
  // One line now and then is a page that was reloaded with its cookie; five within ten minutes are not.
  {
    ...ofApplication
    name: 'security'
    displayName: 'Micetro sign-in may be under attack'
    description: 'See "Was there an attack?" in docs/operate.md.'
    severity: 1
    within: 'PT10M'
    query: loadTextContent('../queries/securityEvents.kql')
    column: 'events'
    least: 5
  }
  // A run that failed or was stopped logs an error, and has the alert above; one that does not come logs nothing.
  {
    ...ofApplication
    name: 'reconcile'
    displayName: 'Micetro: who leaves keeps their rights'
    description: 'No run between sign-ins for ${reconcileSilentHours} hours: docs/operate.md.'
    severity: 2
    every: 'PT1H'
    within: 'P2D'
    query: replace(loadTextContent('../queries/reconcileSilent.kql'), 'ago(3h)', 'ago(${reconcileSilentHours}h)')
  }
  // Until the next day a full workspace takes in nothing, and the alerts that read it are silent: hence the highest severity
  // but one.
  ...map([workspaceId, vaultWorkspaceId], (workspace, index) => {
    ...ofWorkspace
    scope: workspace
    name: 'cap-${index}'
    displayName: 'The log of Micetro sign-in is full for today'
    description: 'Other alerts are silent until tomorrow. Raise telemetry.dailyCapGigabytes: docs/operate.md.'
    severity: 1
    every: 'PT15M'
    within: 'PT1H'
    query: loadTextContent('../queries/dailyCapReached.kql')
  })
  // Key Vault logs these events thirty days before the end and at the end, without an Event Grid subscription too.
  {
    ...ofWorkspace
    scope: vaultWorkspaceId
    name: 'expiry'
    displayName: 'A credential of Micetro sign-in is about to expire'
    description: 'Rotate it: docs/deploy.md.'
    severity: 2
    every: 'P1D'
    within: 'P1D'
    query: loadTextContent('../queries/expiringCredentials.kql')
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.displayName
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: rule.every
      windowSize: rule.within
      autoMitigate: !rule.lasts
      ...(rule.lasts ? { skipQueryValidation: true } : {})
      criteria: {
        allOf: [
          {
            query: rule.query
            ...(contains(rule, 'column')
              ? { timeAggregation: 'Total', metricMeasureColumn: rule.?column }
              : { timeAggregation: 'Count' })
            ...(contains(rule, 'by')
              ? { dimensions: map(rule.?by ?? [], name => { name: name, operator: 'Include', values: ['*'] }) }
              : {})
            ...(contains(rule, 'least')
              ? { operator: 'GreaterThanOrEqual', threshold: rule.?least }
              : { operator: 'GreaterThan', threshold: 0 })
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: actions }
    }
  }
]
