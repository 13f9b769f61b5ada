import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectNoSecrets } from '../integration/noSecrets.ts'
import {
  chooseUser,
  comeBack,
  forget,
  goToEntra,
  type Stage,
  shownError,
  signInToTheEnd,
  startStage,
} from '../integration/stage.ts'
import { UserAgent } from '../integration/userAgent.ts'
import { callsOf, type FaultName, faults, type Step, serversOf, steps } from './steps.ts'

/** `npm run faults` runs and prints all of it. */
const all = process.env.FAULTS === 'all'
const name = 'alice@contoso.com'

let stage: Stage
/** The groups that she is in after a sign-in that nothing disturbed. */
let right: string[]
const table: string[][] = []

beforeAll(async () => {
  stage = await startStage()
  await signInToTheEnd(stage, 'alice')
  right = memberships()
})
afterAll(async () => {
  await stage.close()
  if (all) print(['sign-in', 'peer', 'step', 'fault', 'what the user saw', 'writes', 'Micetro afterwards', 'ms'], table)
})
beforeEach(() => behave())

function behave(): void {
  for (const peer of ['entra', 'graph', 'vault', 'identity', 'micetro'] as const)
    for (const server of serversOf(stage.world, peer)) server.behave()
}

const store = () => stage.world.micetro.store
const accounts = () => [...store().users.values()].filter((user) => user.name === name)
const memberships = () =>
  store()
    .memberships(store().user(name)?.ref ?? '')
    .toSorted()

/** A first sign-in has no account yet and a fresh instance; a steady one has both. */
/** @param fault is there before a fresh process begins to read */
async function prepare(first: boolean, fault = (): void => undefined): Promise<void> {
  if (first) {
    for (const { ref } of accounts()) store().removeUser(ref)
    await stage.host.close()
  }
  forget(stage)
  stage.world.identity.requests.length = 0
  fault()
  if (first) await stage.restart()
}

/** The address that the last sign-in used; a fresh instance begins with the first. */
function serverFor({ peer }: Step, first: boolean, last: number) {
  const servers = serversOf(stage.world, peer)
  const server = servers[peer === 'micetro' && !first ? last : 0]
  if (server === undefined) throw new Error('no server')
  return server
}

const steadyNode = () =>
  Math.max(
    0,
    stage.world.micetro.nodes.findIndex(({ requests }) => requests.length > 0),
  )

/** What it must come to, whatever happened: landed, everything done, nothing twice; the next sign-in changes nothing. */
async function expectDone(): Promise<string> {
  expect(accounts()).toHaveLength(1)
  expect(memberships()).toEqual(right)
  const writes = store().audit.length
  expect((await signInToTheEnd(stage, 'alice')).location).toBe(stage.world.micetro.webUrl)
  expect([accounts().length, store().audit.length, memberships()]).toEqual([1, writes, right])
  return `${accounts().length} account, ${right.length} groups`
}

/** In `npm test` every step meets one quick fault, and one step of each peer all the others. */
function isTried(step: Step, fault: FaultName, index: number): boolean {
  if (fault === 'lost') return step.writes === true
  if (all) return true
  const quick = (['429', '503', 'reset'] as const)[index % 3]
  return fault === quick || (full.has(step.name) && fault !== 'cut off')
}
const full = new Set(['token', 'account', 'token of the identity'])

describe.each(['first', 'steady'] as const)('a %s sign-in', (kind) => {
  const first = kind === 'first'
  const rows = steps.flatMap((step, index) =>
    (Object.keys(faults) as FaultName[])
      .filter((fault) => (first || step.steady) && isTried(step, fault, index))
      .map((fault) => ({ step, fault, title: `${step.peer}, ${step.name}: ${fault}` })),
  )

  test.each(rows)('shows no error page and is complete after $title', async ({ step, fault }) => {
    if (!first) {
      await prepare(first)
      await signInToTheEnd(stage, 'alice')
      forgetButNodes()
    }
    const server = serverFor(step, first, steadyNode())
    await prepare(first, () =>
      server.misbehave(faults[fault], { path: step.path, ...(step.method !== undefined && { method: step.method }) }),
    )
    const begun = Date.now()
    const done = await signInToTheEnd(stage, 'alice')
    const milliseconds = Date.now() - begun
    expect(callsOf(server, step), 'the fault was met').toBeGreaterThan(0)
    expect([done.status, shownError(done), done.location]).toEqual([303, undefined, stage.world.micetro.webUrl])
    const writes = store().audit.length
    const saw = done.walks === 1 ? 'landed' : 'landed, Entra ID twice'
    table.push([kind, step.peer, step.name, fault, saw, String(writes), await expectDone(), String(milliseconds)])
  })
})

/** The records say which of Micetro's addresses the sign-in before went to. */
function forgetButNodes(): void {
  const { entra, graph, vault } = stage.world
  for (const { requests } of [entra, graph, vault]) requests.length = 0
}

describe('an instance that is killed', () => {
  const rows = steps.flatMap((step) => [
    { step, when: 'before', title: `${step.peer}, ${step.name}: before it is done` },
    ...(step.writes ? [{ step, when: 'after', title: `${step.peer}, ${step.name}: after it was done` }] : []),
  ])
  // What only /login calls leaves nothing behind; the callback does not get there.
  const atCallback = rows.filter(({ step }) => all || ['micetro', 'graph'].includes(step.peer) || step.name === 'token')

  test.each(atCallback)('leaves nothing that the next sign-in does not complete: $title', async ({ step, when }) => {
    await prepare(true)
    const { agent, callback } = await goToEntra(stage, 'alice')
    await stage.host.close()
    const server = serverFor(step, true, 0)
    for (const { requests } of serversOf(stage.world, step.peer)) requests.length = 0
    server.misbehave(
      { kind: when === 'before' ? 'hang' : 'silent' },
      {
        path: step.path,
        ...(step.method !== undefined && { method: step.method }),
      },
    )
    const audit = store().audit.length
    await stage.restart()
    const interrupted = comeBack(agent, callback).catch(() => undefined)
    await expect.poll(() => callsOf(server, step), { interval: 5, timeout: 10_000 }).toBeGreaterThan(0)
    process.kill(stage.host.pid, 'SIGKILL')
    await interrupted
    behave()
    const left = `${accounts().length} account, ${accounts().length === 0 ? 0 : memberships().length} groups`
    const writesBefore = store().audit.length - audit
    await stage.restart()
    const done = await signInToTheEnd(stage, 'alice')
    expect([done.status, shownError(done), done.location]).toEqual([303, undefined, stage.world.micetro.webUrl])
    table.push(['killed', step.peer, step.name, when, `left: ${left}`, String(writesBefore), await expectDone(), ''])
  })
})

test('a sign-in that was begun before a restart is completed after it', async () => {
  await prepare(true)
  const { agent, callback } = await goToEntra(stage, 'alice')
  await stage.restart()
  expect((await comeBack(agent, callback)).location).toBe(stage.world.micetro.webUrl)
  await expectDone()
})

describe.skipIf(!all)('a peer that stays down', () => {
  const lasting: [peer: Step['peer'], path: RegExp, fault: FaultName, code: string][] = [
    ['entra', /\/token/, 'stall', 'entra_unreachable'],
    ['entra', /\/token/, '503', 'entra_busy'],
    ['entra', /\/keys/, 'stall', 'entra_unreachable'],
    ['micetro', /./, 'stall', 'micetro_unreachable'],
    ['micetro', /./, 'reset', 'micetro_unreachable'],
  ]
  test.each(lasting)('%s %s: %s is an error page (%s)', async (peer, path, fault, code) => {
    await prepare(true)
    const goDown = (): void => {
      for (const server of serversOf(stage.world, peer))
        server.misbehave(faults[fault], { path, times: Number.POSITIVE_INFINITY })
    }
    // The keys are read in the background as soon as somebody has left for Entra ID.
    if (peer === 'entra') goDown()
    const { agent, callback } = await goToEntra(stage, 'alice')
    if (peer !== 'entra') goDown()
    const begun = Date.now()
    let done = await comeBack(agent, callback)
    const { location } = done
    // The second walk, which the application began by itself.
    if (location?.includes('/authorize')) done = await comeBack(agent, await chooseUser(agent, location, 'alice'))
    expect(shownError(done)).toBe(code)
    table.push(['first', peer, String(path), `${fault}, for ever`, `page ${code}`, '', '', String(Date.now() - begun)])
    behave()
    // While it is known that Micetro is down, /login says so.
    await expect.poll(async () => (await new UserAgent().visit(`${stage.host.url}/login`)).status).toBe(302)
    await signInToTheEnd(stage, 'alice')
    await expectDone()
  })
})

test('no secret was printed', () => expectNoSecrets(stage))

function print(head: string[], rows: string[][]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of [head, ...rows]) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
}
