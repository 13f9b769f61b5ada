import type { Mutant } from './table.ts'

const deploy = 'infra/scripts/deploy.sh'
const azureCli = 'infra/scripts/azureCli.sh'
const platform = 'infra/modules/platform.bicep'
const monitoring = 'infra/modules/monitoring.bicep'
const identities = 'infra/pipelineIdentities.bicep'
const azurePipeline = 'infra/azure-pipelines.yml'

const testOfAzd = 'test/infra/azd.test.ts'
const testOfWays = 'test/infra/ways.test.ts'
const testOfPlatform = 'test/infra/platform.test.ts'
const testOfSettings = 'test/infra/settings.test.ts'
const testOfRegistration = 'test/infra/registration.test.ts'
const testOfMonitoring = 'test/infra/monitoring.test.ts'
const testOfQueries = 'test/infra/queries.test.ts'
const testOfIdentities = 'test/infra/pipelineIdentities.test.ts'
const testOfDeploy = 'test/infra/deployScript.test.ts'
const testOfPipelines = 'test/infra/pipelines.test.ts'

const noNamesShared = 'two installations in one tenant share no name'
const uploader = 'AZURE_PRINCIPAL_ID names who uploads the package'
const outgoing = 'says which address outgoing calls come from'
const onWindows = 'on Windows lines end otherwise, and arguments reach az as they are'

/**
 * What a deployment must keep. Each still compiles and lints: with a finding the compiler would stop before the named test,
 * and the mutant would count as a survivor.
 */
export const infraMutants: readonly Mutant[] = [
  {
    fault: 'azd up fails once everything is made, for packages are ignored and not built in Azure',
    file: '.funcignore',
    from: '',
    to: '*\n!host.json\n!dist\n',
    test: [testOfAzd, 'no service here, so that azd up does not fail once everything is made'],
  },
  {
    fault: 'who deploys with EP1 in US Government may not upload the package',
    file: 'infra/main.usgov.bicepparam',
    from: "param publisherPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')\n",
    to: '',
    test: [testOfWays, `main.usgov: ${uploader}`],
  },
  {
    fault: 'who deploys with a registration of somebody else may not upload the package',
    file: 'infra/main.registered.bicepparam',
    from: "param publisherPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')\n",
    to: '',
    test: [testOfWays, `main.registered: ${uploader}`],
  },
  {
    fault: "who deploys may not upload the package of Central's own site",
    file: 'infra/modules/storage.bicep',
    from: 'if (!empty(publisherPrincipalId)) {',
    to: 'if (!empty(publisherPrincipalId) && index == 0) {',
    test: [testOfPlatform, 'who deploys gets the package containers and nothing else, whatever the plan'],
  },
  {
    fault: '/health is asked under a host name that leads nowhere yet',
    file: platform,
    from: '{mainApp.outputs.hostName}',
    to: '{hostName}',
    test: [testOfWays, "/health can be asked under the site's own name before a custom one leads there"],
  },
  {
    fault: "deploy.sh asks for /health under a host name of one's own",
    file: deploy,
    from: 'address="$(output probeUrl)"',
    to: 'address="$(output appUrl)"',
    test: [testOfDeploy, "a host name of one's own may come later: the name that Azure gives is looked at"],
  },
  {
    fault: 'installations of one name in two subscriptions share the names of a tenant',
    file: 'infra/main.bicep',
    from: 'uniqueString(subscription().id, environmentName, location)',
    to: 'uniqueString(environmentName, location)',
    test: [testOfWays, `main: ${noNamesShared}`],
  },
  {
    fault: 'installations of one name in two groups share the names of a tenant',
    file: 'infra/main.group.bicep',
    from: 'uniqueString(resourceGroup().id, environmentName, location)',
    to: 'uniqueString(environmentName, location)',
    test: [testOfWays, `main.group: ${noNamesShared}`],
  },
  {
    fault: 'two subscriptions of a tenant share a registration',
    file: deploy,
    from: 'subscription="$(az account show --query id --output tsv)"',
    to: "subscription=''",
    test: [testOfDeploy, 'installations of one name in a tenant have a registration each'],
  },
  {
    fault: 'owners that are named do not reach the registration',
    file: 'infra/main.bicepparam',
    from: "readEnvironmentVariable('REGISTRATION_OWNERS', '')",
    to: "''",
    test: [testOfRegistration, 'owners come from REGISTRATION_OWNERS'],
  },
  {
    fault: 'a pipeline that deploys takes the person off who made the registration',
    file: 'infra/modules/appRegistration.bicep',
    from: "  owners: { relationships: registration.?owners ?? [], relationshipSemantics: 'append' }\n  // Shown",
    to: "  owners: { relationships: registration.?owners ?? [], relationshipSemantics: 'replace' }\n  // Shown",
    test: [testOfRegistration, 'assignment required false: the claim holds assigned groups only'],
  },
  {
    fault: 'owners that are named do not reach registration.sh',
    file: deploy,
    from: '{REGISTRATION_OWNERS:-}',
    to: '{NOBODY:-}',
    test: [testOfDeploy, 'where the template has no registration it is made before, and completed after'],
  },
  {
    fault: 'every job of the repository may deploy',
    file: identities,
    from: 'environment:production',
    to: 'ref:refs/heads/main',
    test: [testOfIdentities, 'one deploys from the environment production'],
  },
  {
    fault: 'a pipeline is out of time when it asks for the token of the storage account',
    file: deploy,
    from: 'az account get-access-token --resource https://storage.azure.com/',
    to: 'az account get-access-token --resource https://management.azure.com/',
    test: [testOfDeploy, 'a pipeline asks for the token of the storage account while it still gets one'],
  },
  {
    fault: 'the session of the deployment runs out in Azure DevOps',
    file: azurePipeline,
    from: 'keepAzSessionActive: true',
    to: 'keepAzSessionActive: false',
    test: [testOfPipelines, 'keeps the session of the deployment active'],
  },
  {
    fault: 'a new role is given a minute',
    file: deploy,
    from: 'if ((refused > 60)); then return 1; fi',
    to: 'if ((refused > 6)); then return 1; fi',
    test: [testOfDeploy, 'is refused for five minutes, because a role is new'],
  },
  {
    fault: 'a host that does not synchronise its triggers fails the deployment',
    file: deploy,
    from: 'echo "Warning: the triggers of ',
    to: 'false "Warning: the triggers of ',
    test: [testOfDeploy, 'a host that does not synchronise its triggers is worth a warning'],
  },
  {
    fault: 'the build before is taken for the new one',
    file: deploy,
    from: ' != down && ',
    to: ' == down && ',
    test: [testOfDeploy, 'waits for the new build while the one before still answers'],
  },
  {
    fault: '/health does not say which build answers',
    file: 'functions/health.ts',
    from: "{ ...answer.headers, 'x-build-id': buildId }",
    to: '{ ...answer.headers }',
    test: ['test/integration/entra.test.ts', 'are named by the pages and by /health, which says its build'],
  },
  {
    fault: 'lines of az end with a CR on Windows',
    file: azureCli,
    from: `MSYS_NO_PATHCONV=1 command az "$@" | tr -d '\\r'`,
    to: 'MSYS_NO_PATHCONV=1 command az "$@"',
    test: [testOfDeploy, onWindows],
  },
  {
    fault: 'Git Bash rewrites what az is given',
    file: azureCli,
    from: 'MSYS_NO_PATHCONV=1 command az "$@" |',
    to: 'command az "$@" |',
    test: [testOfDeploy, onWindows],
  },
  {
    fault: 'an az that is too old begins a deployment',
    file: azureCli,
    from: 'least_az=2.76.0',
    to: 'least_az=2.45.0',
    test: [testOfDeploy, 'the Azure CLI is too old: one sentence, and nothing else is done'],
  },
  {
    fault: 'an alert reads what the host takes for success',
    file: 'infra/queries/failedSignIns.kql',
    from: 'traces\n// Information',
    to: 'requests\n// Information',
    test: [testOfMonitoring, "alerts on the application read its own lines, never what the host takes for a request's"],
  },
  {
    fault: 'nothing is said when the log is full',
    file: 'infra/modules/alerts.bicep',
    from: 'scope: workspace\n',
    to: 'scope: empty(workspace) ? workspace : vaultWorkspaceId\n',
    test: [testOfMonitoring, 'of full logs and of credentials about to expire'],
  },
  {
    fault: 'logs have no daily cap',
    file: monitoring,
    from: 'dailyQuotaGb: cap == 0 ? -1 : cap',
    to: 'dailyQuotaGb: cap == 0 ? -1 : -1',
    test: [testOfMonitoring, 'logs of vault and application each have a daily cap of their own: undefined'],
  },
  {
    fault: 'lines of the application are sampled away',
    file: 'host.json',
    from: '"excludedTypes": "Trace;Exception"',
    to: '"excludedTypes": "Exception"',
    test: [testOfQueries, 'host.json samples requests and nothing that the application logs'],
  },
  {
    fault: "strangers fill the log of the application at the vault's door",
    file: monitoring,
    from: 'WorkspaceResourceId: workspaces[0].id',
    to: 'WorkspaceResourceId: workspaces[1].id',
    test: [testOfMonitoring, 'logs of vault and application each have a daily cap of their own: undefined'],
  },
  {
    fault: 'telemetry is taken from everybody who knows the connection string',
    file: monitoring,
    from: 'DisableLocalAuth: tokenOnly',
    to: 'DisableLocalAuth: false',
    test: [testOfPlatform, 'storage and telemetry accept no key'],
  },
  {
    fault: 'a cloud that takes telemetry without a token only gets none',
    file: monitoring,
    from: 'DisableLocalAuth: tokenOnly',
    to: 'DisableLocalAuth: true',
    test: [testOfSettings, 'where telemetry cannot be sent with a token, no token is asked for'],
  },
  {
    fault: 'the host asks for a token where telemetry takes none',
    file: platform,
    from: 'monitoring.outputs.tokenOnly ?',
    to: '!empty(identity.outputs.id) ?',
    test: [testOfSettings, 'where telemetry cannot be sent with a token, no token is asked for'],
  },
  {
    fault: 'a deployment into a group needs rights on the subscription',
    file: 'infra/modules/keyVault.bicep',
    from: 'assignableScopes: [resourceGroup().id]',
    to: 'assignableScopes: [subscription().id]',
    test: [testOfWays, 'main.group touches nothing but the group that it is deployed to'],
  },
  {
    fault: 'outgoing calls do not go by the address that is made for them',
    file: 'infra/modules/network.bicep',
    from: '          ...(natGateway ? { natGateway: { id: nat.id } } : {})\n',
    to: '',
    test: [testOfPlatform, 'a new network has one outgoing address when told to, and none otherwise'],
  },
  {
    fault: 'the address of outgoing calls is made, and not told',
    file: 'infra/main.group.bicep',
    from: 'platform.outputs.outgoingAddress',
    to: "''",
    test: [testOfWays, `main.group: ${outgoing}`],
  },
  {
    fault: 'a region without Flex Consumption is taken without a word',
    file: deploy,
    from: '! grep -qx ',
    to: 'false && grep -qx ',
    test: [testOfDeploy, 'warns of a region that Azure does not list for Flex Consumption'],
  },
  {
    fault: 'the workbook shows one query under the title of another',
    file: 'infra/modules/workbook.bicep',
    from: "loadTextContent('../queries/failuresByReason.kql')",
    to: "loadTextContent('../queries/phases.kql')",
    test: [
      testOfMonitoring,
      'the workbook shows the queries of this repository, each over the source that has its table',
    ],
  },
  {
    fault: 'the workbook looks for credentials in the log of the application',
    file: 'infra/modules/workbook.bicep',
    from: "    shown: 'table'\n    source: vault\n",
    to: "    shown: 'table'\n    source: empty(vault) ? vault : application\n",
    test: [
      testOfMonitoring,
      'the workbook shows the queries of this repository, each over the source that has its table',
    ],
  },
  {
    fault: 'a query of the workbook reads what is not logged',
    file: 'infra/queries/phases.kql',
    from: 'percentiles(tolong(entry.phases.token), 50, 95)',
    to: 'percentiles(tolong(entry.phases.redeem), 50, 95)',
    test: [testOfQueries, 'phases.kql'],
  },
  {
    fault: 'npm run func leaves settings behind where Core Tools are missing',
    file: 'infra/scripts/func.ts',
    from: '  process.exitCode = 1\n} else {',
    to: "  copyFileSync('local.settings.sample.json', 'local.settings.json')\n  process.exitCode = 1\n} else {",
    test: ['test/infra/func.test.ts', 'without Core Tools says how to get them, and leaves no settings behind'],
  },
  {
    fault: 'an option in the guide is misspelt',
    file: 'docs/deploy.md',
    from: '--query functionKeys.default',
    to: '--qery functionKeys.default',
    test: ['test/docs/commands.test.ts', 'every command in a page exists, with its options docs/deploy.md'],
  },
  {
    fault: 'a variable in the guide is misspelt',
    file: 'docs/deploy.md',
    from: 'export AZURE_RESOURCE_GROUP=',
    to: 'export AZURE_RESOURCES=',
    test: ['test/docs/guide.test.ts', 'A resource group that exists'],
  },
]
