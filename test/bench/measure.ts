import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What one of many runs took, in milliseconds. */
export interface Cost {
  cpu: number
  wall: number
}

/** How many people sign in at once. */
const abreast = 16

/** Mean of some runs, several at once; CPU time is that of this process. */
export async function measure(times: number, run: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let left = times
  await Promise.all(
    Array.from({ length: abreast }, async () => {
      while (left-- > 0) await run()
    }),
  )
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / 1000 / times, wall: (performance.now() - begun) / times }
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes in use after a collection. */
export function heapUsed(): number {
  collect()
  return process.memoryUsage().heapUsed
}
