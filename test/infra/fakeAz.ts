/**
 * Stands in for the Azure CLI when the scripts are tested: keeps what Graph would keep, and writes down every call.
 * Run as `node fakeAz.ts <folder> <arguments of az>`; the folder holds `state.json` and `calls.jsonl`.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { azProblem } from './azCommands.ts'

interface Entry {
  [name: string]: unknown
  web?: { redirectUris?: string[] }
}

export interface FakeState {
  cloud: Record<string, string>
  outputs: Record<string, string>
  applications: Record<string, Entry>
  servicePrincipals: Record<string, Entry>
  federated: Record<string, Entry>
  grants: Entry[]
  owners: Record<string, string[]>
  appRoles: Entry[]
  /** Answers to "az ad signed-in-user"; absent for a pipeline. */
  user?: string
  /** Nothing was deployed yet. */
  first?: boolean
  /** How many times a package cannot be deployed before it can, and what az says then. */
  refusals?: { times: number; message: string }
  /** Versions of the Azure CLI and of Bicep; an empty one is not installed. */
  versions: { az: string; bicep: string }
  /** Regions of Flex Consumption. */
  regions: string[]
  /** Resources that az has a token for. One that is asked for after the deployment is refused when nobody but a pipeline signed in. */
  tokens: string[]
  deployed?: boolean
  /** Blobs that are kept, by name, with the file that each came from. */
  blobs: Record<string, string>
  /** Commands that fail, and `rest POST owners`. */
  failing?: string[]
  /** Lines end as on Windows. */
  windows?: boolean
  subscription: string
}

export interface FakeCall {
  command: string
  method?: string
  uri?: string
  args: string[]
  /** What becomes a secret. */
  value?: string
  /** Git Bash leaves arguments alone. */
  verbatim?: boolean
}

const [folder = '', ...args] = process.argv.slice(2)
const statePath = join(folder, 'state.json')
const state: FakeState = JSON.parse(readFileSync(statePath, 'utf8'))
const option = (name: string): string => {
  const at = args.indexOf(name)
  return at < 0 ? '' : (args[at + 1] ?? '')
}
const firstOption = args.findIndex((each) => each.startsWith('-'))
const command = args.slice(0, firstOption < 0 ? args.length : firstOption).join(' ')
const call: FakeCall = { command, args, verbatim: process.env.MSYS_NO_PATHCONV === '1' }

function fail(message: string): never {
  console.error(`ERROR: ${message}`)
  process.exit(1)
}

const graphApp = '00000003-0000-0000-c000-000000000000'
const offered = ['openid', 'profile', 'email', 'offline_access', 'User.Read', 'User.Read.All', 'GroupMember.Read.All']

function rest(): string {
  const method = option('--method')
  const uri = decodeURIComponent(option('--uri'))
  Object.assign(call, { method, uri })
  const resource = option('--resource')
  if (!uri.startsWith(`${resource}/v1.0/`)) fail(`${uri} is not of ${resource}`)
  const path = uri.slice(`${resource}/v1.0/`.length)
  const body: Entry = method === 'GET' ? {} : JSON.parse(option('--body'))
  const upsert = args.includes('Prefer=create-if-missing')
  const key = (kind: string) => new RegExp(`^${kind}\\((?:uniqueName|appId)='([^']+)'\\)`).exec(path)?.[1] ?? ''
  const rest = path.replace(/^[A-Za-z]+\([^)]*\)/, '')

  if (path.startsWith('oauth2PermissionGrants')) {
    if (method === 'GET' && path.includes('/')) {
      return String(state.grants.find((grant) => grant.id === path.split('/')[1])?.scope)
    }
    if (method === 'GET') {
      const wanted = [...path.matchAll(/(\w+) eq '([^']*)'/g)]
      return state.grants
        .filter((grant) => wanted.every(([, name = '', value]) => grant[name] === value))
        .map((grant) => String(grant.id))
        .join('\n')
    }
    const id = path.split('/')[1]
    if (id === undefined) state.grants.push({ id: `grant-${state.grants.length}`, ...body })
    else Object.assign(state.grants.find((grant) => grant.id === id) ?? fail('no such grant'), body)
    return ''
  }
  if (path.startsWith('servicePrincipals/') && /\/appRoleAssignments(\?|$)/.test(path)) {
    if (method === 'GET') return state.appRoles.map(({ appRoleId }) => String(appRoleId)).join('\n')
    state.appRoles.push(body)
    return ''
  }
  if (path === `servicePrincipals(appId='${graphApp}')?$select=appRoles`)
    return [
      'Application.Read.All',
      'Application.ReadWrite.OwnedBy',
      'DelegatedPermissionGrant.ReadWrite.All',
      'User.Read.All',
      'GroupMember.Read.All',
    ]
      .map((each) => `${each}\trole:${each}`)
      .join('\n')
  if (path.startsWith(`servicePrincipals(appId='${graphApp}')`)) {
    return option('--query') === 'id'
      ? 'graph-principal-id'
      : offered.map((each) => `${each}\tscope:${each}`).join('\n')
  }
  if (rest.startsWith('/owners')) {
    const object = path.replace(/\/owners.*$/, '')
    const owners = state.owners[object] ?? []
    state.owners[object] = owners
    if (method === 'GET') return owners.find((each) => option('--query').includes(`'${each}'`)) ?? ''
    if (state.failing?.includes('rest POST owners')) fail('Insufficient privileges to complete the operation.')
    const owner = String(body['@odata.id']).split('/').at(-1) ?? ''
    if (owners.includes(owner)) fail('One or more added object references already exist')
    owners.push(owner)
    return ''
  }
  if (rest.startsWith('/federatedIdentityCredentials')) {
    if (!upsert) fail('Resource not found')
    state.federated[rest] = { ...state.federated[rest], ...body }
    return ''
  }
  const kind = path.startsWith('applications') ? 'applications' : 'servicePrincipals'
  const name = key(kind)
  const known = state[kind][name]
  if (method === 'PATCH') {
    if (known === undefined && !upsert) fail('Resource not found')
    const made = kind === 'applications' ? { appId: 'client-id-of-the-registration' } : { id: 'principal-id' }
    state[kind][name] = { ...made, ...known, ...body }
    return ''
  }
  if (known === undefined) return fail('Resource not found')
  if (option('--query') === 'web.redirectUris[]') return (known.web?.redirectUris ?? []).join('\n')
  return String(known[option('--query')])
}

/** What needs a token for the storage account: a pipeline gets none once its own assertion is spent. */
function storage(): void {
  const resource = 'https://storage.azure.com/'
  if (state.user === undefined && state.deployed === true && !state.tokens.includes(resource))
    fail('AADSTS700024: Client assertion is not within its valid time range.')
}

function refuse(): void {
  const { refusals } = state
  if (refusals === undefined || refusals.times === 0) return
  refusals.times -= 1
  fail(refusals.message)
}

/** The outputs of a deployment that a query names, as JSON. */
function outputsOf(): string {
  if (state.first === true) fail('DeploymentNotFound')
  const names = [...option('--query').matchAll(/(\w+): \1\.value/g)].map(([, name = '']) => name)
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, state.outputs[name] ?? fail(name)])), null, 2)
}

function answer(): string {
  const problem = azProblem(
    command,
    args.filter((each) => each.startsWith('-')),
  )
  if (problem !== undefined) fail(problem)
  if (state.failing?.includes(command)) fail('ServiceUnavailable from host runtime')
  switch (command) {
    case 'version':
      return state.versions.az
    case 'bicep version':
      return state.versions.bicep === ''
        ? fail('Bicep CLI not found.')
        : `Bicep CLI version ${state.versions.bicep} (5e7d4cd)`
    case 'bicep install':
      state.versions.bicep = '0.49.2'
      return ''
    case 'cloud show':
      return state.cloud[option('--query')] ?? fail('no such query')
    case 'account show':
      return option('--query') === 'id' ? state.subscription : '22222222-2222-2222-2222-222222222222'
    case 'account get-access-token':
      if (state.deployed !== true) state.tokens.push(option('--resource'))
      return 'token'
    case 'ad signed-in-user show':
      return state.user ?? fail('only for users')
    case 'rest':
      return rest()
    case 'deployment sub show':
    case 'deployment group show':
      return outputsOf()
    case 'functionapp show':
      return '/subscriptions/s/sites/site'
    case 'functionapp list-flexconsumption-locations':
      return state.regions.join('\n')
    case 'functionapp deployment source config-zip':
      refuse()
      return ''
    case 'storage blob upload':
      storage()
      refuse()
      state.blobs[option('--name')] = readFileSync(option('--file'), 'latin1')
      return ''
    case 'storage blob exists':
      storage()
      return String(option('--name') in state.blobs)
    case 'storage blob download':
      storage()
      writeFileSync(option('--file'), state.blobs[option('--name')] ?? fail('BlobNotFound'), 'latin1')
      return ''
    case 'deployment sub create':
    case 'deployment group create':
      state.first = false
      state.deployed = true
      Object.assign(call, { uri: process.env.ENTRA_CLIENT_ID ?? '', method: process.env.AZURE_PRINCIPAL_ID ?? '' })
      return ''
    case 'deployment sub what-if':
    case 'deployment group what-if':
      Object.assign(call, { uri: process.env.ENTRA_CLIENT_ID ?? '' })
      return ''
    case 'keyvault secret set':
      call.value = option('--value') || readFileSync(option('--file'), 'utf8')
      return ''
    case 'keyvault show':
    case 'keyvault certificate get-default-policy':
    case 'keyvault certificate show':
      return 'answer'
    case 'account set':
    case 'cloud set':
    case 'functionapp restart':
    case 'group create':
    case 'keyvault certificate create':
    case 'login':
    case 'resource invoke-action':
    case 'role assignment create':
      return ''
    default:
      return fail(`the stand-in does not do az ${command}`)
  }
}

process.on('exit', () => {
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify(call)}\n`)
  writeFileSync(statePath, JSON.stringify(state))
})
const text = answer()
const end = state.windows === true ? '\r\n' : '\n'
if (option('--output') !== 'none' && text !== '') process.stdout.write(`${text.replaceAll('\n', end)}${end}`)
