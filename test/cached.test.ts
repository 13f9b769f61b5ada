import { describe, expect, it } from 'vitest'
import { Cached, type CachedOptions } from '../shared/cached.ts'
import { fakeClock } from './outgoing/fakeClock.ts'

/** A cache whose loads answer 1, 2, 3 …, or fail while `broken` is set. */
function counted(options: CachedOptions = { freshFor: 1000 }) {
  const clock = fakeClock()
  const state = { loads: 0, broken: false }
  const cached = new Cached(
    async () => {
      state.loads += 1
      if (state.broken) throw new Error(`load ${state.loads} failed`)
      return state.loads
    },
    clock,
    options,
  )
  return { clock, state, cached }
}

describe('A cached value', () => {
  it('is loaded when it is first asked for, not before', async () => {
    const { cached, state } = counted()
    expect(state.loads).toBe(0)
    expect(await cached.get()).toBe(1)
  })

  it('is loaded once for all who wait for it', async () => {
    const { cached, state } = counted()
    expect(await Promise.all([cached.get(), cached.get(), cached.get()])).toEqual([1, 1, 1])
    expect(state.loads).toBe(1)
  })

  const ages: [name: string, age: number, value: number][] = [
    ['serves while it is fresh', 999, 1],
    ['is loaded again when it has expired', 1000, 2],
  ]
  for (const [name, age, value] of ages) {
    it(name, async () => {
      const { cached, clock } = counted()
      await cached.get()
      clock.pass(age)
      expect(await cached.get()).toBe(value)
    })
  }

  it('tells every caller of a failure, those of the next five seconds too, without loading again', async () => {
    const { cached, clock, state } = counted()
    state.broken = true
    const failures = await Promise.allSettled([cached.get(), cached.get()])
    clock.pass(4999)
    state.broken = false
    failures.push(...(await Promise.allSettled([cached.get(), cached.refresh(0)])))
    expect(failures.map((each) => each.status === 'rejected' && String(each.reason))).toEqual(
      Array.from({ length: 4 }, () => 'Error: load 1 failed'),
    )
    clock.pass(1)
    expect(await cached.get()).toBe(2)
  })

  const soon: [name: string, options: CachedOptions, drop: boolean][] = [
    ['is loaded at once after a failure when it was dropped', { freshFor: 1000 }, true],
    ['is loaded at once after a failure where no pause is wanted', { freshFor: 1000, pauseAfterFailure: 0 }, false],
  ]
  for (const [name, options, drop] of soon) {
    it(name, async () => {
      const { cached, state } = counted(options)
      state.broken = true
      await expect(cached.get()).rejects.toThrow('load 1 failed')
      state.broken = false
      if (drop) cached.drop()
      expect(await cached.get()).toBe(2)
    })
  }

  const stale: [name: string, age: number, staleFor: number, outcome: number | string][] = [
    ['serves, though old, when loading fails', 1000, 500, 1],
    ['serves until the very end of its time', 1499, 500, 1],
    ['does not serve beyond its time', 1500, 500, 'load 2 failed'],
    ['does not serve at all without such a time', 1000, 0, 'load 2 failed'],
  ]
  for (const [name, age, staleFor, outcome] of stale) {
    it(name, async () => {
      const { cached, clock, state } = counted({ freshFor: 1000, staleFor })
      await cached.get()
      clock.pass(age)
      state.broken = true
      expect(await cached.get().catch((error: Error) => error.message)).toBe(outcome)
    })
  }

  it('is preferred new when loading succeeds again, which is tried after a pause', async () => {
    const { cached, clock, state } = counted({ freshFor: 1000, staleFor: 60_000 })
    await cached.get()
    clock.pass(1000)
    state.broken = true
    await cached.get()
    state.broken = false
    expect(await cached.get()).toBe(1)
    clock.pass(5000)
    expect(await cached.get()).toBe(3)
  })

  it('that failed to load ahead, for somebody who is still to come, is tried anew when they come', async () => {
    const { cached, state } = counted()
    state.broken = true
    await expect(cached.ahead()).rejects.toThrow('load 1 failed')
    state.broken = false
    expect(await cached.get()).toBe(2)
  })

  it('is not loaded ahead while a failure that somebody met is told again', async () => {
    const { cached, state } = counted()
    state.broken = true
    await expect(cached.get()).rejects.toThrow('load 1 failed')
    for (const ask of [() => cached.ahead(), () => cached.get()]) await expect(ask()).rejects.toThrow('load 1 failed')
    expect(state.loads).toBe(1)
  })

  it('that nobody is to wait for serves at once, however old, and is loaded for the next one', async () => {
    const { cached, clock } = counted({ freshFor: 1000, staleFor: 60_000, patience: 0 })
    expect(await cached.get()).toBe(1)
    clock.pass(1000)
    expect(await cached.get()).toBe(1)
    expect(await cached.get()).toBe(2)
    clock.pass(300)
    expect(await cached.refresh(300)).toBe(3)
  })

  it('is loaded again after it was dropped', async () => {
    const { cached } = counted()
    await cached.get()
    cached.drop()
    expect(await cached.get()).toBe(2)
  })

  it('is refreshed for one caller, unless it is younger than the pause between refreshes', async () => {
    const { cached, clock } = counted()
    await cached.get()
    clock.pass(299)
    expect(await cached.refresh(300)).toBe(1)
    clock.pass(1)
    expect(await cached.refresh(300)).toBe(2)
  })

  it('goes on serving others while it is refreshed', async () => {
    const slow = Promise.withResolvers<string>()
    const loads = [Promise.resolve('old'), slow.promise]
    const cached = new Cached(() => loads.shift() ?? Promise.reject(new Error('no more')), fakeClock(), {
      freshFor: 1000,
    })
    expect(await cached.get()).toBe('old')
    const refreshed = cached.refresh(0)
    expect(await cached.get()).toBe('old')
    slow.resolve('new')
    expect(await refreshed).toBe('new')
    expect(await cached.get()).toBe('new')
  })

  it('that an error showed stale does not come back when loading fails', async () => {
    const { cached, state } = counted({ freshFor: 1000, staleFor: 5000 })
    await cached.get()
    cached.drop()
    state.broken = true
    await expect(cached.get()).rejects.toThrow('load 2 failed')
  })

  it('that was dropped while it was being loaded does not serve as fresh', async () => {
    const first = Promise.withResolvers<string>()
    const loads = [first.promise, Promise.resolve('after')].values()
    const cached = new Cached(() => loads.next().value ?? Promise.reject(new Error('asked too often')), fakeClock(), {
      freshFor: 1000,
    })
    const waiting = cached.get()
    // What the load began to read is what the error has just shown stale.
    cached.drop()
    first.resolve('before')
    await waiting
    expect(await cached.get()).toBe('after')
  })
})
