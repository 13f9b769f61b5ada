import { type Cost, heapUsed, measure } from './measure.ts'
import { codeOf, createWay, type Departure, type Settings, type Way, type WayName } from './way.ts'

export type Step = 'begin' | 'complete' | 'central'

/** What a sign-in took in one round. */
export type Round = Record<Step, Cost>

/** What a process of one way may be asked for; a number of sign-ins is a round. */
export type Request = number | 'heap'

async function round(way: Way, signIns: number): Promise<Round> {
  const departures: Departure[] = []
  const begin = await measure(signIns, async () => departures.push(await way.begin()))
  const attempts = departures.map((departure) => ({ departure, code: codeOf(departure) }))
  const complete = await measure(signIns, async () => {
    const attempt = attempts.pop()
    if (attempt !== undefined) await way.complete(attempt.departure, attempt.code)
  })
  const central = await measure(signIns, () => way.central('nonce'))
  return { begin, complete, central }
}

/**
 * One way of signing people in, in a process of its own, as a server is one: in a shared process two of them would use
 * one axios, and V8 would optimise it for both. A collection is made only when the heap is asked for, because it throws compiled code away.
 */
if (import.meta.main) {
  const [name = '', settings = '{}'] = process.argv.slice(2)
  const way = await createWay(name as WayName, JSON.parse(settings) as Settings)
  process.on('message', async (request: Request) => {
    process.send?.(request === 'heap' ? heapUsed() : await round(way, request))
  })
  process.send?.('ready')
}
