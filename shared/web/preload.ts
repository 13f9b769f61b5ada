import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { loadAxios } from '../outgoing/http.ts'
import { readMetadataAhead } from '../signIn/prepare.ts'
import { currentEngine } from './currentEngine.ts'

/**
 * Gets a process ready for its first `/login` while the host is still getting ready itself: reads what that one must wait
 * for, once and through the caches of the engine, and loads the code meanwhile. What it cannot read it leaves to the
 * request, which tries by itself and meets the error.
 * @throws AppError config_invalid
 */
export async function preload(): Promise<void> {
  const engine = currentEngine()
  const reading = Promise.allSettled([engine.inForce.ahead(), engine.sealingKeys.ahead()])
  await pauseInWork()
  await Promise.allSettled([reading, readMetadataAhead(engine), loadAxios()])
}

/**
 * Resolves when the process does little but wait, or after a quarter of a second: the first calls are under way then, and
 * loading code, during which nothing else runs, does not keep them from it.
 */
async function pauseInWork(): Promise<void> {
  const atLatest = performance.now() + 250
  while (performance.now() < atLatest) {
    const before = performance.eventLoopUtilization()
    await setTimeout(10)
    if (performance.eventLoopUtilization(before).utilization < 0.4) return
  }
}
