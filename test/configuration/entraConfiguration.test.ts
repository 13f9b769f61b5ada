import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { clouds, isMultiTenant, type KnownCloud } from '../../shared/configuration/clouds.ts'
import {
  configurationSchema,
  describeIssues,
  type EntraConfiguration,
  isGuid,
  type Layer,
  resolveConfiguration,
  type SavedConfiguration,
  type Source,
  settingsLayer,
} from '../../shared/configuration/entraConfiguration.ts'
import { readSettings } from '../../shared/configuration/settings.ts'
import { problemsIn } from '../failing.ts'
import { clientId, configurationOf, customCloud, least, redirectUri, tenantId } from './sampleConfiguration.ts'

const otherTenant = '22222222-2222-4222-8222-222222222222'
const groupId = 'abcdefab-1111-4111-8111-111111111111'

function faultsOf(value: unknown): string[] {
  const parsed = v.safeParse(configurationSchema, value)
  return parsed.success ? [] : describeIssues(parsed.issues)
}

describe('A saved configuration', () => {
  it('may have every documented key', () => {
    const every = {
      ...least,
      enabled: true,
      scope: ['User.Read'],
      cloud: 'usgov',
      graph_endpoint: 'https://graph.microsoft.us',
      allowed_tenants: [tenantId],
      credential_kind: 'certificate',
      credential_version: '0123456789abcdef',
      groups: { security_only: true, map: { [groupId]: 'dns' } },
      match_by_name: true,
    }
    expect(faultsOf(every)).toEqual([])
  })

  it('may be empty: everything has a place below it', () => expect(faultsOf({})).toEqual([]))

  const refused: [name: string, value: object, fault: RegExp][] = [
    ['an unknown key', { tenantid: 'x' }, /^tenantid: unknown key$/],
    ['the credential itself', { client_credential: 'hush' }, /^client_credential: unknown key$/],
    ['an unknown key further in', { groups: { only_security: true } }, /^groups\.only_security: unknown key$/],
    ['an empty tenant', { tenant_id: '' }, /^tenant_id: .*empty/],
    ['a tenant that is an address', { tenant_id: 'https://contoso.com' }, /^tenant_id: .*GUID, a domain, common/],
    ['a tenant that climbs out of its path', { tenant_id: '../common' }, /^tenant_id: /],
    ['consumers, who have no groups', { tenant_id: 'consumers' }, /^tenant_id: .*consumers/],
    ['a tenant that is a number', { tenant_id: 7 }, /^tenant_id: .*text/],
    ['a client id that is no GUID', { client_id: 'my-app' }, /^client_id: .*GUID/],
    ['a redirect URI with http', { redirect_uri: 'http://signin.test/cb' }, /^redirect_uri: .*https/],
    ['a redirect URI with a query', { redirect_uri: 'https://signin.test/cb?a=b' }, /^redirect_uri: .*query/],
    ['a scope of the wrong type', { scope: 7 }, /^scope: .*list of words/],
    ['a scope with a quotation mark', { scope: ['User.Read"'] }, /^scope/],
    ['a cloud that is not known', { cloud: 'moon' }, /^cloud: .*commercial, usgov, usgov-dod, china, custom/],
    [
      'a Graph endpoint of somebody else',
      { graph_endpoint: 'https://evil.test' },
      /^graph_endpoint: .*graph\.microsoft\.com/,
    ],
    ['an allowed tenant that is no GUID', { allowed_tenants: ['contoso.com'] }, /^allowed_tenants\.0: .*GUID/],
    ['a map from something else than an id', { groups: { map: { dns: 'dns' } } }, /^groups\.map\.dns: .*GUID/],
    ['a map to nothing', { groups: { map: { [groupId]: '' } } }, /^groups\.map\.abcdefab-.*empty/],
    ['a switch that is a text', { enabled: 'false' }, /^enabled: .*true or false/],
    ['match_by_name as a text', { match_by_name: 'yes' }, /^match_by_name: .*true or false/],
    ['a home tenant that is a domain', { home_tenant: 'contoso.com' }, /^home_tenant: .*GUID/],
    ['a way of matching that is not known', { groups: { match: 'both' } }, /^groups\.match: .*name, id/],
    ['a claim that is not known', { groups: { claim: true } }, /^groups\.claim: .*optional, required/],
    ['required as a text', { groups: { required: 'yes' } }, /^groups\.required: .*true or false/],
    ['security_only as a number', { groups: { security_only: 1 } }, /^groups\.security_only: .*true or false/],
    ['a kind of credential that is not known', { credential_kind: 'password' }, /^credential_kind: .*certificate/],
    ['a credential version that is a path', { credential_version: '../x' }, /^credential_version: /],
  ]
  for (const [name, value, fault] of refused) {
    it(`must not have ${name}`, () => expect(faultsOf(value)[0]).toMatch(fault))
  }

  it('is told every fault with its path, not the first one only', () => {
    const faults = faultsOf({ tenant_id: 7, client_id: 'x', groups: { map: 7, more: 1 }, extra: 1 })
    for (const path of ['tenant_id', 'client_id', 'groups.map', 'groups.more', 'extra'])
      expect(
        faults.filter((fault) => fault.startsWith(`${path}: `)),
        path,
      ).toHaveLength(1)
  })

  const misplaced: [name: string, value: object][] = [
    ['groups', { groups: 'hush' }],
    ['the map', { groups: { map: 'hush' } }],
    ['allowed_tenants', { allowed_tenants: 'hush' }],
    ['the tenant', { tenant_id: 'hush hush' }],
    ['the scope', { scope: ['hush hush'] }],
    ['the cloud', { cloud: 'hush' }],
  ]
  for (const [name, value] of misplaced) {
    it(`has no value of ${name} in its faults: it may be a secret at the wrong place`, () => {
      expect(faultsOf(value)).not.toEqual([])
      expect(faultsOf(value).join()).not.toContain('hush')
    })
  }

  const scopes: [name: string, scope: unknown, read: string[]][] = [
    ['a list', ['User.Read', 'GroupMember.Read.All'], ['User.Read', 'GroupMember.Read.All']],
    ['a text', 'User.Read GroupMember.Read.All', ['User.Read', 'GroupMember.Read.All']],
    ['a text with any white space', '  User.Read\n\tGroupMember.Read.All ', ['User.Read', 'GroupMember.Read.All']],
    ['an empty text', '', []],
  ]
  for (const [name, scope, read] of scopes) {
    it(`reads its scope from ${name}, and saves it as a list`, () =>
      expect(v.parse(configurationSchema, { scope })).toEqual({ scope: read }))
  }

  it('keeps ids in lower case', () => {
    const parsed = v.parse(configurationSchema, {
      client_id: clientId.toUpperCase(),
      allowed_tenants: [groupId.toUpperCase()],
      groups: { map: { [groupId.toUpperCase()]: 'DNS' } },
    })
    expect(parsed).toEqual({ client_id: clientId, allowed_tenants: [groupId], groups: { map: { [groupId]: 'DNS' } } })
  })
})

describe('The layers of the configuration', () => {
  /** For each key: a value for each layer. */
  const values: { [Key in keyof SavedConfiguration]-?: [saved: unknown, file: unknown, setting: unknown] } = {
    enabled: [false, true, true],
    tenant_id: ['saved.test', 'file.test', 'setting.test'],
    client_id: [clientId, tenantId, otherTenant],
    redirect_uri: [redirectUri, 'https://file.test/cb', 'https://setting.test/cb'],
    scope: [['Saved.Read'], ['File.Read'], ['Setting.Read']],
    cloud: ['usgov', 'china', 'commercial'],
    graph_endpoint: [clouds.commercial.graph, clouds.commercial.graph, clouds.commercial.graph],
    allowed_tenants: [[tenantId], [otherTenant], []],
    credential_kind: ['certificate', 'secret', 'managed-identity'],
    credential_version: ['1', '2', '3'],
    home_tenant: [tenantId, otherTenant, tenantId],
    groups: [{ security_only: true }, { security_only: false }, {}],
    match_by_name: [true, false, false],
    between_sign_ins: [{ mode: 'enforce' }, { mode: 'report' }, { mode: 'off' }],
  }
  const origins = ['saved', 'file', 'setting'] as const

  for (const [key, each] of Object.entries(values)) {
    for (const [first, source] of origins.entries()) {
      it(`${key}: ${source} wins over ${[...origins.slice(first + 1), 'default'].join(', ')}`, () => {
        const layers = origins
          .map((origin, index): Layer => ({ source: origin, values: { [key]: each[index] } as SavedConfiguration }))
          .slice(first)
        const base: Layer = { source: 'setting', values: least }
        const { shown, sources } = resolveConfiguration([...layers, base], customCloud)
        expect(shown).toMatchObject({ [key]: each[first] })
        expect(sources[key]).toBe(source)
      })
    }
  }

  it('are merged key by key, and the source of each key is told', () => {
    const layers: Layer[] = [
      { source: 'saved', values: { tenant_id: tenantId } },
      { source: 'file', values: { tenant_id: 'file.test', client_id: clientId } },
      { source: 'setting', values: { tenant_id: 'setting.test', client_id: otherTenant, redirect_uri: redirectUri } },
    ]
    const { configuration, sources } = resolveConfiguration(layers, undefined)
    expect(configuration).toMatchObject({ tenantId, clientId, redirectUri })
    const expected: Record<string, Source> = {
      tenant_id: 'saved',
      client_id: 'file',
      redirect_uri: 'setting',
      enabled: 'default',
      scope: 'default',
      cloud: 'default',
      credential_kind: 'default',
    }
    expect(sources).toEqual(expected)
  })

  it('have defaults below them', () => {
    const expected: EntraConfiguration = {
      enabled: true,
      tenantId,
      clientId,
      redirectUri,
      scopes: ['User.Read'],
      cloud: 'commercial',
      login: clouds.commercial.login,
      graph: clouds.commercial.graph,
      tokenExchangeAudience: 'api://AzureADTokenExchange',
      allowedTenants: [],
      homeTenant: undefined,
      credentialKind: 'secret',
      credentialVersion: undefined,
      groups: { securityOnly: false, match: 'name', claim: 'optional', required: false, map: new Map() },
      matchByName: false,
      betweenSignIns: { mode: 'off', notFound: 'report', brakePercent: 10 },
    }
    expect(configurationOf()).toEqual(expected)
  })

  it('need the home tenant to be one that may sign in, where there are several', async () => {
    const several = { tenant_id: 'common', allowed_tenants: [tenantId] }
    expect(await problemsIn(() => configurationOf({ ...several, home_tenant: otherTenant }))).toEqual([
      'home_tenant must be one of allowed_tenants',
    ])
    expect(configurationOf({ ...several, home_tenant: tenantId.toUpperCase() }).homeTenant).toBe(tenantId)
    expect(configurationOf({ home_tenant: otherTenant }).tenantId).toBe(tenantId)
  })

  it('carry the rules on groups', () => {
    const groups = {
      match: 'id',
      claim: 'required',
      required: true,
      security_only: true,
      map: { [groupId]: 'DNS' },
    } as const
    expect(configurationOf({ groups }).groups).toEqual({
      match: 'id',
      claim: 'required',
      required: true,
      securityOnly: true,
      map: new Map([[groupId, 'DNS']]),
    })
  })

  it('report everything that is missing at once', async () => {
    expect(await problemsIn(() => resolveConfiguration([], undefined))).toEqual([
      expect.stringMatching(/^client_id is missing \(setting ENTRA_CLIENT_ID/),
      expect.stringMatching(/^redirect_uri is missing \(setting ENTRA_REDIRECT_URI/),
      expect.stringMatching(/^allowed_tenants must name .* common or organizations$/),
    ])
  })

  for (const tenant_id of ['common', 'organizations', 'Common']) {
    it(`need allowed_tenants with ${tenant_id}: any organisation would come in`, async () => {
      expect(await problemsIn(() => configurationOf({ tenant_id }))).toEqual([
        `allowed_tenants must name the tenants that may sign in when tenant_id is common or organizations`,
      ])
      expect(await problemsIn(() => configurationOf({ tenant_id, allowed_tenants: [] }))).toHaveLength(1)
      expect(configurationOf({ tenant_id, allowed_tenants: [tenantId] }).allowedTenants).toEqual([tenantId])
    })
  }
})

describe('The settings as the lowest layer', () => {
  it('have the keys of the saved form', () => {
    const settings = readSettings({
      ENTRA_TENANT_ID: tenantId,
      ENTRA_CLIENT_ID: clientId,
      ENTRA_REDIRECT_URI: redirectUri,
      ENTRA_SCOPE: 'User.Read GroupMember.Read.All',
      ENTRA_CREDENTIAL_KIND: 'managed-identity',
      ENTRA_CLOUD: 'usgov-dod',
    })
    expect(settingsLayer(settings)).toEqual({
      source: 'setting',
      values: {
        ...least,
        scope: ['User.Read', 'GroupMember.Read.All'],
        credential_kind: 'managed-identity',
        cloud: 'usgov-dod',
      },
    })
  })

  it('are told their faults under the names of the settings', async () => {
    const settings = readSettings({ ENTRA_TENANT_ID: 'a/b', ENTRA_CLIENT_ID: 'app' })
    expect(await problemsIn(() => settingsLayer(settings))).toEqual([
      expect.stringMatching(/^ENTRA_TENANT_ID: /),
      expect.stringMatching(/^ENTRA_CLIENT_ID: .*GUID/),
    ])
  })
})

describe('The cloud', () => {
  for (const cloud of Object.keys(clouds) as KnownCloud[]) {
    it(`${cloud} has its own hosts and audience`, () => {
      expect(configurationOf({ cloud })).toMatchObject({ cloud, ...clouds[cloud] })
    })

    it(`${cloud} asks for the scopes of its own Graph`, () => {
      const { scopes } = configurationOf({ cloud, scope: ['User.Read', 'GroupMember.Read.All', 'openid', 'email'] })
      const root = cloud === 'commercial' ? '' : `${clouds[cloud].graph}/`
      expect(scopes).toEqual([`${root}User.Read`, `${root}GroupMember.Read.All`, 'openid', 'email'])
    })

    it(`${cloud} follows from its Graph endpoint alone, as the dialog of the product sets it`, () => {
      expect(configurationOf({ graph_endpoint: clouds[cloud].graph })).toMatchObject({
        cloud,
        login: clouds[cloud].login,
        graph: clouds[cloud].graph,
      })
    })
  }

  it('that follows from the Graph endpoint is the one that is shown as in force', () => {
    const layers: Layer[] = [{ source: 'saved', values: { ...least, graph_endpoint: clouds.usgov.graph } }]
    expect(resolveConfiguration(layers, undefined).shown.cloud).toBe('usgov')
  })

  it('of the Government is settled by the Graph endpoint: both share the sign-in host', () => {
    expect(configurationOf({ cloud: 'usgov', graph_endpoint: clouds['usgov-dod'].graph })).toMatchObject({
      cloud: 'usgov-dod',
      graph: clouds['usgov-dod'].graph,
    })
  })

  const contradictions: [cloud: KnownCloud, graph: KnownCloud][] = [
    ['china', 'commercial'],
    ['usgov', 'commercial'],
    ['usgov', 'china'],
    ['usgov-dod', 'usgov'],
  ]
  for (const [cloud, graph] of contradictions) {
    it(`${cloud} refuses the Graph of ${graph}`, async () => {
      const graph_endpoint = clouds[graph].graph
      expect(await problemsIn(() => configurationOf({ cloud, graph_endpoint }))).toEqual([
        `graph_endpoint does not belong to the cloud ${cloud}`,
      ])
    })
  }

  it('custom has the hosts of the settings, and scopes of its Graph', () => {
    expect(configurationOf({ cloud: 'custom' })).toMatchObject({
      ...customCloud,
      scopes: [`${customCloud.graph}/User.Read`],
    })
  })

  it('custom without hosts in the settings is refused: a page cannot name any', async () => {
    const layers: Layer[] = [{ source: 'saved', values: { ...least, cloud: 'custom' } }]
    expect(await problemsIn(() => resolveConfiguration(layers, undefined))).toEqual([
      'cloud custom needs the app settings ENTRA_CLOUD=custom, ENTRA_AUTHORITY_HOST and GRAPH_ENDPOINT',
    ])
  })
})

describe('The scopes', () => {
  const cases: [name: string, scope: string[], asked: string[]][] = [
    ['always have User.Read', ['GroupMember.Read.All'], ['GroupMember.Read.All', 'User.Read']],
    ['have it once', ['User.Read', 'User.Read'], ['User.Read']],
    [
      'may name a resource themselves',
      ['https://graph.microsoft.com/User.Read.All'],
      ['https://graph.microsoft.com/User.Read.All', 'User.Read'],
    ],
  ]
  for (const [name, scope, asked] of cases) it(name, () => expect(configurationOf({ scope }).scopes).toEqual(asked))
})

describe('An id', () => {
  const cases: [text: string, guid: boolean][] = [
    [groupId, true],
    [groupId.toUpperCase(), true],
    [`{${groupId}}`, false],
    [`${groupId} `, false],
    [groupId.replaceAll('-', ''), false],
    ['DNS admins', false],
    ['', false],
  ]
  for (const [text, guid] of cases) it(`${JSON.stringify(text)}: ${guid}`, () => expect(isGuid(text)).toBe(guid))

  it('of a tenant is none where it stands for any organisation', () => {
    expect(['common', 'ORGANIZATIONS', 'consumers', tenantId, 'common.test'].map(isMultiTenant)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
