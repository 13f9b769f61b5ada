import { printedByThen } from '../host/printedByThen.ts'
import {
  authorizeUrl,
  type CentralAttempt,
  type CentralInput,
  createAttempt,
  documentOf,
} from '../simulators/centralAttempt.ts'
import type { ScriptRun } from '../simulators/centralScript.ts'
import { mustNotBePrinted } from './noSecrets.ts'
import { chooseUser, type Stage } from './stage.ts'
import { UserAgent, type Visit } from './userAgent.ts'

/** The simulated Central of a stage, with the key of its host. */
export function configuredCentral({ world, host }: Stage): typeof world.micetro.central {
  world.micetro.central.configure({ functionKey: host.functionKey })
  return world.micetro.central
}

export interface CentralReply {
  status: number
  body: Record<string, unknown>
}

/** Posts to the function as Central's script does. @param body as text: sent as it is */
export async function postToFunction(
  stage: Stage,
  body: CentralInput | Record<string, unknown> | string,
  key = stage.host.functionKey,
): Promise<CentralReply> {
  const response = await fetch(`${stage.host.url}/central/auth_cb`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': key },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  await printedByThen()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
}

/** A user's way to Entra ID and back, as Central begins it; the function is not asked yet. */
export async function comeBack(
  stage: Stage,
  userKey: string,
): Promise<{ attempt: CentralAttempt; query: string; document: CentralInput }> {
  const { configuration } = configuredCentral(stage)
  if (configuration === undefined) throw new Error('the simulated Central is not configured')
  const attempt = createAttempt()
  for (const secret of [attempt.nonce, attempt.verifier]) mustNotBePrinted(secret)
  const callback = await chooseUser(new UserAgent(), authorizeUrl(configuration, attempt), userKey)
  const query = new URL(callback).search.slice(1)
  mustNotBePrinted(new URLSearchParams(query).get('code'))
  return { attempt, query, document: documentOf(configuration, attempt, query) }
}

/** A whole sign-in with Micetro's own button, by real redirects. */
export async function pressButton(
  stage: Stage,
  userKey: string,
  agent = new UserAgent(),
): Promise<{ bounced: Visit; done: Visit; run: ScriptRun | undefined }> {
  const central = configuredCentral(stage)
  const started = await agent.visit(`${stage.world.micetro.webUrl}login/microsoft`)
  const bounced = await agent.visit(await chooseUser(agent, started.location ?? '', userKey))
  const done = await agent.visit(bounced.location ?? '')
  return { bounced, done, run: central.runs.at(-1) }
}
