metadata description = 'A workbook for whoever would rather look than read. Its queries are those of docs/operate.md.'

@description('Required. Ending of the names.')
param token string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Application Insights.')
param componentId string

@description('Required. Workspace with the vault\'s audit log.')
param vaultWorkspaceId string

var application = { type: 'microsoft.insights/components', id: componentId }
var vault = { type: 'microsoft.operationalinsights/workspaces', id: vaultWorkspaceId }

var parts = [
  {
    title: 'Sign-ins an hour, by outcome'
    query: loadTextContent('../queries/signInsByOutcome.kql')
    shown: 'timechart'
    source: application
  }
  {
    title: 'Failures by reason'
    query: loadTextContent('../queries/failuresByReason.kql')
    shown: 'table'
    source: application
  }
  {
    title: 'How long the parts of a sign-in take: 50th and 95th percentile, in milliseconds'
    query: loadTextContent('../queries/phases.kql')
    shown: 'linechart'
    source: application
  }
  {
    title: 'Who was created, changed, joined a group or left one'
    query: loadTextContent('../queries/accountChanges.kql')
    shown: 'table'
    source: application
  }
  {
    title: 'Sign-ins that Central began'
    query: loadTextContent('../queries/centralSignIns.kql')
    shown: 'table'
    source: application
  }
  {
    title: 'Runs between sign-ins: who leaves loses their rights'
    query: loadTextContent('../queries/reconcileRuns.kql')
    shown: 'table'
    source: application
  }
  {
    title: 'Credentials that end within thirty days, or have ended'
    query: loadTextContent('../queries/expiringCredentials.kql')
    shown: 'table'
    source: vault
  }
]

var hour = 3600000

var timeRange = {
  type: 9
  name: 'time range'
  content: {
    version: 'KqlParameterItem/1.0'
    parameters: [
      {
        id: guid(componentId, 'time range')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 24 * hour }
        typeSettings: {
          selectableValues: map([1, 24, 168, 720, 2160], hours => { durationMs: hours * hour })
          allowCustom: true
        }
      }
    ]
    style: 'pills'
    queryType: 0
    resourceType: application.type
  }
}

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(resourceGroup().id, token, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Micetro sign-in (${token})'
    category: 'workbook'
    sourceId: componentId
    version: 'Notebook/1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat(
        [timeRange],
        map(parts, part => {
          type: 3
          name: part.title
          content: {
            version: 'KqlItem/1.0'
            title: part.title
            query: part.query
            visualization: part.shown
            size: 0
            timeContextFromParameter: 'TimeRange'
            queryType: 0
            resourceType: part.source.type
            crossComponentResources: [part.source.id]
          }
        })
      )
      fallbackResourceIds: [componentId]
    })
  }
}
