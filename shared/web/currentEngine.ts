import { inspectSettings } from '../configuration/settings.ts'
import { createEngine, type Engine, engineOf } from '../engine.ts'

let engine: Engine | undefined

/**
 * The engine of this process, made when it is first asked for.
 * @throws AppError config_invalid, at every request until the settings are mended
 */
export function currentEngine(): Engine {
  engine ??= createEngine(process.env)
  return engine
}

/** An engine of settings that are wrong, made of those that are right: for who looks for more faults, never for a sign-in. */
export function engineDespiteFaults(): Engine {
  return engineOf(inspectSettings(process.env).settings, process.env)
}

/** Micetro's page, where the settings tell it. */
export function micetroPage(): string | undefined {
  return engine?.settings.micetro?.webUrl.href
}
