import * as v from 'valibot'
import { comeBack, postToFunction } from '../integration/centralButton.ts'
import { chooseUser, goToEntra, type Stage, signIn, startStage } from '../integration/stage.ts'
import { UserAgent } from '../integration/userAgent.ts'

/** One line of the application, as Application Insights gets it. */
export interface LoggedLine {
  /** As the host names it: information, warning, error, … */
  level: string
  entry: Record<string, unknown>
}

const entrySchema = v.looseObject({ event: v.string(), correlationId: v.string() })

/** The application's own lines in what the light host printed. */
export function readLines(output: string): LoggedLine[] {
  return [...output.matchAll(/^\[\S+\] (\w+) Function\.\w+\.User: (\{.*\})$/gm)].map(([, level = '', text = '']) => ({
    level,
    entry: v.parse(entrySchema, JSON.parse(text)),
  }))
}

/** Runs the application in its own process among simulated peers, through all that the queries ask about. */
export async function runThroughEverything(): Promise<LoggedLine[]> {
  const stage = await startStage({ centralButton: true })
  try {
    await signInsOfOurs(stage)
    await signInsOfCentral(stage)
    await saving(stage)
    await betweenSignIns(stage)
    return readLines(stage.output())
  } finally {
    await stage.close()
  }
}

async function signInsOfOurs(stage: Stage): Promise<void> {
  const { world } = stage
  await signIn(stage, 'alice')
  const account = world.micetro.store.user('alice@contoso.com')
  if (account === undefined) throw new Error('the first sign-in made no account')
  Object.assign(account, { fullName: 'Old' })
  world.micetro.store.setMemberships(account.ref, ['NOC'])
  await signIn(stage, 'alice')

  world.graph.misbehave({ kind: 'status', status: 403, body: '{}' }, { path: /transitiveMemberOf/ })
  await signIn(stage, 'nora')
  world.graph.behave()

  const agent = new UserAgent()
  world.entra.next('interactionRequired', { times: 2 })
  const restarted = await signIn(stage, 'nora', agent)
  await agent.visit(await chooseUser(agent, restarted.location ?? '', 'nora'))
  await replay(stage)
  await noise(stage, 25)
}

/** A used attempt that comes again together with its cookie. */
async function replay(stage: Stage): Promise<void> {
  const { agent, callback } = await goToEntra(stage, 'nora')
  const cookies = new Map(agent.cookies.get('localhost'))
  await agent.visit(callback)
  agent.cookies.set('localhost', cookies)
  await agent.visit(callback)
}

/** What a stranger can send without any sign-in. */
async function noise(stage: Stage, times: number): Promise<void> {
  const { callback } = await goToEntra(stage, 'nora')
  const address = new URL(callback)
  for (let sent = 0; sent < times; sent += 1) await fetch(new URL(address.pathname, stage.host.url))
}

async function signInsOfCentral(stage: Stage): Promise<void> {
  const answered = await comeBack(stage, 'alice')
  await postToFunction(stage, answered.document)
  const refused = await comeBack(stage, 'alice')
  stage.world.entra.next('interactionRequired')
  await postToFunction(stage, refused.document)
  await postToFunction(stage, {})
}

/** A run that reports, one that enforces, and one that fails. */
async function betweenSignIns(stage: Stage): Promise<void> {
  const { world } = stage
  const { app, users } = world.directory
  world.vault.set('micetro-entra-config', JSON.stringify({ between_sign_ins: { mode: 'enforce' } }))
  await stage.restart()
  const run = (mode: string) =>
    fetch(`${stage.host.url}/config/microsoft/reconcile`, {
      method: 'POST',
      headers: { 'x-functions-key': stage.host.functionKey, 'content-type': 'application/json' },
      body: JSON.stringify({ mode }),
    })
  app.grantedRoles = []
  await run('report')
  app.grantedRoles = ['User.Read.All', 'GroupMember.Read.All']
  const alice = users.find(({ key }) => key === 'alice')
  if (alice !== undefined) alice.accountEnabled = false
  for (const mode of ['report', 'enforce']) await run(mode)
}

async function saving({ host, world, port }: Stage): Promise<void> {
  const headers = { 'x-functions-key': host.functionKey, 'content-type': 'application/json' }
  const shown: unknown = await (await fetch(`${host.url}/config/microsoft`, { headers })).json()
  const { version } = v.parse(v.looseObject({ version: v.nullable(v.string()) }), shown)
  const configuration = {
    tenant_id: world.directory.home.id,
    client_id: world.directory.app.clientId,
    redirect_uri: `http://localhost:${port}/mmws/auth_cb/microsoft`,
    scope: ['User.Read'],
    cloud: 'custom',
  }
  const body = JSON.stringify({ configuration, save: true, saveDespiteFailures: true, version })
  await fetch(`${host.url}/config/microsoft/save-and-test`, { method: 'POST', headers, body })
}
