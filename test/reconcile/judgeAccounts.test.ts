import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deleteUser, guidOf } from '../simulators/directory.ts'
import type { CallAnswer } from '../simulators/graph.ts'
import { type ReconcileStage, startReconcileStage } from './stage.ts'

let stage: ReconcileStage

beforeAll(async () => {
  stage = await startReconcileStage()
})
afterAll(() => stage.close())

const both = ['DNS Admins', 'NOC']
/** Not a security group, so that the second witness does not know it. */
const club = 'Lunch Club'

/** One of each: who stays, by id, name and mail; who loses something; and who is gone in every way. */
beforeEach(() => {
  stage.reset()
  stage.configured = { between_sign_ins: { mode: 'enforce', not_found: 'remove', brake_percent: 100 } }
  const { person, account, world } = stage
  const named = { description: '' }
  account(person('stays.id', both), both)
  account(person('stays.name', both), both, named)
  account(person('stays.mail', both, { mail: 'mail@contoso.com' }), both, { ...named, name: 'mail@contoso.com' })
  account(person('less.id', ['NOC', club]), [...both, club])
  account(person('less.name', ['NOC', club]), [...both, club], named)
  account(person('off.id', both, { accountEnabled: false }), both)
  account(person('off.name', both, { accountEnabled: false }), both, named)
  account(person('gone.id', both), both)
  account(person('gone.name', both), both, named)
  deleteUser(world.directory, 'gone.id')
  deleteUser(world.directory, 'gone.name')
  account({ oid: guidOf('never'), preferredUsername: 'never.id@contoso.com' }, both)
  account({ oid: '', preferredUsername: 'never.name@contoso.com' }, both, named)
})

const all = ['off', 'gone', 'never'].flatMap((who) =>
  ['id', 'name'].flatMap((by) => both.map((group) => `${who}.${by} ${group}`)),
)
/** What is right to take, and no more: account without its domain, and group. */
const right = [...all, 'less.id DNS Admins', 'less.name DNS Admins'].sort()

const taken = (): string[] =>
  [...stage.world.micetro.store.users.values()]
    .filter(({ authenticationType }) => authenticationType === 'External')
    .flatMap(({ name }) => {
      const kept = stage.groupsOf(name)
      const had = name.startsWith('less') ? [...both, club] : both
      return had.filter((group) => !kept.includes(group)).map((group) => `${name.split('@')[0]} ${group}`)
    })
    .sort()

test('a run takes what is right, by whatever an account is found', async () => {
  expect((await stage.run()).outcome).toBe('done')
  expect(taken()).toEqual(right)
})

/** Every single call of a run, as it is asked for. */
async function callsOfARun(): Promise<string[]> {
  const calls: string[] = []
  stage.world.graph.faults.tamper = (target, answer) => {
    calls.push(target)
    return answer
  }
  await stage.run('report')
  delete stage.world.graph.faults.tamper
  return calls
}

const lists = (body: unknown): unknown[] | undefined =>
  typeof body === 'object' && body !== null && 'value' in body && Array.isArray(body.value) ? body.value : undefined
const replaced = (body: unknown, from: string, to: string): unknown =>
  JSON.parse(JSON.stringify(body ?? null).replaceAll(from, to))

const lies: [name: string, tell: (answer: CallAnswer) => CallAnswer][] = [
  [
    'nobody is there (404)',
    (answer) => ({ ...answer, status: 404, body: { error: { code: 'Request_ResourceNotFound', message: '' } } }),
  ],
  [
    'an empty list with 200',
    (answer) => (lists(answer.body) ? { ...answer, body: { ...Object(answer.body), value: [] } } : answer),
  ],
  [
    'a list cut short with 200',
    (answer) =>
      lists(answer.body)
        ? { ...answer, body: { ...Object(answer.body), value: lists(answer.body)?.slice(1) } }
        : answer,
  ],
  [
    'a list cut short at its end, with 200',
    (answer) =>
      lists(answer.body)
        ? { ...answer, body: { ...Object(answer.body), value: lists(answer.body)?.slice(0, -1) } }
        : answer,
  ],
  [
    'accountEnabled false',
    (answer) => ({ ...answer, body: replaced(answer.body, '"accountEnabled":true', '"accountEnabled":false') }),
  ],
  [
    'accountEnabled null',
    (answer) => ({ ...answer, body: replaced(answer.body, '"accountEnabled":true', '"accountEnabled":null') }),
  ],
  [
    'names of groups null',
    (answer) => ({ ...answer, body: replaced(answer.body, '"displayName":"', '"displayName":null,"x":"') }),
  ],
  ['somebody else', (answer) => ({ ...answer, body: replaced(answer.body, '@contoso.com', '@other.example') })],
  ['another id', (answer) => ({ ...answer, body: replaced(answer.body, '"id":"', '"id":"f') })],
  ['nothing at all with 200', (answer) => ({ ...answer, status: 200, body: {} })],
  ['not ready yet (202)', (answer) => ({ ...answer, status: 202, body: {} })],
  ['a refusal (400)', (answer) => ({ ...answer, status: 400, body: { error: { code: 'BadRequest' } } })],
  [
    'the deleted people are everybody',
    (answer) => (lists(answer.body) ? { ...answer, body: { ...Object(answer.body), value: everybody() } } : answer),
  ],
]
const everybody = (): unknown[] =>
  stage.world.directory.users.map(({ oid, userPrincipalName, mail }) => ({
    id: oid,
    userPrincipalName,
    mail,
    accountEnabled: false,
    userType: 'Member',
  }))

describe('a single lie of Microsoft Graph robs nobody, whichever call it is told in', () => {
  test.each(lies)('%s', async (_, tell) => {
    const calls = await callsOfARun()
    expect(calls.length).toBeGreaterThan(20)
    for (const [index] of calls.entries()) {
      let count = -1
      stage.world.graph.faults.tamper = (_target, answer) => {
        count += 1
        return count === index ? tell(answer) : answer
      }
      const { accounts } = await stage.run('report')
      const would = accounts.flatMap(({ name, removals }) => removals.map((group) => `${name.split('@')[0]} ${group}`))
      expect(
        would.filter((each) => !right.includes(each)),
        `in ${calls[index]}`,
      ).toEqual([])
    }
    delete stage.world.graph.faults.tamper
    expect(await stage.run()).toMatchObject({ outcome: 'done' })
    expect(taken()).toEqual(right)
  })
})

describe('a failure at any call of a run takes nothing wrong, and the next run finishes the work', () => {
  const peers = () => {
    const { entra, graph, micetro } = stage.world
    return { 'Entra ID': entra, 'Microsoft Graph': graph, Micetro: micetro.nodes[0] ?? graph }
  }
  const faults = [
    ['no answer', { kind: 'drop' }],
    ['an answer cut off', { kind: 'cutOff' }],
    ['a refusal', { kind: 'status', status: 400 }],
    ['a denial', { kind: 'status', status: 403 }],
    ['an error', { kind: 'status', status: 500 }],
    ['a page', { kind: 'status', status: 200, body: '<h1>proxy</h1>' }],
  ] as const
  const rows = (['Entra ID', 'Microsoft Graph', 'Micetro'] as const).flatMap((peer) =>
    faults.map(([name, fault]) => [peer, name, fault] as const),
  )
  test.each(rows)('%s: %s', async (peer, _, fault) => {
    let calls = 1
    for (let index = 0; index < calls; index += 1) {
      const server = peers()[peer]
      for (const name of [
        'less.id',
        'less.name',
        'off.id',
        'off.name',
        'gone.id',
        'gone.name',
        'never.id',
        'never.name',
      ])
        stage.world.micetro.store.setMemberships(
          `${name}@contoso.com`,
          name.startsWith('less') ? [...both, club] : both,
        )
      const begun = server.requests.length
      if (index > 0) server.misbehave({ kind: 'slow', milliseconds: 0 }, { times: index })
      server.misbehave(fault)
      await stage.run()
      calls = Math.max(calls, Math.min(server.requests.length - begun, 12))
      server.behave()
      expect(taken().filter((each) => !right.includes(each))).toEqual([])
      const next = await stage.run()
      expect([next.outcome, taken()]).toEqual(['done', right])
    }
  })
})
