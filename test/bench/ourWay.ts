import { answerCentral } from '../../shared/central/answerCentral.ts'
import { readCentralDocument } from '../../shared/central/centralDocument.ts'
import { createEngine } from '../../shared/engine.ts'
import { beginSignIn } from '../../shared/signIn/beginSignIn.ts'
import { completeSignIn } from '../../shared/signIn/signIn.ts'
import { documentOf } from '../simulators/centralAttempt.ts'
import type { Settings, Way } from './way.ts'

/** As the web layer ends its requests. */
const answered = new DOMException('The request is answered', 'AbortError')

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** This application, without its web layer. */
export function create(settings: Settings): Way {
  const engine = createEngine(settings)
  const within = async <T>(work: (scope: { correlationId: string; signal: AbortSignal }) => Promise<T>): Promise<T> => {
    const over = new AbortController()
    const result = await work({ correlationId: 'bench', signal: over.signal })
    over.abort(answered)
    return result
  }
  const central = {
    tenantId: settings.ENTRA_TENANT_ID ?? '',
    clientId: settings.ENTRA_CLIENT_ID ?? '',
    clientCredential: '',
    redirectUri: settings.ENTRA_REDIRECT_URI ?? '',
    authorizeUrl: '',
  }
  return {
    begin: () => beginSignIn(engine),
    complete: ({ state, sealed }, code) =>
      within(async (scope) => {
        const done = await completeSignIn(engine, { state, outcome: { code } }, sealed, scope, silent)
        if (done.kind !== 'landed') throw new Error(`the sign-in was ${done.kind}`)
      }),
    central: (nonce) =>
      within(async (scope) => {
        const attempt = { nonce, verifier: 'verifier-of-central' }
        const document = JSON.stringify(documentOf(central, attempt, `code=${nonce}&state=x`))
        const answer = await answerCentral(engine, readCentralDocument(document), scope, silent)
        if ('error' in answer) throw new Error(`Central was answered ${answer.error}`)
      }),
  }
}
