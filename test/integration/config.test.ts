import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { certificateEntry, userOf } from '../simulators/directory.ts'
import { behaviourOf, chosenRelease } from '../simulators/micetroReleases.ts'
import { makeCertificate } from './clientCertificate.ts'
import { expectNoSecrets, mustNotBePrinted } from './noSecrets.ts'
import { behave, chooseUser, comeBack, forget, type Stage, shownError, signIn, startStage } from './stage.ts'
import { UserAgent } from './userAgent.ts'

interface CheckAnswer {
  name: string
  outcome: string
  detail: string
  hint?: string
  milliseconds: number
}
interface SaveAnswer {
  saved: boolean
  outcome: string
  checks: CheckAnswer[]
  version?: string
  error?: string
  problems?: string[]
  hint?: string
}

/** Named by releases.test.ts, which runs these tests once more for each of the others. */
const release = chosenRelease()
const has = behaviourOf(release)

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ release })
})
afterAll(() => stage.close())

const app = () => stage.world.directory.app

/** A configuration that is right in every point. */
const right = () => ({
  tenant_id: stage.world.directory.home.id,
  client_id: app().clientId,
  redirect_uri: `http://localhost:${stage.port}/mmws/auth_cb/microsoft`,
  scope: ['User.Read'],
  cloud: 'custom',
})

beforeEach(() => {
  const { vault, secrets } = stage.world
  behave(stage)
  vault.permit()
  app().secrets = [{ value: secrets.clientSecret, expired: false }]
  app().grantedScopes = ['User.Read', 'GroupMember.Read.All']
  app().grantedRoles = []
})

async function call(method: string, path: string, body?: unknown, key: string | undefined = stage.host.functionKey) {
  const response = await fetch(`${stage.host.url}${path}`, {
    method,
    headers: { ...(key !== undefined && { 'x-functions-key': key }), 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    text,
    body: (text === '' ? {} : JSON.parse(text)) as SaveAnswer & Record<string, unknown>,
  }
}

const save = (body: object) => call('POST', '/config/microsoft/save-and-test', body)
const outcomes = ({ checks }: SaveAnswer, outcome: string) =>
  checks.filter((each) => each.outcome === outcome).map(({ name }) => name)

test('a candidate that is right passes every check, and only what needs a user is skipped', async () => {
  const { status, body } = await save({ configuration: { ...right(), groups: { claim: 'required' } }, save: false })
  expect(status).toBe(200)
  expect(body).toMatchObject({ saved: false, outcome: 'passed' })
  expect(outcomes(body, 'failed')).toEqual([])
  // Without external IDs a renamed person gets a new account.
  expect(outcomes(body, 'warning')).toEqual(has.offersExternalId ? [] : ['micetro_version'])
  expect(outcomes(body, 'skipped').sort()).toEqual([
    'between_sign_ins',
    'credential_expiry',
    'groups',
    'permissions',
    'vault_write',
  ])
})

describe('a refused Micetro password', () => {
  // A path that the release does not know is no try.
  const logIns = () =>
    stage.world.micetro.nodes
      .flatMap(({ requests }) => requests)
      .filter(({ path, headers }) => (has.sessions ? path.endsWith('/sessions') : headers.authorization !== undefined))
      .length
  const account = async (press: string) => {
    const before = logIns()
    const answers = await Promise.all(
      ['micetro_account', 'micetro_version', 'micetro_permission'].map((only) =>
        save({ configuration: right(), save: false, only, press }),
      ),
    )
    return { outcome: answers[0]?.body.checks[0]?.outcome, tries: logIns() - before }
  }

  test('is tried once for each press, for real, and once it was mended the next press and the users get in', async () => {
    const { vault, secrets } = stage.world
    vault.set('mended-password', 'not-the-password')
    await stage.restart({ MICETRO_PASSWORD_SECRET: 'mended-password' })
    try {
      for (const press of ['one', 'two']) expect(await account(press)).toEqual({ outcome: 'failed', tries: 1 })
      // A user's sign-in starts the pause; it is one try more, and the next one none.
      const users = logIns()
      for (const _ of [1, 2]) expect(shownError(await signIn(stage, 'nora'))).toBe('micetro_credentials')
      expect(logIns() - users).toBe(1)
      expect(await account('three')).toEqual({ outcome: 'failed', tries: 1 })
      vault.set('mended-password', secrets.micetroPassword)
      expect((await account('four')).outcome).toBe('passed')
      expect((await signIn(stage, 'nora')).status).toBe(303)
    } finally {
      await stage.restart()
    }
  })
})

test('what may harm is a warning that leaves the outcome as it is: names that decide without a limit', async () => {
  const { body } = await save({ configuration: { ...right(), match_by_name: true }, save: false, only: 'settings' })
  expect(body).toMatchObject({
    outcome: 'passed',
    checks: [
      {
        outcome: 'warning',
        detail: expect.stringMatching(/Match accounts by name.*All groups of a person decide/) as string,
      },
    ],
  })
})

describe('exactly the check concerned fails, with a hint that leads to the fix', () => {
  const guid = '12345678-1234-4234-8234-123456789012'
  interface Case {
    why: string
    arrange?: () => Promise<void> | void
    configuration?: object
    credential?: string
    check: string
    detail: RegExp
    hint: RegExp
    restore?: () => Promise<void>
  }
  const cases: Case[] = [
    {
      why: 'wrong secret',
      credential: 'not-the-right-secret',
      check: 'credential',
      detail: /AADSTS7000215/,
      hint: /secret value/,
    },
    {
      why: 'expired secret',
      arrange: () => {
        app().secrets = [{ value: stage.world.secrets.clientSecret, expired: true }]
      },
      check: 'credential',
      detail: /AADSTS7000222/,
      hint: /has expired/,
    },
    {
      why: 'unknown client id',
      configuration: { client_id: guid },
      check: 'credential',
      detail: /AADSTS700016/,
      hint: /client id is unknown/,
    },
    {
      why: 'unknown tenant',
      configuration: { tenant_id: guid },
      check: 'tenant',
      detail: /AADSTS90002/,
      hint: /tenant id and the cloud/,
    },
    {
      why: 'unregistered redirect URI',
      configuration: { redirect_uri: 'https://elsewhere.example/mmws/auth_cb/microsoft' },
      check: 'redirect_uri',
      detail: /AADSTS50011/,
      hint: /letter by letter/,
    },
    {
      why: 'redirect URI with another path',
      configuration: { redirect_uri: 'https://elsewhere.example/callback' },
      check: 'redirect_uri',
      detail: /path/,
      hint: /case-sensitive/,
    },
    {
      why: 'missing consent',
      arrange: () => {
        app().grantedScopes = ['User.Read']
        app().grantedRoles = ['Application.Read.All', 'Directory.Read.All']
      },
      check: 'permissions',
      detail: /GroupMember\.Read\.All/,
      hint: /Grant admin consent/,
    },
    {
      why: 'unreachable Graph',
      arrange: () => stage.world.graph.misbehave({ kind: 'drop' }, { times: Number.POSITIVE_INFINITY }),
      check: 'graph',
      detail: /graph_unreachable/,
      hint: /outgoing access/,
    },
    {
      why: 'unreachable Micetro',
      arrange: async () => {
        await stage.world.micetro.nodes[1]?.stop()
      },
      restore: async () => {
        await stage.world.micetro.nodes[1]?.start()
      },
      check: 'micetro_reachable',
      detail: /micetro_unreachable/,
      hint: /MICETRO_API_URLS/,
    },
    {
      why: 'untrusted Micetro certificate',
      arrange: () => stage.restart({ MICETRO_CA_CERTIFICATES: '' }),
      restore: () => stage.restart(),
      check: 'micetro_certificate',
      detail: /micetro_untrusted/,
      hint: /MICETRO_CA_CERTIFICATES/,
    },
    {
      why: 'wrong Micetro password',
      arrange: async () => {
        stage.world.vault.set('other-password', 'a-wrong-password')
        await stage.restart({ MICETRO_PASSWORD_SECRET: 'other-password' })
      },
      restore: () => stage.restart(),
      check: 'micetro_account',
      detail: /micetro_credentials/,
      hint: /password secret/,
    },
    {
      why: 'API account without permission',
      arrange: () => stage.world.micetro.store.setMemberships('entra-sync', []),
      restore: async () => stage.world.micetro.store.setMemberships('entra-sync', ['User Administrators (built-in)']),
      check: 'micetro_permission',
      detail: /micetro_forbidden/,
      hint: /User Administrators/,
    },
    {
      why: 'vault forbidden',
      arrange: () => stage.world.vault.forbid('read'),
      check: 'vault',
      detail: /vault_forbidden: ForbiddenByRbac/,
      hint: /Key Vault Secrets User/,
    },
    {
      why: 'vault throttled',
      arrange: () => stage.world.vault.throttle(0, { times: 50 }),
      check: 'vault',
      detail: /vault_throttled/,
      hint: /throttling/,
    },
    {
      why: 'external login switched off in Micetro',
      arrange: () => {
        stage.world.micetro.store.settings.set('enableExternalAuthentication', '0')
      },
      restore: async () => {
        stage.world.micetro.store.settings.set('enableExternalAuthentication', '1')
      },
      check: 'external_authentication',
      detail: /not enabled/,
      hint: /Enable external login providers/,
    },
  ]
  test.each(cases)('$why', async ({ arrange, restore, configuration, credential, check, detail, hint }) => {
    await arrange?.()
    try {
      const { body } = await save({
        configuration: { ...right(), ...configuration },
        ...(credential !== undefined && { credential }),
        save: true,
      })
      expect(body).toMatchObject({ saved: false, outcome: 'failed' })
      expect(outcomes(body, 'failed')).toEqual([check])
      const found = body.checks.find(({ name }) => name === check)
      expect(found?.detail).toMatch(detail)
      expect(found?.hint).toMatch(hint)
      expect(stage.world.vault.versions('micetro-entra-config')).toEqual([])
    } finally {
      stage.world.vault.behave()
      await restore?.()
    }
  })

  test('a user who is not assigned shows in Test sign-in', async () => {
    stage.world.entra.behaviour.unassigned = 'redirect'
    const agent = new UserAgent()
    const begun = await agent.visit(`${stage.host.url}/config/microsoft/test-sign-in`, {
      method: 'POST',
      headers: { 'x-functions-key': stage.host.functionKey },
    })
    const { location } = JSON.parse(begun.body) as { location: string }
    const done = await comeBack(agent, await chooseUser(agent, location, 'una'))
    stage.world.entra.behaviour.unassigned = 'page'
    expect(done.body).toContain('AADSTS50105')
    expect(done.body).toContain('Unverified: the browser says that Entra ID answered AADSTS50105')
  })
})

test('one check alone runs only what it needs, so that a page can show results as they come', async () => {
  const { body } = await save({ configuration: right(), save: false, only: 'tenant' })
  expect(body.checks.map(({ name }) => name)).toEqual(['tenant'])
})

test('the release of Micetro is named with what holds for it', async () => {
  const { body } = await save({ configuration: right(), save: false, only: 'micetro_version' })
  const detail = body.checks[0]?.detail ?? ''
  const tells = (offered: boolean) => (offered ? 'yes' : 'no')
  expect(detail).toContain(
    `Micetro ${has.version} lets the API account in ${has.bearer ? 'with a session' : 'by Basic'}. ` +
      `External IDs of users: ${tells(has.offersExternalId)}; of groups: ${tells(has.offersGroupExternalId)}.`,
  )
})

test('a certificate that ends soon is a warning, one that has ended a failure', async () => {
  for (const [days, outcome] of [
    [20, 'warning'],
    [-2, 'failed'],
    [200, 'passed'],
  ] as const) {
    const certificate = await makeCertificate(days)
    app().certificates = [certificateEntry(certificate.certificatePem)]
    const configuration = { ...right(), credential_kind: 'certificate' }
    mustNotBePrinted(certificate.pkcs12)
    const { body } = await save({ configuration, credential: certificate.pem, save: false, only: 'credential_expiry' })
    expect(body.checks[0]).toMatchObject({ name: 'credential_expiry', outcome })
  }
})

test('entries of the map that fit nothing, and groups that differ in case only, are named', async () => {
  const { store } = stage.world.micetro
  store.addGroup({ name: 'noc' })
  const map = { [stage.world.directory.home.id]: 'No Such Group' }
  const { body } = await save({ configuration: { ...right(), groups: { map } }, save: false, only: 'groups' })
  store.removeGroup('noc')
  expect(body.checks[0]?.outcome).toBe('warning')
  expect(body.checks[0]?.detail).toMatch(/No Such Group.*noc/s)
})

test('the vault is told when a credential ends, so that its own warning comes in time', async () => {
  const soon = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10)
  const { body } = await save({
    configuration: right(),
    credential: stage.world.secrets.clientSecret,
    credentialExpires: soon,
    save: false,
    only: 'credential_expiry',
  })
  expect(body.checks[0]).toMatchObject({ outcome: 'warning', detail: expect.stringContaining(soon) as string })
})

/** 500 KB of text that is mostly brackets, built without a library that would recurse. */
const deep = (open: string, close: string, depth: number) =>
  `{"configuration":${open.repeat(depth)}1${close.repeat(depth)},"save":false}`
const many = (entry: (index: number) => string, count: number) =>
  `{${Array.from({ length: count }, (_each, index) => entry(index)).join(',')}}`

describe('however much is wrong with a body, the answer is short', () => {
  const map = (entries: string) => `{"configuration":{"groups":{"map":${entries}}},"save":false}`
  const bodies: [what: string, body: string][] = [
    ['reserved keys, nested', deep('{"constructor":{},"a":', '}', 20_000)],
    ['lists, nested', deep('[', ']', 200_000)],
    ['unknown keys', `{"configuration":${many((index) => `"k${index}":1`, 30_000)},"save":false}`],
    ['reserved keys, side by side', map(many((index) => `"k${index}":{"constructor":1}`, 15_000))],
    ['ids that are none', map(many((index) => `"${index}":1`, 40_000))],
    ['a key of 400 KB', `{"configuration":{"${'k'.repeat(400_000)}":1},"save":false}`],
    [
      'a file of the product with unknown keys',
      `{"configuration":{"microsoft":{},${many((index) => `"k${index}":1`, 30_000).slice(1)},"save":false}`,
    ],
  ]
  test.each(bodies)('%s', async (_what, body) => {
    expect(body.length).toBeLessThan(512 * 1024)
    const mark = stage.output().length
    const { status, body: answer } = await call('POST', '/config/microsoft/save-and-test', body)
    expect(status).toBe(400)
    expect(answer.problems?.length).toBeGreaterThan(0)
    expect(JSON.stringify(answer).length).toBeLessThan(20_000)
    expect(stage.output().length - mark).toBeLessThan(30_000)
  })
})

describe('bad input is 400 with the path of the fault, and nothing is written', () => {
  const cases: [what: string, body: unknown, problem: RegExp][] = [
    ['no JSON', '{"configuration":', /not JSON/],
    ['no object', '[]', /not a JSON object/],
    ['an unknown key', { configuration: { tenant: 'x' }, save: false }, /configuration\.tenant: unknown key/],
    ['an unknown key beside it', { configuration: {}, save: false, force: true }, /force: unknown key/],
    ['a wrong type', { configuration: { enabled: 'yes' }, save: false }, /configuration\.enabled: /],
    [
      'a wrong type deep inside',
      { configuration: { groups: { map: { x: 1 } } }, save: false },
      /configuration\.groups\.map\./,
    ],
    [
      "an address of the caller's choice",
      { configuration: { graph_endpoint: 'https://attacker.example' }, save: false },
      /configuration\.graph_endpoint/,
    ],
    [
      "a cloud host of the caller's choice",
      { configuration: { authority: 'https://attacker.example' }, save: false },
      /unknown key/,
    ],
    ['a tenant that is a path', { configuration: { tenant_id: '../../x' }, save: false }, /configuration\.tenant_id/],
    ['a list', { configuration: [], save: false }, /^configuration: must be an object$/],
    ['a list deep inside', { configuration: { groups: { map: [] } }, save: false }, /^configuration\.groups\.map: /],
    ['a reserved key', '{"configuration":{"__proto__":{}},"save":false}', /^configuration\.__proto__: unknown key$/],
    [
      'a reserved key deep inside',
      '{"configuration":{"groups":{"map":{"constructor":"x"}}},"save":false}',
      /^configuration\.groups\.map\.constructor: unknown key$/,
    ],
    ['a check that does not exist', { configuration: {}, save: false, only: 'nosuch' }, /^only: no such check$/],
    [
      'the end of a credential that is not sent',
      { configuration: {}, credentialExpires: '2031-05-01', save: false },
      /^credentialExpires: goes with a new credential$/,
    ],
    ['an Okta block', { configuration: { okta: {} }, save: false }, /okta/],
    ['one megabyte', { configuration: { client_id: 'x'.repeat(1024 * 1024) }, save: true }, /longer than/],
  ]
  test.each(cases)('%s', async (_what, body, problem) => {
    const { status, body: answer } = await call('POST', '/config/microsoft/save-and-test', body)
    expect(status).toBe(400)
    expect(answer.problems?.join('\n')).toMatch(problem)
    expect(stage.world.vault.versions('micetro-entra-config')).toEqual([])
  })
})

describe('without the access key', () => {
  test.each([
    ['GET', '/config/microsoft'],
    ['POST', '/config/microsoft/save-and-test'],
    ['POST', '/config/microsoft/test-sign-in'],
    ['POST', '/config/microsoft/groups'],
  ])('%s %s answers 401 and no data', async (method, path) => {
    for (const key of ['wrong-key', '']) {
      const { status, text } = await call(method, path, method === 'GET' ? undefined : {}, key)
      expect([status, text]).toEqual([401, ''])
    }
  })

  test('the page holds no data at all', async () => {
    const page = await new UserAgent().visit(`${stage.host.url}/config`)
    expect(page.status).toBe(200)
    for (const value of [app().clientId, stage.world.directory.home.id, stage.world.secrets.clientSecret]) {
      expect(page.body).not.toContain(value)
    }
  })
})

describe('saving', () => {
  test('writes the credential first, then the configuration that names its version, and the next sign-in uses both without a restart', async () => {
    const { vault } = stage.world
    app().secrets = [{ value: 'the-second-client-secret', expired: false }]
    mustNotBePrinted('the-second-client-secret')
    forget(stage)
    const { body } = await save({
      configuration: right(),
      credential: 'the-second-client-secret',
      credentialExpires: '2031-05-01',
      save: true,
      version: null,
    })
    expect(body).toMatchObject({ saved: true, outcome: 'passed' })
    const writes = vault.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path)
    expect(writes).toEqual(['/secrets/micetro-entra-client-credential', '/secrets/micetro-entra-config'])
    const saved = JSON.parse(vault.versions('micetro-entra-config').at(-1)?.value ?? '') as Record<string, unknown>
    expect(saved).toMatchObject({
      ...right(),
      credential_version: vault.versions('micetro-entra-client-credential').at(-1)?.version,
    })
    expect(JSON.stringify(saved)).not.toContain('the-second-client-secret')
    const put = vault.requests.find(({ method, path }) => method === 'PUT' && path.endsWith('credential'))
    expect(JSON.parse(put?.body ?? '')).toMatchObject({ attributes: { exp: Date.parse('2031-05-01') / 1000 } })
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('of a failing candidate changes nothing: sign-ins keep working', async () => {
    app().secrets = [{ value: 'the-second-client-secret', expired: false }]
    const before = stage.world.vault.versions('micetro-entra-config').length
    const { body } = await save({
      configuration: { ...right(), client_id: '12345678-1234-4234-8234-123456789012' },
      save: true,
    })
    expect(body.saved).toBe(false)
    expect(stage.world.vault.versions('micetro-entra-config')).toHaveLength(before)
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('over a version that the page has not read is refused', async () => {
    app().secrets = [{ value: 'the-second-client-secret', expired: false }]
    const answer = await save({ configuration: right(), save: true, version: null })
    expect([answer.status, answer.body.error]).toEqual([409, 'save_conflict'])
  })

  test('despite failures is possible, and said', async () => {
    const current = (await call('GET', '/config/microsoft')).body.version
    const { body } = await save({
      configuration: { ...right(), enabled: false },
      save: true,
      saveDespiteFailures: true,
      version: current,
    })
    expect(body).toMatchObject({ saved: true, outcome: 'failed' })
    expect(shownError(await new UserAgent().visit(`${stage.host.url}/login`))).toBe('sign_in_disabled')
  })

  test('an earlier version can be read and restored, with the credential that it was tested with', async () => {
    app().secrets = [{ value: 'the-second-client-secret', expired: false }]
    const { body } = await call('GET', '/config/microsoft')
    const history = body.history as { version: string }[]
    expect(history).toHaveLength(2)
    const earlier = await call(
      'GET',
      `/config/microsoft?version=${history.map(({ version }) => version).find((version) => version !== body.version)}`,
    )
    expect(earlier.body.configuration).toMatchObject({ client_id: app().clientId })
    const restored = await save({
      configuration: earlier.body.configuration as object,
      save: true,
      version: body.version,
    })
    expect(restored.body.saved).toBe(true)
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('a newer credential that an operator set outside is taken when the named one is refused', async () => {
    app().secrets = [{ value: 'the-third-client-secret', expired: false }]
    mustNotBePrinted('the-third-client-secret')
    stage.world.vault.set('micetro-entra-client-credential', 'the-third-client-secret', {
      createdOn: new Date(Date.now() + 5000),
    })
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('names that were deleted are recovered', async () => {
    stage.world.vault.softDelete('micetro-entra-config')
    await stage.restart({ ENTRA_CREDENTIAL_SECRET: 'fresh-credential' })
    stage.world.vault.set('fresh-credential', 'old-one')
    stage.world.vault.softDelete('fresh-credential')
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const { body } = await save({ configuration: right(), credential: 'the-fourth-client-secret', save: true })
    expect(body).toMatchObject({ saved: true, outcome: 'passed' })
    expect((await signIn(stage, 'nora')).status).toBe(303)
  })

  test('where the vault cannot be written saves nothing and says what is missing', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    stage.world.vault.forbid('write')
    const { body } = await save({ configuration: right(), save: true })
    expect(body).toMatchObject({ saved: false, outcome: 'failed' })
    expect(body.checks.at(-1)).toMatchObject({
      name: 'save',
      outcome: 'failed',
      detail: expect.stringContaining('vault_forbidden') as string,
    })
  })
})

describe('ext_auth_conf.json', () => {
  const file = () => ({
    microsoft: { ...right(), client_credential: 'the-fourth-client-secret', scope: 'User.Read' },
  })

  test('pasted whole is read, its credential goes to the vault, and no answer has it', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const { body, text } = await save({ configuration: file(), save: true })
    expect(body.saved).toBe(true)
    expect(text).not.toContain('the-fourth-client-secret')
    expect(stage.world.vault.versions('micetro-entra-config').at(-1)?.value).not.toContain('the-fourth-client-secret')
    const shown = await call('GET', '/config/microsoft')
    expect(shown.text).not.toContain('the-fourth-client-secret')
    expect(shown.body.configuration).toMatchObject({ scope: ['User.Read'] })
  })
})

describe('saving with care', () => {
  const latest = async () => (await call('GET', '/config/microsoft')).body.version

  test('two saves over the same version: one is written, the other one told', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const before = stage.world.vault.versions('micetro-entra-config').length
    const request = { configuration: right(), save: true, version: await latest() }
    const answers = await Promise.all([save(request), save(request)])
    expect(answers.filter(({ body }) => body.saved)).toHaveLength(1)
    expect(stage.world.vault.versions('micetro-entra-config')).toHaveLength(before + 1)
    const refused = answers.find(({ body }) => !body.saved)
    expect(refused?.text).toContain('save_conflict')
  })

  test('a save that lost against another one leaves no credential behind', async () => {
    const both = ['the-fifth-client-secret', 'the-sixth-client-secret']
    for (const value of both) mustNotBePrinted(value)
    app().secrets = ['the-fourth-client-secret', ...both].map((value) => ({ value, expired: false }))
    const before = stage.world.vault.versions('fresh-credential').length
    const version = await latest()
    const answers = await Promise.all(
      both.map((credential) => save({ configuration: right(), credential, save: true, version })),
    )
    expect(answers.filter(({ body }) => body.saved)).toHaveLength(1)
    expect(stage.world.vault.versions('fresh-credential')).toHaveLength(before + 1)
    await save({ configuration: right(), credential: 'the-fourth-client-secret', save: true })
  })

  test('the end of the same secret is kept when it differs, and written once', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const credential = 'the-fourth-client-secret'
    const before = stage.world.vault.versions('fresh-credential').length
    for (const credentialExpires of ['2031-06-01', '2031-06-01', '2031-07-01']) {
      const { body } = await save({ configuration: right(), credential, credentialExpires, save: true })
      expect(body.checks.at(-1)).toMatchObject({ name: 'save', outcome: 'passed' })
      expect(outcomes(body, 'skipped')).not.toContain('vault_write')
    }
    const added = stage.world.vault.versions('fresh-credential').slice(before)
    expect(added.map(({ exp }) => exp)).toEqual([Date.parse('2031-06-01') / 1000, Date.parse('2031-07-01') / 1000])
  })

  test('a saved configuration that cannot be read is named, and mended by saving', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const version = stage.world.vault.set('micetro-entra-config', '{', { createdOn: new Date(Date.now() + 2000) })
    const { status, body } = await call('GET', '/config/microsoft')
    expect(status).toBe(200)
    expect(body.problems?.join('\n')).toMatch(/the saved configuration: it is not JSON/)
    expect(body).toMatchObject({ version, canSave: true })
    expect((body.history as { version: string }[]).map((each) => each.version)).toContain(version)
    const credential = 'the-fourth-client-secret'
    expect((await save({ configuration: right(), credential, save: true, version })).body.saved).toBe(true)
    expect((await call('GET', '/config/microsoft')).body.problems).toEqual([])
  })
})

test('checks that are asked for one by one share a log-in at each node of Micetro', async () => {
  app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
  await stage.restart({ ENTRA_CREDENTIAL_SECRET: 'fresh-credential' })
  forget(stage)
  for (const only of ['micetro_account', 'micetro_permission', 'micetro_version', 'external_authentication', 'groups'])
    await save({ configuration: right(), save: false, only, press: 'one' })
  for (const { requests } of stage.world.micetro.nodes)
    expect(requests.filter(({ method, path }) => method === 'POST' && /sessions|Login/i.test(path))).toHaveLength(1)
})

test('without Micetro, where sign-ins start at Central only, nothing fails', async () => {
  app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
  const nothing = { MICETRO_API_URLS: '', MICETRO_API_USER: '', MICETRO_WEB_URL: '', MICETRO_CA_CERTIFICATES: '' }
  await stage.restart({ ENTRA_CREDENTIAL_SECRET: 'fresh-credential', ...nothing })
  const { body } = await save({ configuration: right(), save: false })
  await stage.restart({ ENTRA_CREDENTIAL_SECRET: 'fresh-credential' })
  expect(outcomes(body, 'failed')).toEqual([])
  expect(body.checks[0]).toMatchObject({ name: 'settings', outcome: 'warning', detail: expect.any(String) as string })
  expect(outcomes(body, 'skipped')).toContain('micetro_reachable')
})

test('every value says where it comes from', async () => {
  const { body } = await call('GET', '/config/microsoft')
  expect(body.sources).toMatchObject({ client_id: 'saved', enabled: 'default' })
  expect(body.credentialStored).toBe(true)
})

describe('the dry run', () => {
  async function begin(agent: UserAgent): Promise<string> {
    const begun = await agent.visit(`${stage.host.url}/config/microsoft/test-sign-in`, {
      method: 'POST',
      headers: { 'x-functions-key': stage.host.functionKey },
    })
    return (JSON.parse(begun.body) as { location: string }).location
  }

  test('shows claims, groups, matches and the exact plan, and writes nothing', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    forget(stage)
    const agent = new UserAgent()
    const report = await comeBack(agent, await chooseUser(agent, await begin(agent), 'alice'))
    expect(report.status).toBe(200)
    for (const text of [
      'alice@contoso.com',
      'alice.adams@contoso.com',
      'DNS Admins',
      'CONTOSO\\DHCP-Operators',
      'Lunch Club',
    ]) {
      expect(report.body).toContain(text)
    }
    expect(report.body.match(/data-step="join"/g)).toHaveLength(3)
    expect(report.body).toContain('data-step="create"')
    expect(stage.world.micetro.store.audit).toEqual([])
    expect(stage.world.micetro.store.user('alice@contoso.com')).toBeUndefined()
  })

  test('cannot be replayed as a sign-in, nor a sign-in as a dry run', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const agent = new UserAgent()
    const dry = await chooseUser(agent, await begin(agent), 'alice')
    const login = await agent.visit(`${stage.host.url}/login`)
    const real = new URL(login.location ?? '').searchParams.get('state') ?? ''
    const mixed = new URL(dry)
    mixed.searchParams.set('state', real)
    // The code of the dry run under the state of a real attempt: another verifier and another nonce.
    const answer = await comeBack(agent, mixed.href)
    expect(answer.location ?? '').not.toBe(stage.world.micetro.webUrl)
    expect(stage.world.micetro.store.user('alice@contoso.com')).toBeUndefined()
    const jar = agent.cookies.get('localhost') ?? new Map<string, string>()
    const [name, value] = [...jar].find(([each]) => each.startsWith('micetro-sign-in-')) ?? ['', '']
    jar.set(`micetro-sign-in-${'0'.repeat(40)}`, value)
    expect(name).not.toBe('')
    expect((await comeBack(agent, dry)).body).toContain('data-step')
    expect(shownError(await comeBack(agent, dry))).toBe('attempt_used')
  })

  test('and the check of the groups tell what a sign-in met: a group that Micetro did not let it join', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const { store } = stage.world.micetro
    Object.assign(store.group('DNS Admins') ?? {}, { readOnly: true })
    try {
      expect((await signIn(stage, 'alice')).status).toBe(303)
      const agent = new UserAgent()
      const report = await comeBack(agent, await chooseUser(agent, await begin(agent), 'alice'))
      expect(report.body).toMatch(/Micetro refused to add somebody to [^ ]*DNS Admins/)
      const { body } = await save({ configuration: right(), save: false, only: 'groups' })
      expect(body.checks[0]).toMatchObject({
        outcome: 'warning',
        detail: expect.stringContaining('refused to change memberships of DNS Admins') as string,
      })
    } finally {
      Object.assign(store.group('DNS Admins') ?? {}, { readOnly: false })
      store.removeUser('alice@contoso.com')
    }
  })

  test('that comes back a second time says that its report is gone, and leads to no sign-in', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const agent = new UserAgent()
    const callback = await chooseUser(agent, await begin(agent), 'nora')
    expect((await agent.visit(callback)).body).toContain('would succeed')
    const spoiled = new URL(callback)
    spoiled.searchParams.set('error', 'access_denied')
    for (const [visitor, address] of [
      [agent, callback],
      [new UserAgent(), callback],
      [agent, spoiled.href],
    ] as const) {
      const again = await visitor.visit(address)
      expect(again.body).toContain('Back to the configuration')
      expect(again.body).not.toContain('/login')
    }
  })

  test('of a name that belongs to an Internal account shows why it would be refused', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const agent = new UserAgent()
    const report = await comeBack(agent, await chooseUser(agent, await begin(agent), 'ian'))
    expect(report.body).toContain('Internal')
    expect(userOf(stage.world.directory, 'ian').preferredUsername).toBe('ian@contoso.com')
  })
})

describe('groups for the table', () => {
  const ask = (body: object) => call('POST', '/config/microsoft/groups', { configuration: right(), ...body })
  const groupNamed = (name: string) => stage.world.directory.groups.find(({ displayName }) => displayName === name)

  test('are found by a part of their name or by id, on both sides, where the application may read them', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    app().grantedRoles = ['GroupMember.Read.All']
    const lunch = groupNamed('Lunch Club')
    const { status, body } = await ask({ search: 'ns adm', ids: [lunch?.id.toUpperCase()] })
    expect(status).toBe(200)
    expect(body.entra).toEqual([
      { id: lunch?.id, name: 'Lunch Club' },
      { id: groupNamed('DNS Admins')?.id, name: 'DNS Admins' },
    ])
    expect(body.micetro).toContain('IPAM Readers')
    expect(body.micetro).not.toContain('All users (built-in)')
  })

  test('are looked up without a log-in each time', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const logIns = (): number =>
      stage.world.micetro.nodes.flatMap(({ requests }) => requests).filter(({ path }) => path.endsWith('/sessions'))
        .length
    expect((await ask({ search: 'd' })).body.micetro).toContain('IPAM Readers')
    const before = logIns()
    for (const search of ['dn', 'dns']) expect((await ask({ search })).body.micetro).toContain('IPAM Readers')
    expect(logIns()).toBe(before)
  })

  test('are left to be typed where it may not', async () => {
    app().secrets = [{ value: 'the-fourth-client-secret', expired: false }]
    const { status, body } = await ask({ search: 'dns' })
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('entra')
    expect(body.micetro).toContain('IPAM Readers')
  })

  test.each([
    [{ ids: ['no id'] }, /ids\.0: must be a GUID/],
    [{ search: 'x'.repeat(201) }, /search/],
    [{ filter: 'x' }, /filter: unknown key/],
  ])('%j is refused with its path', async (body, problem) => {
    const answer = await ask(body)
    expect(answer.status).toBe(400)
    expect(answer.body.problems?.join()).toMatch(problem)
  })
})

test('a credential that was sent and cannot be used is named as what was sent', async () => {
  const body = { configuration: { ...right(), credential_kind: 'certificate' }, credential: 'no certificate at all' }
  const tested = await save({ ...body, save: false, only: 'credential' })
  expect(tested.body.checks[0]?.detail).toBe(
    'The certificate that was pasted cannot be used: it is neither PEM nor PKCS#12 in base64 without a password.',
  )
  const tried = await call('POST', '/config/microsoft/test-sign-in', body)
  expect([tried.status, tried.body.error]).toEqual([400, 'credential_unusable'])
  expect(tried.body.hint).toContain('the certificate that was pasted')
})

describe('Test sign-in with a candidate', () => {
  const name = 'micetro-entra-candidate'
  const credential = 'the-credential-of-the-candidate'
  const parked = () => stage.world.vault.versions(name)
  const enabled = () => parked().filter((version) => version.enabled)
  mustNotBePrinted(credential)

  /** What is saved and who may sign in, before anything is tried. */
  const inForce = () => ({
    configurations: stage.world.vault
      .versions('micetro-entra-config')
      .map(({ version, enabled }) => [version, enabled]),
    credentials: stage.world.vault.versions('fresh-credential').map(({ version, enabled }) => [version, enabled]),
  })

  beforeEach(() => {
    app().secrets = ['the-fourth-client-secret', credential].map((value) => ({ value, expired: false }))
  })

  async function begin(agent: UserAgent, body: object): Promise<{ location: string; text: string }> {
    const begun = await agent.visit(`${stage.host.url}/config/microsoft/test-sign-in`, {
      method: 'POST',
      headers: { 'x-functions-key': stage.host.functionKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(begun.status).toBe(200)
    return { location: (JSON.parse(begun.body) as { location: string }).location, text: begun.body }
  }

  test('tries its scopes and its credential, and then it is unusable', async () => {
    forget(stage)
    const agent = new UserAgent()
    const { location, text } = await begin(agent, {
      configuration: { ...right(), scope: ['User.Read', 'GroupMember.Read.All'] },
      credential,
    })
    expect(new URL(location).searchParams.get('scope')).toContain('GroupMember.Read.All')
    expect(enabled()).toHaveLength(1)
    expect(JSON.parse(parked().at(-1)?.value ?? '')).toMatchObject({ credential })
    for (const told of [text, location, JSON.stringify([...agent.cookies])]) expect(told).not.toContain(credential)

    const report = await agent.visit(await chooseUser(agent, location, 'nora'))
    expect(report.body).toContain('would succeed')
    expect(report.body).toContain('not saved yet')
    expect(report.body).not.toContain(credential)
    const redeemed = stage.world.entra.requests.find(({ path }) => path.endsWith('/token'))
    expect(redeemed?.body).toContain(credential)
    expect(enabled()).toEqual([])
  })

  const failing: [name: string, change: object, user: string, shows: string][] = [
    ['a wrong credential', { credential: 'a-wrong-credential' }, 'nora', 'AADSTS7000215'],
    ['an unknown client id', { configuration: { client_id: '12345678-1234-4234-8234-123456789012' } }, '', ''],
    ['a user who is not assigned', {}, 'una', 'AADSTS50105'],
  ]
  test.each(failing)(
    'that fails by %s leaves the saved configuration, its versions and running sign-ins as they were',
    async (_name, change, user, shows) => {
      stage.world.entra.behaviour.unassigned = 'redirect'
      const before = inForce()
      const running = new UserAgent()
      const login = await running.visit(`${stage.host.url}/login`)
      const callback = await chooseUser(running, login.location ?? '', 'nora')

      const agent = new UserAgent()
      const given = change as { configuration?: object; credential?: string }
      const { location } = await begin(agent, {
        configuration: { ...right(), ...given.configuration },
        credential: given.credential ?? credential,
      })
      // What Entra ID itself refuses never comes back; the candidate stays until the next Test sign-in, or for 15 minutes.
      const done = user === '' ? undefined : await agent.visit(await chooseUser(agent, location, user))
      stage.world.entra.behaviour.unassigned = 'page'
      if (done !== undefined) expect(done.body).toContain(shows)
      if (done !== undefined) expect(enabled()).toEqual([])

      expect((await running.visit(callback)).status).toBe(303)
      expect((await signIn(stage, 'nora')).status).toBe(303)
      expect(inForce()).toEqual(before)
      const shown = await call('GET', '/config/microsoft')
      expect(shown.text).not.toContain(credential)
    },
  )

  test('is ended by the next Test sign-in, and then says so', async () => {
    const [first, second] = [new UserAgent(), new UserAgent()]
    const { location } = await begin(first, { configuration: right(), credential })
    const version = parked().at(-1)?.version
    await begin(second, { configuration: right() })
    expect(enabled()).toHaveLength(1)
    expect(enabled()[0]?.version).not.toBe(version)
    const report = await first.visit(await chooseUser(first, location, 'nora'))
    expect(report.body).toContain('This report is gone')
  })

  test('needs no saved configuration: the first one is tried before anything is in force', async () => {
    await stage.restart({ ENTRA_CLIENT_ID: '', ENTRA_REDIRECT_URI: '', ENTRA_CONFIG_SECRET: 'none-yet' })
    const agent = new UserAgent()
    const { location } = await begin(agent, { configuration: right(), credential })
    const report = await agent.visit(await chooseUser(agent, location, 'nora'))
    await stage.restart({ ENTRA_CREDENTIAL_SECRET: 'fresh-credential' })
    expect(report.body).toContain('would succeed')
    expect(stage.world.vault.versions('none-yet')).toEqual([])
  })

  test('another step that Entra ID asks for does not end it', async () => {
    stage.world.entra.next('interactionRequired')
    const agent = new UserAgent()
    const { location } = await begin(agent, { configuration: right(), credential })
    const again = await agent.visit(await chooseUser(agent, location, 'nora'))
    expect(again.status).toBe(303)
    expect(enabled()).toHaveLength(1)
    const report = await agent.visit(await chooseUser(agent, again.location ?? '', 'nora'))
    expect(report.body).toContain('would succeed')
    expect(enabled()).toEqual([])
  })

  test('a vault that cannot disable it does not stop the test', async () => {
    stage.world.vault.forbid('update')
    const agent = new UserAgent()
    const { location } = await begin(agent, { configuration: right(), credential })
    const report = await agent.visit(await chooseUser(agent, location, 'nora'))
    expect(report.body).toContain('would succeed')
    expect(stage.output()).toContain('"event":"candidate_left"')
    stage.world.vault.permit()
  })

  const refused: [what: string, body: unknown, problem: RegExp][] = [
    ['an unknown key beside it', { configuration: {}, save: true }, /save: unknown key/],
    ['an unknown key in it', { configuration: { tenant: 'x' } }, /configuration\.tenant: unknown key/],
    ['no JSON', '{"configuration":', /not JSON/],
    ['a credential alone', { credential: 'x' }, /configuration: /],
    [
      'what is not complete',
      { configuration: { tenant_id: 'common' } },
      /configuration\.?:? ?allowed_tenants:? must name the tenants/,
    ],
  ]
  test.each(refused)('%s is refused with its path, and nothing is parked', async (_what, body, problem) => {
    const before = parked().length
    const { status, body: answer } = await call('POST', '/config/microsoft/test-sign-in', body)
    expect(status).toBe(400)
    expect(answer.problems?.join('\n')).toMatch(problem)
    expect(parked()).toHaveLength(before)
  })

  test('without a vault it is parked in memory', async () => {
    const local = {
      SIGN_IN_KEY: stage.world.secrets.signInKey ?? '',
      MICETRO_API_PASSWORD: stage.world.secrets.micetroPassword ?? '',
    }
    await stage.restart({ KEY_VAULT_URL: '', ...local })
    const agent = new UserAgent()
    const { location } = await begin(agent, { configuration: right(), credential })
    const report = await agent.visit(await chooseUser(agent, location, 'nora'))
    await stage.restart({ ENTRA_CREDENTIAL_SECRET: 'fresh-credential' })
    expect(report.body).toContain('would succeed')
  })
})

test('no secret is in any line at the most talkative level', () => expectNoSecrets(stage))
