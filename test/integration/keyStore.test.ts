import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { expectNoSecrets } from './noSecrets.ts'
import { comeBack, forget, goToEntra, type Stage, shownError, signIn, startStage } from './stage.ts'
import type { UserAgent } from './userAgent.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())
beforeEach(() => forget(stage))

const asked = () => stage.host.output().match(/the key store is asked: \d calls/g) ?? []
const down = { HOST_KEY_STORE: 'down', HOST_KEY_STORE_TIMEOUT: '0' }

test('storage of the function keys that is down keeps nobody out: no part of a sign-in asks it', async () => {
  await stage.restart(down)
  expect((await signIn(stage, 'nora')).location).toBe(stage.world.micetro.webUrl)
  expect(asked()).toEqual([])
})

test('storage of the function keys that is down keeps a refusal of Entra ID from nobody, whichever way it comes', async () => {
  await stage.restart(down)
  for (const arrive of [(agent: UserAgent, url: string) => agent.visit(url), comeBack]) {
    const { agent, callback } = await goToEntra(stage, 'nora')
    const refusal = new URL(callback)
    refusal.searchParams.delete('code')
    refusal.searchParams.set('error', 'access_denied')
    expect(shownError(await arrive(agent, refusal.href))).toBe('unverified_error')
  }
  expect(asked()).toEqual([])
})

test('storage of the function keys is asked by the host for a code in a query alone, which is lost when it is down', async () => {
  await stage.restart()
  const { agent, callback } = await goToEntra(stage, 'nora')
  expect((await agent.visit(callback)).location).toBe(stage.world.micetro.webUrl)
  expect(asked()).toEqual(['the key store is asked: 8 calls'])

  await stage.restart(down)
  const later = await goToEntra(stage, 'nora')
  const lost = await later.agent.visit(later.callback)
  expect([lost.status, lost.body]).toEqual([500, ''])
  // The function was never called, so the attempt is still good.
  expect((await comeBack(later.agent, later.callback)).location).toBe(stage.world.micetro.webUrl)
})

test('no secret was printed', () => expectNoSecrets(stage))
