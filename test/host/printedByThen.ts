import { setImmediate } from 'node:timers/promises'

/**
 * Resolves when what a host printed before it answered has been read: line and answer come by two pipes, which are ready
 * together, in any order.
 */
export async function printedByThen(): Promise<void> {
  await setImmediate()
  await setImmediate()
}
