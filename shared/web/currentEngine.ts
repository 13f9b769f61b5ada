import { createEngine, type Engine } from '../engine.ts'

let engine: Engine | undefined

/**
 * The engine of this process, made at the first request.
 * @throws AppError config_invalid, at every request until the settings are mended
 */
export function currentEngine(): Engine {
  engine ??= createEngine(process.env)
  return engine
}

/** Micetro's page, where the settings tell it. */
export function micetroPage(): string | undefined {
  return engine?.settings.micetro?.webUrl.href
}
