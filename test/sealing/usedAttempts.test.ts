import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { attemptLifetime, createState } from '../../shared/sealing/attempt.ts'
import { deriveSealingKey } from '../../shared/sealing/sealingKey.ts'
import { UsedAttempts } from '../../shared/sealing/usedAttempts.ts'
import { Secret } from '../../shared/secret.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const key = deriveSealingKey(new Secret(Buffer.alloc(32, 1).toString('base64')), 'key')
const newState = (): string => createState(key, Date.UTC(2026, 0, 1))

describe('An attempt that has come back', () => {
  it('is known by its state, and no other is', () => {
    const used = new UsedAttempts(fakeClock())
    const [one, other] = [newState(), newState()]
    used.set(one, 'used')
    expect([used.get(one), used.get(other)]).toEqual(['used', undefined])
  })

  it('is known to have landed from then on', () => {
    const used = new UsedAttempts(fakeClock())
    const state = newState()
    used.set(state, 'used')
    used.set(state, 'landed')
    expect(used.get(state)).toBe('landed')
  })

  it('is known until 50,000 others have come: the oldest is forgotten first', () => {
    const used = new UsedAttempts(fakeClock())
    const states = Array.from({ length: 50_001 }, newState)
    for (const state of states) used.set(state, 'used')
    expect([states[0], states[1]].map((state = '') => used.get(state))).toEqual([undefined, 'used'])
  })

  it('is known for longer than it lives, and not for ever', () => {
    const clock = fakeClock()
    const used = new UsedAttempts(clock)
    const state = newState()
    used.set(state, 'used')
    clock.pass(attemptLifetime * 1000 + 30_000)
    expect(used.get(state)).toBe('used')
    clock.pass(60_000)
    expect(used.get(state)).toBeUndefined()
  })
})

it('The attempts that an instance remembers are bounded: the oldest is forgotten first', () => {
  const used = new UsedAttempts(fakeClock())
  const state = (count: number): string => `${count.toString(16).padStart(40, '0')}.mac`
  for (let count = 0; count <= 50_000; count += 1) used.set(state(count), 'used')
  expect([0, 1, 50_000].map((count) => used.get(state(count)))).toEqual([undefined, 'used', 'used'])
})

it('An attempt that has come back keeps nothing of the form that its state came in', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = new UsedAttempts(fakeClock())
  const forms = 1000
  const come = (): void => {
    for (let each = 0; each < forms; each += 1) {
      const form = `code=${randomBytes(6000).toString('base64url')}&state=${newState()}`
      used.set(new URLSearchParams(form).get('state') ?? '', 'used')
    }
  }
  collect()
  const before = process.memoryUsage().heapUsed
  come()
  collect()
  expect((process.memoryUsage().heapUsed - before) / forms).toBeLessThan(2000)
  expect(used.get(newState())).toBeUndefined()
})
