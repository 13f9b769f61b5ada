import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noGroupCounts } from '../../shared/central/groupNames.ts'
import type { SavedConfiguration } from '../../shared/configuration/entraConfiguration.ts'
import {
  type AppRegistration,
  createGroup,
  createUser,
  type DirectoryGroup,
  type DirectoryUser,
  guidOf,
} from '../simulators/directory.ts'
import { allUsers } from '../simulators/micetroStore.ts'
import { comeBack, postToFunction, pressButton } from './centralButton.ts'
import { expectNoSecrets } from './noSecrets.ts'
import { behave, chooseUser, forget, type Stage, shownError, signIn, startStage } from './stage.ts'
import { UserAgent } from './userAgent.ts'

let stage: Stage
let rita: DirectoryUser

/** What a group of Entra ID may be, and the Micetro group that stands for it. */
interface Kind {
  group: (tenant: Parameters<typeof createGroup>[0]) => DirectoryGroup
  micetro: string
}
const synced = { onPremisesDomainName: 'corp.contoso.com', onPremisesSyncEnabled: true }
const kinds = {
  cloud: { group: (tenant) => createGroup(tenant, 'Cloud Ops'), micetro: 'Cloud Ops' },
  synced: {
    group: (tenant) =>
      createGroup(tenant, 'Synced Operators', {
        ...synced,
        onPremisesSamAccountName: 'SyncedOps',
        onPremisesNetBiosName: 'CORP',
      }),
    micetro: 'CORP\\SyncedOps',
  },
  'synced without NetBIOS': {
    group: (tenant) => createGroup(tenant, 'Bare Operators', { ...synced, onPremisesSamAccountName: 'BareOps' }),
    micetro: 'CORP\\BareOps',
  },
} satisfies Record<string, Kind>
type KindName = keyof typeof kinds

const untouched: Partial<AppRegistration> = {
  groupMembershipClaims: 'none',
  groupClaimFormat: 'id',
  groupsAsRoles: false,
  grantedScopes: ['User.Read', 'GroupMember.Read.All'],
  assignedGroupIds: [],
  multiTenant: false,
}

beforeAll(async () => {
  stage = await startStage({ centralButton: true })
  const { directory, micetro } = stage.world
  rita = createUser(directory.home, 'rita', 'Rita Roe', { mail: 'rita.roe@contoso.com' })
  directory.users.push(rita)
  for (const { micetro: name } of Object.values(kinds)) {
    micetro.store.addGroup({ name, adIntegrated: name.includes('\\') })
  }
})
afterAll(() => stage.close())

const store = () => stage.world.micetro.store
const memberships = (name = rita.preferredUsername) =>
  store()
    .memberships(name)
    .filter((each) => each !== allUsers)
const directory = () => stage.world.directory

beforeEach(() => {
  behave(stage)
  for (const user of [...store().users.values()]) {
    if (user.authenticationType === 'External') store().removeUser(user.ref)
  }
  Object.assign(directory().app, untouched)
  Object.assign(rita, { groups: [], extraClaims: {} })
  forget(stage)
})

let saved: SavedConfiguration = {}
async function configure(values: SavedConfiguration): Promise<void> {
  if (JSON.stringify(values) === JSON.stringify(saved)) return
  saved = values
  stage.world.vault.set('micetro-entra-config', JSON.stringify(values))
  await stage.restart()
}

/** Rita has an account already, with these memberships. */
async function prepare(before: readonly string[]): Promise<void> {
  store().setMemberships((await account()).ref, before)
  forget(stage)
}
async function account() {
  const found = store().user(rita.preferredUsername)
  if (found !== undefined) return found
  const { groups, extraClaims } = rita
  Object.assign(rita, { groups: [], extraClaims: {} })
  await signIn(stage, 'rita')
  Object.assign(rita, { groups, extraClaims })
  const made = store().user(rita.preferredUsername)
  if (made === undefined) throw new Error('no account')
  return made
}

/** The lines of one event since the mark. */
function lines(event: string, mark: number): Record<string, unknown>[] {
  return [
    ...stage
      .output()
      .slice(mark)
      .matchAll(/\{"event":.*\}/g),
  ]
    .map(([line]) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line.event === event)
}

describe('whatever the claim looks like, a membership that the person has is not taken for the way it is spelled', () => {
  const formats: [name: string, registration: Partial<AppRegistration>][] = [
    ['no claim', {}],
    ['object ids', { groupMembershipClaims: 'ApplicationGroup' }],
    ['object ids as roles', { groupMembershipClaims: 'ApplicationGroup', groupsAsRoles: true }],
    ['sAMAccountName', { groupMembershipClaims: 'SecurityGroup', groupClaimFormat: 'sam_account_name' }],
    [
      'NETBIOS\\name',
      { groupMembershipClaims: 'SecurityGroup', groupClaimFormat: 'netbios_domain_and_sam_account_name' },
    ],
    [
      'DNSDOMAIN\\name',
      { groupMembershipClaims: 'SecurityGroup', groupClaimFormat: 'dns_domain_and_sam_account_name' },
    ],
    ['cloud display names', { groupMembershipClaims: 'ApplicationGroup', groupClaimFormat: 'cloud_displayname' }],
  ]
  /** Without the permission a group is found only where the claim has its Micetro name; of another kind, never by chance. */
  const joinedUnread: Partial<Record<string, KindName>> = { 'NETBIOS\\name': 'synced', 'cloud display names': 'cloud' }
  const rows = formats.flatMap(([format, registration]) =>
    (Object.keys(kinds) as KindName[]).flatMap((kind) => [
      { format, registration, kind, readable: true, joined: kind !== 'synced without NetBIOS' },
      { format, registration, kind, readable: false, joined: joinedUnread[format] === kind },
    ]),
  )
  test.each(rows)('$format, $kind, names readable: $readable', async ({ registration, kind, readable, joined }) => {
    await configure({})
    const { group, micetro } = kinds[kind]
    const own = group(directory().home)
    rita.groups = [own]
    Object.assign(directory().app, registration, {
      assignedGroupIds: [own.id],
      grantedScopes: readable ? untouched.grantedScopes : ['User.Read'],
    })

    await prepare(['NOC', micetro])
    expect((await signIn(stage, 'rita')).status).toBe(303)
    expect(memberships()).toEqual(readable ? [micetro] : [micetro, 'NOC'].sort())

    await prepare([])
    expect((await signIn(stage, 'rita')).status).toBe(303)
    expect(memberships()).toEqual(joined ? [micetro] : [])
  })
})

describe('gave none, gave some of which none counts, and could not be read are three answers', () => {
  interface Situation {
    person?: () => Partial<DirectoryUser>
    app?: Partial<AppRegistration>
    graphFails?: boolean
  }
  const required: SavedConfiguration = { groups: { claim: 'required' } }
  const ops = () => [createGroup(directory().home, 'Cloud Ops')]
  const team = () => [createGroup(directory().home, 'Lunch', { securityEnabled: false, groupTypes: ['Unified'] })]
  const app = { groupMembershipClaims: 'ApplicationGroup' } as const
  const overage = { _claim_names: { groups: 'src1' } }
  type Row = [name: string, values: SavedConfiguration, situation: Situation, after: string[]]
  const rows: Row[] = [
    ['no group at all', {}, {}, ['NOC']],
    ['groups of other names', {}, { person: () => ({ groups: team() }) }, []],
    ['no security group', { groups: { security_only: true } }, { person: () => ({ groups: team() }) }, []],
    ['Graph fails', {}, { person: () => ({ groups: ops() }), graphFails: true }, ['NOC']],
    [
      'the last assigned group is gone, and the claim with it',
      required,
      { person: () => ({ groups: ops() }), app },
      [],
    ],
    ['the same, and Graph fails', required, { person: () => ({ groups: ops() }), app, graphFails: true }, []],
    [
      'an overage, though the claim is required',
      required,
      { person: () => ({ groups: ops(), extraClaims: overage }), app },
      ['Cloud Ops'],
    ],
  ]
  test.each(rows)('%s', async (_name, values, { person, app, graphFails = false }, after) => {
    await configure(values)
    await prepare(['NOC'])
    const arrange = () => {
      Object.assign(rita, person?.())
      Object.assign(directory().app, app)
      stage.world.graph.faults.forbidGroups = graphFails
    }
    arrange()
    expect((await signIn(stage, 'rita')).status).toBe(303)
    expect(memberships()).toEqual(after)

    // Central comes to the same.
    await prepare(['NOC'])
    arrange()
    expect((await pressButton(stage, 'rita')).done.status).toBe(303)
    expect(memberships()).toEqual(after)
  })
})

describe('both ways in decide alike', () => {
  const alike = async (before: string[], after: string[]): Promise<void> => {
    for (const way of [() => signIn(stage, 'rita'), async () => (await pressButton(stage, 'rita')).done]) {
      await prepare(before)
      expect((await way()).status).toBe(303)
      expect(memberships()).toEqual(after)
    }
  }

  test('for a person whose only group has a name that the map reserves: memberships end', async () => {
    const own = createGroup(directory().home, 'DNS Admins')
    rita.groups = [own]
    await configure({ groups: { map: { [guidOf('the real one')]: 'DNS Admins' } } })
    await alike(['NOC', 'DNS Admins'], [])
    expect((await postToFunction(stage, (await comeBack(stage, 'rita')).document)).body.groups).toEqual([noGroupCounts])
  })

  test('where ids decide: a group of the name is nobody, a mapped one is', async () => {
    const real = createGroup(directory().home, 'Real')
    rita.groups = [createGroup(directory().home, 'DNS Admins'), createGroup(directory().home, 'Cloud Ops'), real]
    await configure({ groups: { match: 'id', map: { [real.id]: 'NOC' } } })
    await alike(['DNS Admins'], ['NOC'])
  })

  test('where ids decide and names may not be read', async () => {
    const real = createGroup(directory().home, 'Real')
    rita.groups = [createGroup(directory().home, 'DNS Admins'), real]
    directory().app.grantedScopes = ['User.Read']
    await configure({ groups: { match: 'id', map: { [real.id]: 'NOC' } } })
    await alike(['DNS Admins'], ['NOC'])
  })

  test('doubled names are a line in the log on both', async () => {
    rita.groups = [
      createGroup(directory().home, 'Cloud Ops'),
      createGroup(directory().home, 'cloud ops', { id: guidOf('another') }),
    ]
    await configure({})
    const mark = stage.output().length
    await signIn(stage, 'rita')
    await pressButton(stage, 'rita')
    expect(lines('group_names_doubled', mark)).toHaveLength(2)
  })

  test('without the profile, Central gets neither a guessed address nor a guessed name, and the log says why', async () => {
    await configure({})
    stage.world.graph.faults.forbidProfile = true
    rita.extraClaims = { name: undefined }
    const mark = stage.output().length
    const { body } = await postToFunction(stage, (await comeBack(stage, 'rita')).document)
    expect([body.loginName, body.fullName, body.email]).toEqual(['rita@contoso.com', '', ''])
    expect(lines('profile_unread', mark)).toHaveLength(1)
  })
})

describe('a first sign-in where a group is required', () => {
  const ways: [name: string, go: () => Promise<[status: number, code: string]>][] = [
    [
      'here',
      async () => {
        const done = await signIn(stage, 'rita')
        return [done.status, shownError(done) ?? '']
      },
    ],
    [
      'at Central',
      async () => {
        const { status, body } = await postToFunction(stage, (await comeBack(stage, 'rita')).document)
        return [status, `${body.error ?? ''} ${body.description ?? ''}`]
      },
    ],
  ]
  for (const [name, go] of ways) {
    test(`${name}: in no Micetro group makes no account, in one it does`, async () => {
      await configure({ groups: { required: true } })
      rita.groups = [createGroup(directory().home, 'Lunch Club')]
      const [status, code] = await go()
      expect(status).toBe(403)
      expect(code).toMatch(/^no_group$|MMException You are in no group.*no_group/)
      expect(store().audit).toEqual([])
      expect(store().user(rita.preferredUsername)).toBeUndefined()
      rita.groups = [createGroup(directory().home, 'Cloud Ops')]
      expect([200, 303]).toContain((await go())[0])
    })

    test(`${name}: without an answer of Graph makes no account, but who has one goes on`, async () => {
      await configure({ groups: { required: true } })
      rita.groups = [createGroup(directory().home, 'Cloud Ops')]
      stage.world.graph.faults.forbidGroups = true
      const [status, code] = await go()
      expect(status).toBe(503)
      expect(code).toMatch(/^groups_unread$|MMException Your groups could not be read.*groups_unread/)
      expect(store().user(rita.preferredUsername)).toBeUndefined()
      stage.world.graph.behave()
      await signIn(stage, 'rita')
      stage.world.graph.faults.forbidGroups = true
      expect([200, 303]).toContain((await go())[0])
      expect(memberships()).toEqual(['Cloud Ops'])
    })
  }

  test('at Central alone, without Micetro’s web API, is every sign-in', async () => {
    await configure({ groups: { required: true } })
    await stage.restart({ MICETRO_API_URLS: '', MICETRO_API_USER: '', MICETRO_WEB_URL: '' })
    rita.groups = [createGroup(directory().home, 'Cloud Ops')]
    expect((await postToFunction(stage, (await comeBack(stage, 'rita')).document)).status).toBe(200)
    rita.groups = []
    expect((await postToFunction(stage, (await comeBack(stage, 'rita')).document)).status).toBe(403)
    stage.world.graph.faults.forbidGroups = true
    expect((await postToFunction(stage, (await comeBack(stage, 'rita')).document)).status).toBe(503)
    saved = {}
    await configure({ groups: {} })
  })
})

describe('partners are not colleagues', () => {
  const felix = () => directory().users.find(({ key }) => key === 'felix') ?? rita
  const several = (more: SavedConfiguration = {}): SavedConfiguration => ({
    tenant_id: 'common',
    allowed_tenants: [directory().home.id, directory().foreign.id],
    home_tenant: directory().home.id,
    ...more,
  })
  beforeEach(() => {
    directory().app.multiTenant = true
    felix().assigned = true
    felix().groups = [createGroup(directory().foreign, 'DNS Admins'), createGroup(directory().foreign, 'Partners')]
  })

  test('a partner’s group of a Micetro group’s name is nobody; one in the map is', async () => {
    const partners = createGroup(directory().foreign, 'Partners').id
    await configure(several({ groups: { map: { [partners]: 'NOC' } } }))
    expect((await signIn(stage, 'felix')).status).toBe(303)
    expect(memberships(felix().preferredUsername)).toEqual(['NOC'])
    rita.groups = [createGroup(directory().home, 'DNS Admins')]
    expect((await signIn(stage, 'rita')).status).toBe(303)
    expect(memberships()).toEqual(['DNS Admins'])
  })

  test('an account that was prepared under a partner’s name is not theirs, match_by_name or not', async () => {
    store().addUser({ name: felix().preferredUsername, fullName: 'Prepared', email: '', externalID: '' })
    for (const match_by_name of [false, true]) {
      await configure(several({ match_by_name }))
      const done = await signIn(stage, 'felix')
      expect([done.status, shownError(done)]).toEqual([409, 'external_id_conflict'])
    }
    expect(store().audit).toEqual([])
  })
})

describe('an auditor reads', () => {
  test('one line for each change, with the account, the group, and what gave it', async () => {
    const mapped = createGroup(directory().home, 'Anything')
    await configure({ groups: { map: { [mapped.id]: 'NOC' } } })
    rita.groups = [mapped, createGroup(directory().home, 'Cloud Ops')]
    const mark = stage.output().length
    await signIn(stage, 'rita')
    rita.groups = [createGroup(directory().home, 'cloud ops')]
    rita.mail = 'rita@new.example'
    await signIn(stage, 'rita')
    rita.mail = 'rita.roe@contoso.com'
    const account = 'rita@contoso.com'
    const told = (event: string) => lines(event, mark).map(({ correlationId: _, level: __, ...line }) => line)
    expect(told('account_created')).toEqual([{ event: 'account_created', account }])
    expect(told('account_changed')).toEqual([{ event: 'account_changed', account, property: 'email' }])
    expect(
      told('membership_added')
        .map((line) => JSON.stringify(line))
        .sort(),
    ).toEqual(
      [
        { event: 'membership_added', account, group: 'NOC', by: 'id', because: 'Anything' },
        { event: 'membership_added', account, group: 'Cloud Ops', by: 'name', because: 'Cloud Ops' },
      ]
        .map((line) => JSON.stringify(line))
        .sort(),
    )
    expect(told('membership_removed')).toEqual([{ event: 'membership_removed', account, group: 'NOC' }])
    const ids = ['account_created', 'sign_in'].map((event) => lines(event, mark)[0]?.correlationId)
    expect(ids[0]).toBe(ids[1])
  })

  test('that an account can do nothing, after a sign-in that lands all the same', async () => {
    await configure({})
    const mark = stage.output().length
    expect((await signIn(stage, 'rita')).status).toBe(303)
    expect(lines('account_without_rights', mark)).toMatchObject([{ account: 'rita@contoso.com' }])
    rita.groups = [createGroup(directory().home, 'Cloud Ops')]
    await signIn(stage, 'rita')
    expect(lines('account_without_rights', mark)).toHaveLength(1)
  })
})

test('the rules are shown as they are saved, and a save carries them', async () => {
  const groups = { match: 'id', claim: 'required', required: true, security_only: false, map: {} } as const
  const call = async (path: string, body?: object) => {
    const response = await fetch(`${stage.host.url}/config/microsoft${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-functions-key': stage.host.functionKey, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as { configuration: SavedConfiguration; saved?: boolean; checks?: unknown }
  }
  await configure({})
  const { configuration } = await call('')
  const candidate = { ...configuration, groups, home_tenant: directory().home.id }
  expect(await call('/save-and-test', { configuration: candidate, save: true })).toMatchObject({ saved: true })
  expect((await call('')).configuration).toMatchObject({ groups, home_tenant: directory().home.id })
  saved = { enabled: true }
})

test('a change-over by name is a line in the log and a warning', async () => {
  await configure({ match_by_name: true })
  const mark = stage.output().length
  await signIn(stage, 'rita')
  expect(lines('match_by_name', mark)).toHaveLength(1)
})

describe('test sign-in', () => {
  async function report(): Promise<string> {
    const agent = new UserAgent()
    const begun = await agent.visit(`${stage.host.url}/config/microsoft/test-sign-in`, {
      method: 'POST',
      headers: { 'x-functions-key': stage.host.functionKey },
    })
    const { location } = JSON.parse(begun.body) as { location: string }
    const { body } = await agent.visit(await chooseUser(agent, location, 'rita'))
    return body
      .replace(/<[^>]+>/g, ' ')
      .replace(/&quot;/g, '"')
      .replace(/\s+/g, ' ')
  }

  test('tells for each group whether a name or an id matched', async () => {
    const mapped = createGroup(directory().home, 'Anything')
    await configure({ groups: { map: { [mapped.id]: 'NOC' } } })
    rita.groups = [mapped, createGroup(directory().home, 'Cloud Ops'), createGroup(directory().home, 'Lunch Club')]
    expect(await report()).toMatch(
      /Anything [0-9a-f-]{36} NOC object ID Cloud Ops [0-9a-f-]{36} Cloud Ops name Lunch Club [0-9a-f-]{36} no match/,
    )
  })

  test('says that the account could do nothing, that names are doubled, and that accounts are matched by name', async () => {
    await configure({ match_by_name: true })
    expect(await report()).toContain('no role and no group of its own')
    rita.groups = [createGroup(directory().home, 'x'), createGroup(directory().home, 'X', { id: guidOf('another x') })]
    const told = await report()
    expect(told).toContain('Several of the groups have the same name: X')
    expect(told).toContain('Match accounts by name is on')
  })

  test('says why a first sign-in would be refused', async () => {
    await configure({ groups: { required: true, claim: 'required' } })
    rita.groups = [createGroup(directory().home, 'Cloud Ops')]
    const told = await report()
    expect(told).toMatch(/would be refused.*no_group/)
    expect(told).toContain('no group counts, because only groups in the claim do')
  })
})

test('no secret is in any line at the most talkative level', () => expectNoSecrets(stage))
