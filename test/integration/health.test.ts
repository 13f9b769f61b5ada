import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../host/hostProcess.ts'
import { expectNoSecrets } from './noSecrets.ts'
import { behave, forever, forget, healthOf, type Stage, signIn, startStage } from './stage.ts'
import { UserAgent } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ centralButton: true })
})
afterAll(() => stage.close())
beforeEach(() => {
  behave(stage)
  forget(stage)
})

const here = 'sign-in started here'
const central = 'sign-in started by Central'

/** Status and lines by name, the one of the build left out. */
async function health(): Promise<{ status: number; lines: Record<string, string> }> {
  const { status, body } = await healthOf(stage)
  const lines = body
    .trim()
    .split('\n')
    .map((line) => /^([^:]+): (.*)$/.exec(line)?.slice(1) ?? [line, ''])
  const { build: _, ...rest } = Object.fromEntries(lines)
  return { status, lines: rest }
}

test('everything is well: a line for each dependency and each way in', async () => {
  await stage.restart()
  const names = [
    'configuration',
    'sign-in key',
    'key vault',
    'credential',
    'entra id',
    'graph',
    'micetro',
    here,
    central,
  ]
  expect(await health()).toEqual({ status: 200, lines: Object.fromEntries(names.map((name) => [name, 'ok'])) })
})

describe('a way in that is not configured', () => {
  const noMicetro = { MICETRO_API_URLS: '', MICETRO_API_USER: '', MICETRO_WEB_URL: '', MICETRO_CA_CERTIFICATES: '' }
  const missing = 'not configured, see MICETRO_API_URLS, MICETRO_API_USER and MICETRO_WEB_URL'
  test.each([
    ['is named, and is no fault: Micetro', noMicetro, { [here]: missing, [central]: 'ok' }, 200],
    [
      'is named, and is no fault: Central',
      { CENTRAL_CALLBACK_URL: '' },
      { [here]: 'ok', [central]: 'not configured, see CENTRAL_CALLBACK_URL' },
      200,
    ],
    [
      'is a fault where it was the last one',
      { ...noMicetro, CENTRAL_CALLBACK_URL: '' },
      { [here]: missing, [central]: 'not configured, see CENTRAL_CALLBACK_URL' },
      503,
    ],
  ])('%s', async (_name, settings, ways, status) => {
    await stage.restart(settings)
    expect(await health()).toMatchObject({ status, lines: ways })
  })
})

test('Micetro down: only the way in that needs it cannot work, and the other one does', async () => {
  for (const node of stage.world.micetro.nodes) node.misbehave({ kind: 'drop' }, forever)
  await stage.restart()
  expect(await health()).toMatchObject({
    status: 503,
    lines: {
      micetro: 'micetro_unreachable (ECONNRESET), see MICETRO_API_URLS',
      [here]: 'cannot work, see micetro',
      [central]: 'ok',
    },
  })
})

test('Graph down: people get in, and the line of each way in says what is missing', async () => {
  stage.world.graph.misbehave({ kind: 'status', status: 503 }, forever)
  await stage.restart()
  expect(await health()).toMatchObject({
    status: 200,
    lines: { graph: 'graph_throttled (answered 503)', [here]: 'ok, but see graph', [central]: 'ok, but see graph' },
  })
  expect((await signIn(stage, 'nora')).status).toBe(303)
})

test('what the configuration says of sign-ins shows: switched off, and that accounts are matched by name', async () => {
  stage.world.vault.set('their-config', JSON.stringify({ enabled: false, match_by_name: true }))
  await stage.restart({ ENTRA_CONFIG_SECRET: 'their-config' })
  expect(await health()).toMatchObject({
    status: 200,
    lines: {
      [here]: 'switched off',
      [central]: 'switched off',
      warning: expect.stringMatching(/^match_by_name is set/),
    },
  })
})

describe('the reason is what the socket said', () => {
  const nowhere = 'https://nowhere.invalid'
  const rows: [name: string, settings: (closed: string) => Record<string, string>, lines: Record<string, string>][] = [
    [
      'a vault where nothing listens',
      (closed) => ({ KEY_VAULT_URL: closed }),
      {
        'key vault': 'vault_unreachable (ECONNREFUSED), see KEY_VAULT_URL',
        credential: 'not looked at, see configuration',
      },
    ],
    [
      'a vault with a name that nobody knows',
      () => ({ KEY_VAULT_URL: nowhere }),
      { 'key vault': 'vault_unreachable (ENOTFOUND), see KEY_VAULT_URL' },
    ],
    [
      // Micetro's authority is a private one, which nothing but its own setting makes trusted.
      'a vault with the certificate of an unknown authority',
      () => ({ KEY_VAULT_URL: stage.world.micetro.nodes[0]?.url ?? '' }),
      { 'key vault': 'vault_unreachable (UNABLE_TO_VERIFY_LEAF_SIGNATURE), see KEY_VAULT_URL' },
    ],
    [
      'an identity endpoint where nothing listens',
      (closed) => ({ IDENTITY_ENDPOINT: `${closed}/msi/token` }),
      { 'key vault': 'identity_unavailable (ECONNREFUSED), see AZURE_CLIENT_ID' },
    ],
    [
      'Entra ID, Graph and Micetro where nothing listens',
      (closed) => ({ ENTRA_AUTHORITY_HOST: closed, GRAPH_ENDPOINT: closed, MICETRO_API_URLS: `${closed}/mmws/api` }),
      {
        'entra id': 'entra_unreachable (ECONNREFUSED)',
        graph: 'graph_unreachable (ECONNREFUSED)',
        micetro: 'micetro_unreachable (ECONNREFUSED), see MICETRO_API_URLS',
        [here]: 'cannot work, see entra id, micetro',
        [central]: 'cannot work, see entra id',
      },
    ],
    [
      'Entra ID, Graph and Micetro with names that nobody knows',
      () => ({ ENTRA_AUTHORITY_HOST: nowhere, GRAPH_ENDPOINT: nowhere, MICETRO_API_URLS: `${nowhere}/mmws/api` }),
      {
        'entra id': 'entra_unreachable (ENOTFOUND)',
        graph: 'graph_unreachable (ENOTFOUND)',
        micetro: 'micetro_unreachable (ENOTFOUND), see MICETRO_API_URLS',
      },
    ],
    [
      'Entra ID, Graph and Micetro with certificates of an unknown authority',
      () => {
        const [node] = stage.world.micetro.nodes
        return { ENTRA_AUTHORITY_HOST: node?.url ?? '', GRAPH_ENDPOINT: node?.url ?? '', MICETRO_CA_CERTIFICATES: '' }
      },
      {
        'entra id': 'entra_unreachable (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
        graph: 'graph_unreachable (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
        micetro: 'micetro_untrusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE), see MICETRO_CA_CERTIFICATES',
      },
    ],
  ]
  test.each(rows)('%s', async (_name, settings, lines) => {
    await stage.restart(settings(`https://localhost:${await freePort()}`))
    const { status, lines: told } = await health()
    expect([status, told]).toEqual([503, expect.objectContaining(lines)])
    expect(Object.values(told).join()).not.toMatch(/budget_spent|localhost|invalid|:\d/)
  })
})

test('all faulty settings are named in one answer, those of the configuration too', async () => {
  await stage.restart({
    SIGN_IN_KEY: 'a-key-in-the-settings',
    RECONCILE_SCHEDULE: 'hourly',
    MICETRO_API_URLS: 'http://micetro.example.com',
    MICETRO_WEB_URL: '',
    CENTRAL_CALLBACK_URL: 'central.example.com',
    ENTRA_TENANT_ID: 'not a tenant',
    ENTRA_CLIENT_ID: 'not-an-application',
  })
  const { status, lines } = await health()
  expect([status, lines[here], lines[central]]).toEqual([
    503,
    ...Array(2).fill('cannot work, see settings, configuration'),
  ])
  for (const name of [
    'SIGN_IN_KEY',
    'RECONCILE_SCHEDULE',
    'MICETRO_API_URLS',
    'MICETRO_WEB_URL',
    'CENTRAL_CALLBACK_URL',
  ])
    expect(lines.settings).toContain(name)
  for (const name of ['ENTRA_TENANT_ID', 'ENTRA_CLIENT_ID']) expect(lines.configuration).toContain(name)
  const values = /a-key-in|hourly|example\.com|not a tenant|not-an-app/
  expect(Object.values(lines).join()).not.toMatch(values)
})

test('what is missing beside a faulty setting is named with it', async () => {
  await stage.restart({ CENTRAL_CALLBACK_URL: 'central.example.com', ENTRA_CLIENT_ID: '', ENTRA_REDIRECT_URI: '' })
  const { lines } = await health()
  expect(lines.settings).toContain('CENTRAL_CALLBACK_URL')
  for (const name of ['ENTRA_CLIENT_ID', 'ENTRA_REDIRECT_URI']) expect(lines.configuration).toContain(name)
})

test('a fresh process among peers that hang says what is not known yet, and the look goes on for the next one', async () => {
  stage.world.entra.misbehave({ kind: 'slow', milliseconds: 2000 }, forever)
  await stage.restart()
  const first = await new UserAgent().visit(`${stage.host.url}/health`)
  expect([first.status, first.headers.get('retry-after')]).toEqual([200, '1'])
  expect(first.body).toMatch(/^entra id: not known yet$/m)
  expect(first.body).toMatch(new RegExp(`^${here}: not known yet$`, 'm'))
  expect(first.body).toMatch(/^graph: ok$/m)
  expect(await health()).toMatchObject({ status: 200, lines: { 'entra id': 'ok', [here]: 'ok' } })
  // One for this look, one for whoever signs in first.
  expect(stage.world.entra.requests).toHaveLength(2)
})

test('docs/operate.md shows what it says where Micetro refuses connections and Central is not configured', async () => {
  const closed = `https://localhost:${await freePort()}/mmws/api`
  await stage.restart({ MICETRO_API_URLS: closed, CENTRAL_CALLBACK_URL: '' })
  const { body } = await healthOf(stage)
  const section = readFileSync('docs/operate.md', 'utf8').split('\n## What /health says\n')[1] ?? ''
  expect(/```text\n([\s\S]*?)```/.exec(section)?.[1]).toBe(body.replace(/^build: .*$/m, 'build: …'))
})

test('no secret was printed', () => expectNoSecrets(stage))
