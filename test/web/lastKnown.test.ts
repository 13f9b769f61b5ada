import { describe, expect, it } from 'vitest'
import { LastKnown } from '../../shared/web/lastKnown.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

/** Two probes: one that answers at once, one that answers when it is told. */
function probed() {
  const clock = fakeClock()
  let rounds = 0
  let answer: (text: string) => void = () => undefined
  const known = new LastKnown<'quick' | 'slow', string>(
    [
      {
        name: 'quick',
        run: async () => {
          rounds += 1
          return `round ${rounds}`
        },
      },
      {
        name: 'slow',
        run: () =>
          new Promise((resolve) => {
            answer = resolve
          }),
      },
    ],
    clock,
  )
  return {
    clock,
    rounds: () => rounds,
    get: async () => Object.fromEntries(await known.get()),
    /** The slow probe answers, and the round is over. */
    finish: async (text: string) => {
      answer(text)
      await new Promise(setImmediate)
    },
  }
}

describe('What is known', () => {
  it('is told after 900 ms, the rest as not known yet', async () => {
    const { clock, get } = probed()
    expect(await get()).toEqual({ quick: 'round 1', slow: undefined })
    expect(clock.waits).toEqual([900])
  })

  it('is told at once when the round is over before', async () => {
    const { clock, get, finish } = probed()
    const asked = get()
    await finish('late')
    await asked
    const { length } = clock.waits
    expect(await get()).toEqual({ quick: 'round 1', slow: 'late' })
    expect(clock.waits).toHaveLength(length)
  })

  it('is looked at in one round at a time, however many ask and however long it takes', async () => {
    const { clock, get, rounds } = probed()
    await Promise.all(Array.from({ length: 50 }, get))
    clock.pass(30_000)
    await Promise.all(Array.from({ length: 50 }, get))
    expect(rounds()).toBe(1)
  })

  it('is repeated for ten seconds, then looked at anew', async () => {
    const { clock, get, finish, rounds } = probed()
    await get()
    await finish('first')
    clock.pass(9999)
    expect(await get()).toEqual({ quick: 'round 1', slow: 'first' })
    clock.pass(1)
    expect(await get()).toEqual({ quick: 'round 2', slow: 'first' })
    await finish('second')
    expect(await get()).toEqual({ quick: 'round 2', slow: 'second' })
    expect(rounds()).toBe(2)
  })

  it('is not known any more after a minute, when a new look does not tell it', async () => {
    const { clock, get, finish } = probed()
    await get()
    await finish('first')
    clock.pass(60_000)
    expect(await get()).toEqual({ quick: 'round 2', slow: undefined })
  })
})
