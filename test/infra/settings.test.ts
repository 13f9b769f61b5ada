import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { clouds as applicationClouds } from '../../shared/configuration/clouds.ts'
import { localOnlySettings, readSettings, settingNames } from '../../shared/configuration/settings.ts'
import { type JsonObject, objectOf } from './armExpression.ts'
import { describeTemplates, ofType, only, type Way } from './compiled.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const local: readonly string[] = localOnlySettings

/** What the host and the Azure SDKs read; everything else in the template must be a setting of the application. */
const platformSettings = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AZURE_CLIENT_ID',
  'AzureWebJobsDisableHomepage',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
]
const otherPlanSettings = [
  'FUNCTIONS_EXTENSION_VERSION',
  'FUNCTIONS_WORKER_RUNTIME',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID',
]

const asText = (settings: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))

describeTemplates('app settings', ({ deployed, parameters }) => {
  test.each<[Way, string[]]>([
    ['main', platformSettings],
    ['main.usgov', [...platformSettings, ...otherPlanSettings]],
  ])("%s: exactly the settings that the code reads, and the platform's own", (way, platform) => {
    const names = Object.keys(only(deployed(way), 'Microsoft.Web/sites/config').properties)
    const expected = [...settingNames.filter((name) => !local.includes(name)), ...platform]
    expect(names.sort()).toEqual(expected.sort())
  })

  test.each<[Way, string, JsonObject]>([
    ['main', 'core.windows.net', {}],
    [
      'main.usgov',
      'core.usgovcloudapi.net',
      {
        FUNCTIONS_EXTENSION_VERSION: '~4',
        FUNCTIONS_WORKER_RUNTIME: 'node',
        WEBSITE_RUN_FROM_PACKAGE: expect.stringMatching(/^https:\/\/st\w+\.blob\.[^/]+\/packages\/app\.zip$/),
        WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: expect.stringMatching(
          /\/userAssignedIdentities\/id-micetro-\w+$/,
        ),
      },
    ],
  ])("%s: the platform's own settings have these values", (way, storage, others) => {
    const { properties } = only(deployed(way), 'Microsoft.Web/sites/config')
    const known: readonly string[] = settingNames
    const own = Object.entries(properties).filter(([name]) => !known.includes(name))
    expect(Object.fromEntries(own)).toEqual({
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=identity-client-id;Authorization=AAD',
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=00000000;IngestionEndpoint=https://region/',
      AZURE_CLIENT_ID: 'identity-client-id',
      AzureWebJobsDisableHomepage: 'true',
      AzureWebJobsStorage__blobServiceUri: expect.stringMatching(new RegExp(`^https://st\\w+\\.blob\\.${storage}/$`)),
      AzureWebJobsStorage__clientId: 'identity-client-id',
      AzureWebJobsStorage__credential: 'managedidentity',
      ...others,
    })
  })

  test.each<Way>(['main', 'main.usgov'])('%s: the code accepts them as they are', (way) => {
    const { properties } = only(deployed(way), 'Microsoft.Web/sites/config')
    const settings = readSettings(asText(properties))
    expect(settings.entra.credential_kind).toBe('managed-identity')
    expect(settings.secrets).toEqual({
      configuration: 'micetro-entra-config',
      credential: 'micetro-entra-client-credential',
      signInKey: 'micetro-sign-in-key',
      micetroPassword: 'micetro-api-password',
      candidate: 'micetro-entra-candidate',
    })
  })

  test('Government parameters give Government endpoints', () => {
    const all = deployed('main.usgov')
    const { properties } = only(all, 'Microsoft.Web/sites/config')
    expect(properties).toMatchObject({
      KEY_VAULT_URL: expect.stringMatching(/^https:\/\/kv-\w+\.vault\.usgovcloudapi\.net$/),
      AzureWebJobsStorage__blobServiceUri: expect.stringMatching(/\.blob\.core\.usgovcloudapi\.net\/$/),
      WEBSITE_RUN_FROM_PACKAGE: expect.stringMatching(/\.blob\.core\.usgovcloudapi\.net\/packages\/app\.zip$/),
      ENTRA_REDIRECT_URI: expect.stringMatching(/^https:\/\/[^/]+\.azurewebsites\.us\/mmws\/auth_cb\/microsoft$/),
      ENTRA_CLOUD: 'usgov',
      ENTRA_CLIENT_ID: parameters('main.usgov').entraClientId,
    })
    expect(only(all, 'Microsoft.Web/sites').body.location).toBe('usgovvirginia')
    for (const value of Object.values(asText(properties)))
      expect(value).not.toMatch(/\.azure\.net|\.windows\.net|azurewebsites\.net/)
  })

  test('the cloud of the subscription is the cloud of the application, unless another is named', () => {
    const cloud = (way: Way, changes?: JsonObject) =>
      only(deployed(way, changes), 'Microsoft.Web/sites/config').properties.ENTRA_CLOUD
    expect(cloud('main')).toBe('commercial')
    expect(cloud('main.usgov', { entraCloud: '' })).toBe('usgov')
    expect(cloud('main.usgov', { entraCloud: 'usgov-dod' })).toBe('usgov-dod')
    for (const name of ['commercial', 'usgov', 'usgov-dod']) expect(Object.keys(applicationClouds)).toContain(name)
  })

  test('a site for Central has the same settings, takes its function away from the other, and leaves the timer to it', () => {
    const all = deployed('main', { access: { centralAddresses: ['192.0.2.10/32'] } })
    const [browsers = {}, central = {}] = ofType(all, 'Microsoft.Web/sites/config')
      .sort((a, b) => b.name.localeCompare(a.name))
      .map((each) => each.properties)
    const { 'AzureWebJobs.central.Disabled': disabled, ...same } = browsers
    expect(disabled).toBe('true')
    expect({ ...same, 'AzureWebJobs.reconcile.Disabled': 'true' }).toEqual(central)
    expect(same).not.toHaveProperty('AzureWebJobs.reconcile.Disabled')
  })

  test('where telemetry cannot be sent with a token, no token is asked for', () => {
    const all = deployed('main.usgov', { telemetry: { tokenOnly: false } })
    expect(only(all, 'Microsoft.Insights/components').properties.DisableLocalAuth).toBe(false)
    const settings = only(all, 'Microsoft.Web/sites/config').properties
    expect(settings).not.toHaveProperty('APPLICATIONINSIGHTS_AUTHENTICATION_STRING')
    expect(settings).toHaveProperty('APPLICATIONINSIGHTS_CONNECTION_STRING')
  })

  test('Micetro is passed on as it is given', () => {
    const micetro = {
      ...objectOf(parameters('main').micetro, 'micetro'),
      apiUrls: ['https://a.example.com/mmws/api', 'https://b.example.com/mmws/api'],
      centralCallbackUrl: 'https://a.example.com/mmws/auth_cb/microsoft',
      caCertificates: 'PEM',
    }
    expect(only(deployed('main', { micetro }), 'Microsoft.Web/sites/config').properties).toMatchObject({
      MICETRO_API_URLS: 'https://a.example.com/mmws/api,https://b.example.com/mmws/api',
      CENTRAL_CALLBACK_URL: 'https://a.example.com/mmws/auth_cb/microsoft',
      MICETRO_CA_CERTIFICATES: 'PEM',
    })
  })
})

test.each(['main', 'main.registered', 'main.usgov', 'main.group'])(
  '%s.bicepparam has no example that could be deployed',
  (way) => {
    const text = readFileSync(join(root, `infra/${way}.bicepparam`), 'utf8')
    expect(text).not.toMatch(/example\.com|00000000-/)
    const required = [...text.matchAll(/readEnvironmentVariable\('(\w+)'\)/g)].map(([, name]) => name)
    expect(required).toEqual([
      'AZURE_LOCATION',
      ...(way === 'main.registered' ? ['ENTRA_CLIENT_ID'] : []),
      'MICETRO_API_URLS',
      'MICETRO_API_USER',
      'MICETRO_WEB_URL',
    ])
  },
)

test("the function that Central's own site keeps has the name in the template", () => {
  const types = readFileSync(join(root, 'infra/modules/types.bicep'), 'utf8')
  const name = /var centralFunction = '(\w+)'/.exec(types)?.[1]
  const central = readFileSync(join(root, 'functions/central.ts'), 'utf8')
  expect(central).toMatch(new RegExp(`app\\.http\\('${name}', \\{\\s+route: 'central/auth_cb'`))
})
