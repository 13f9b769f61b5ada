import { createEngine } from '../../shared/engine.ts'
import type { Log } from '../../shared/log.ts'
import type { Answer, Call } from '../../shared/outgoing/http.ts'
import { createTrial } from '../../shared/saveAndTest/candidate.ts'
import type { Trial } from '../../shared/saveAndTest/trial.ts'
import { least } from '../configuration/sampleConfiguration.ts'
import { answer } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const quiet = (): void => undefined
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet }

/** Who answers the calls of a check, by the path below the base address; log-ins are accepted. */
export interface Peers {
  graph?: (path: string) => Answer
  micetro?: (path: string, call: Call) => Answer
}

/** A candidate on trial: the real engine, whose calls are answered here. */
export async function trialOf({ graph, micetro }: Peers): Promise<Trial> {
  const engine = createEngine(
    {
      MICETRO_API_URLS: 'https://micetro.test/mmws/api',
      MICETRO_API_USER: 'entra-sync',
      MICETRO_WEB_URL: 'https://micetro.test/',
      MICETRO_API_PASSWORD: 'password',
    },
    fakeClock(),
  )
  const { signal } = new AbortController()
  const trial = await createTrial(
    {
      ...engine,
      send: async ({ url }) => graph?.(url.split('/v1.0/')[1] ?? '') ?? answer(404),
      sendToMicetro: async (call) => {
        const path = call.url.split('/mmws/api')[1] ?? ''
        if (path === '/micetro/sessions') return answer(201, { result: { session: 'session' } })
        return micetro?.(path, call) ?? answer(404)
      },
    },
    {
      configuration: least,
      credential: undefined,
      credentialExpires: undefined,
    },
    log,
    signal,
  )
  return { ...trial, appToken: async () => ({ accessToken: 'token' }) }
}
