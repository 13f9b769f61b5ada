import type { InForce } from '../configuration/inForce.ts'
import type { Engine } from '../engine.ts'
import { metadataUrl } from '../entra/endpoints.ts'
import { AppError } from '../failure.ts'
import { NoAnswerError } from '../outgoing/http.ts'
import { asError } from '../sync/groupRules.ts'
import type { Probe } from './lastKnown.ts'
import type { Dependency, Finding } from './waysIn.ts'

/** Time for one probe, in milliseconds. */
const timeout = 5000

/** What sign-ins depend on where the settings are right. What does not apply to this installation is left out. */
export function probesOf(engine: Engine): Probe<Dependency, Finding>[] {
  const { vaultUrl, secrets, micetro } = engine.settings
  const probe = (name: Dependency, ask: () => Promise<unknown>): Probe<Dependency, Finding> => ({
    name,
    run: () => ask().then((found): Finding => (found === 'blocked' ? found : 'ok'), asError),
  })
  // Without a configuration these would only repeat what is wrong with it.
  const within = (name: Dependency, ask: (inForce: InForce) => Promise<unknown>): Probe<Dependency, Finding> =>
    probe(name, async () => {
      const inForce = await engine.inForce.get().catch(() => undefined)
      return inForce === undefined ? 'blocked' : ask(inForce)
    })
  return [
    probe('configuration', () => engine.inForce.get()),
    probe('sign-in key', () => engine.sealingKeys.get()),
    // The caches hide an outage of the vault for hours; this shows it at once.
    ...(vaultUrl === undefined ? [] : [probe('key vault', () => engine.store.read(secrets.signInKey))]),
    within('credential', (inForce) => engine.credentials.get(inForce)),
    within('entra id', (inForce) => reachEntra(engine, inForce)),
    within('graph', (inForce) => reachGraph(engine, inForce)),
    // The addresses, the certificate and the API account; what each address says itself is the reason.
    ...(micetro === undefined ? [] : [probe('micetro', () => engine.micetro().client.transport.probe())]),
  ]
}

/**
 * Where the settings are wrong nothing works, but what else is wrong with them shows in the configuration. Without the
 * right vault nobody can say what is missing in it.
 */
export function probesWithoutSettings(engine: Engine, fault: AppError): Probe<Dependency, Finding>[] {
  const { failure } = fault
  const lacksVault = failure.code === 'config_invalid' && failure.problems.some((each) => /^KEY_VAULT_URL /.test(each))
  const ask = (): Promise<unknown> => (lacksVault ? engine.lowerLayers() : engine.inForce.get())
  return [
    { name: 'settings', run: async () => fault },
    { name: 'configuration', run: () => ask().then((): Finding => (lacksVault ? 'blocked' : 'ok'), asError) },
  ]
}

async function reachEntra(engine: Engine, { configuration }: InForce): Promise<void> {
  const { login, tenantId } = configuration
  const { signal } = new AbortController()
  const answer = await engine
    .send({ method: 'GET', url: metadataUrl(login, tenantId), timeout, signal })
    .catch((cause) => {
      throw new AppError({ code: 'entra_unreachable', host: new URL(login).host, reason: reasonOf(cause) }, { cause })
    })
  if (answer.status >= 500) throw new AppError({ code: 'entra_busy', status: answer.status })
}

/** Any answer below 500 will do: without a token Graph says 401. */
async function reachGraph(engine: Engine, { configuration: { graph } }: InForce): Promise<void> {
  const { signal } = new AbortController()
  const answer = await engine.send({ method: 'GET', url: `${graph}/v1.0/me`, timeout, signal }).catch((cause) => {
    throw new AppError({ code: 'graph_unreachable', host: new URL(graph).host, reason: reasonOf(cause) }, { cause })
  })
  if (answer.status >= 500) throw new AppError({ code: 'graph_throttled', status: answer.status })
}

const reasonOf = (error: unknown): string => (error instanceof NoAnswerError ? error.reason : 'unknown')
