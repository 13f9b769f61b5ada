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

// The application's own lines, never the success of a request: the host counts a 400 and a 503 as success. A person who
// cancels or mistypes is no fault of the system, hence a threshold. host.json samples requests, but no line.
resource failures 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-sign-ins-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Micetro sign-ins fail'
    description: 'See the table of error codes in docs/operate.md.'
    severity: 2
    enabled: true
    scopes: [componentId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/failedSignIns.kql')
          timeAggregation: 'Total'
          metricMeasureColumn: 'failures'
          dimensions: [{ name: 'code', operator: 'Include', values: ['*'] }]
          operator: 'GreaterThanOrEqual'
          threshold: failedSignIns
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: actions }
  }
}

resource errors 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-errors-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Micetro sign-in logs an error'
    description: 'See the table of events in docs/operate.md.'
    severity: 2
    enabled: true
    scopes: [componentId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/applicationErrors.kql')
          timeAggregation: 'Total'
          metricMeasureColumn: 'errors'
          dimensions: [
            { name: 'event', operator: 'Include', values: ['*'] }
            { name: 'code', operator: 'Include', values: ['*'] }
          ]
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: actions }
  }
}

// One line now and then is a page that was reloaded with its cookie; five within ten minutes are not.
resource security 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-security-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Micetro sign-in may be under attack'
    description: 'See "Was there an attack?" in docs/operate.md.'
    severity: 1
    enabled: true
    scopes: [componentId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT10M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/securityEvents.kql')
          timeAggregation: 'Total'
          metricMeasureColumn: 'events'
          operator: 'GreaterThanOrEqual'
          threshold: 5
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: actions }
  }
}

// A run that failed or was stopped logs an error, and has the alert above; one that does not come logs nothing.
resource silent 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-reconcile-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Micetro: who leaves keeps their rights'
    description: 'No run between sign-ins for ${reconcileSilentHours} hours: docs/operate.md.'
    severity: 2
    enabled: true
    scopes: [componentId]
    evaluationFrequency: 'PT1H'
    windowSize: 'P2D'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: replace(loadTextContent('../queries/reconcileSilent.kql'), 'ago(3h)', 'ago(${reconcileSilentHours}h)')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: actions }
  }
}

// Until the next day a full workspace takes in nothing, and the alerts that read it are silent: hence the highest severity
// but one.
resource full 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for (each, index) in [workspaceId, vaultWorkspaceId]: {
    name: 'alert-cap-${index}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'The log of Micetro sign-in is full for today'
      description: 'Other alerts are silent until tomorrow. Raise telemetry.dailyCapGigabytes: docs/operate.md.'
      severity: 1
      enabled: true
      scopes: [each]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT1H'
      autoMitigate: false
      // The table appears with its first entry, after this rule is made.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: loadTextContent('../queries/dailyCapReached.kql')
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: actions }
    }
  }
]

// Key Vault logs these events thirty days before the end and at the end, without an Event Grid subscription too.
resource expiry 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-expiry-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'A credential of Micetro sign-in is about to expire'
    description: 'Rotate it: docs/deploy.md.'
    severity: 2
    enabled: true
    scopes: [vaultWorkspaceId]
    evaluationFrequency: 'P1D'
    windowSize: 'P1D'
    autoMitigate: false
    // The table appears with the vault's first log entry, after this rule is made.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/expiringCredentials.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: actions }
  }
}
