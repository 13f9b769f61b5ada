import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compile, findBicep } from '../../infra/scripts/bicep.ts'
import { isObject, type Json, type JsonObject, objectOf } from './armExpression.ts'
import { type Cloud, type Deployed, deploy, type Resource } from './armTemplate.ts'

/** Template and parameter file of one way to deploy. */
export type Way = 'main' | 'main.registered' | 'main.usgov' | 'main.group'

export interface Templates {
  /** The compiled template itself. */
  template(way: Way | 'pipelineIdentities'): JsonObject
  /** The parameters of the file that comes with the template. */
  parameters(way: Way): JsonObject
  /**
   * What the compiler made of template and parameters without knowing the cloud; `other`: in another subscription, with
   * every variable set that the parameter file reads.
   */
  snapshot(way: Way, other?: 'other'): JsonObject
  /** What would be deployed, with some parameters changed. */
  deployed(way: Way, changes?: JsonObject): Deployed
  folder: string
}

const sources: Record<Way, string> = {
  main: 'main',
  'main.registered': 'main.registered',
  'main.usgov': 'main.registered',
  'main.group': 'main.group',
}

function runtime(suffix: string, storage: string): Cloud['runtime'] {
  return (type, name) => {
    switch (type) {
      case 'Microsoft.ManagedIdentity/userAssignedIdentities':
        return name.startsWith('id-micetro-deploy-')
          ? { principalId: 'deploy-principal-id', clientId: 'deploy-client-id' }
          : name.startsWith('id-micetro-what-if-')
            ? { principalId: 'what-if-principal-id', clientId: 'what-if-client-id' }
            : { principalId: 'identity-principal-id', clientId: 'identity-client-id' }
      case 'Microsoft.Web/sites':
        return { defaultHostName: `${name}-a1b2c3.region-01.${suffix}` }
      case 'Microsoft.Network/publicIPAddresses':
        return { ipAddress: '203.0.113.7' }
      case 'Microsoft.Insights/components':
        return { ConnectionString: 'InstrumentationKey=00000000;IngestionEndpoint=https://region/' }
      case 'Microsoft.Storage/storageAccounts':
        return { primaryEndpoints: { blob: `https://${name}.blob.${storage}/` } }
      case 'Microsoft.Graph/servicePrincipals':
        return name === graphAppId
          ? {
              id: 'graph-principal-id',
              appId: graphAppId,
              oauth2PermissionScopes: offeredScopes,
              appRoles: offeredRoles,
            }
          : { id: 'principal-id', appId: name }
      case 'Microsoft.Graph/applications':
        return { id: 'application-object-id', appId: registeredClientId }
      default:
        return {}
    }
  }
}

export const graphAppId = '00000003-0000-0000-c000-000000000000'
export const registeredClientId = 'client-id-of-the-registration'

/** Graph offers more than is asked for, and has application permissions of the same names elsewhere. */
export const offeredScopes = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'User.Read',
  'User.Read.All',
  'GroupMember.Read.All',
  'Group.Read.All',
].map((value) => ({ value, id: `scope:${value}` }))

const offeredRoles = ['User.Read.All', 'GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'].map((value) => ({
  value,
  id: `role:${value}`,
}))

const commercial: Cloud = {
  environment: {
    name: 'AzureCloud',
    authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
    suffixes: { keyvaultDns: '.vault.azure.net', storage: 'core.windows.net' },
  },
  runtime: runtime('azurewebsites.net', 'core.windows.net'),
}

/** As `environment()` answers; Microsoft's page on the deployment functions, and national clouds. */
export const clouds: Record<Way, Cloud> = {
  main: commercial,
  'main.registered': commercial,
  'main.group': commercial,
  'main.usgov': {
    environment: {
      name: 'AzureUSGovernment',
      authentication: { loginEndpoint: 'https://login.microsoftonline.us/' },
      suffixes: { keyvaultDns: '.vault.usgovcloudapi.net', storage: 'core.usgovcloudapi.net' },
    },
    runtime: runtime('azurewebsites.us', 'core.usgovcloudapi.net'),
  },
}

function load(folder: string): Templates {
  const read = (name: string): JsonObject => {
    const value: Json = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    return objectOf(value, name)
  }
  const parameters = (way: Way): JsonObject => {
    const given = objectOf(read(`${way}.parameters.json`).parameters, 'parameters')
    return Object.fromEntries(Object.entries(given).map(([name, each]) => [name, objectOf(each, name).value ?? null]))
  }
  const template = (way: Way | 'pipelineIdentities') =>
    read(`${way === 'pipelineIdentities' ? way : sources[way]}.json`)
  return {
    folder,
    template,
    parameters,
    snapshot: (way, other) => read(`${way}.${other === undefined ? '' : 'other.'}snapshot.json`),
    deployed: (way, changes = {}) => deploy(template(way), { ...parameters(way), ...changes }, clouds[way]),
  }
}

/**
 * Groups tests of the compiled templates. Without a compiler they are skipped, and the name of the group says why; under
 * `npm run infra:check` that is a failure.
 */
export function describeTemplates(name: string, tests: (templates: Templates) => void): void {
  const bicep = findBicep()
  if ('program' in bicep) {
    const { folder, findings } = compile(bicep.program)
    describe(name, () => {
      test('compiles without a finding of compiler, linter and formatter', () => {
        expect(findings).toEqual([])
      })
      if (findings.length === 0) tests(load(folder))
    })
  } else if (process.env.INFRA_CHECK === 'required') {
    test(name, () => expect.fail(bicep.missing))
  } else {
    console.warn(`Skipped, ${name}: ${bicep.missing}`)
    describe.skip(`${name}: ${bicep.missing}`, () => {
      test('needs the Bicep compiler', () => {})
    })
  }
}

export const ofType = (deployed: Deployed, type: string): Resource[] =>
  deployed.resources.filter((each) => each.type === type)

/** @throws when there is not exactly one */
export function only(deployed: Deployed, type: string): Resource {
  const [found, ...others] = ofType(deployed, type)
  if (found === undefined || others.length > 0)
    throw new Error(`expected one ${type}, found ${others.length + (found ? 1 : 0)}`)
  return found
}

/** Every text in a value, with the path that leads to it. */
export function* texts(value: Json | undefined, path = ''): Generator<{ path: string; text: string }> {
  if (typeof value === 'string') yield { path, text: value }
  else if (Array.isArray(value)) for (const [index, each] of value.entries()) yield* texts(each, `${path}[${index}]`)
  else if (isObject(value)) for (const [name, each] of Object.entries(value)) yield* texts(each, `${path}.${name}`)
}
