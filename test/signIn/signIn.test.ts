import { describe, expect, it } from 'vitest'
import { Cached } from '../../shared/cached.ts'
import { createEngine } from '../../shared/engine.ts'
import { AppError } from '../../shared/failure.ts'
import { createState } from '../../shared/sealing/attempt.ts'
import { deriveSealingKey, type SealingKey } from '../../shared/sealing/sealingKey.ts'
import { Secret } from '../../shared/secret.ts'
import { recognise } from '../../shared/signIn/signIn.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const keyOf = (byte: number): SealingKey =>
  deriveSealingKey(new Secret(Buffer.alloc(32, byte).toString('base64')), 'key')
const minute = 60_000

/** An engine whose sign-in keys can be rotated, or be out of reach. */
function engineWith(first: SealingKey) {
  const clock = fakeClock()
  const vault = { keys: [first], loads: 0, broken: false }
  const load = async (): Promise<readonly SealingKey[]> => {
    vault.loads += 1
    if (vault.broken) throw new AppError({ code: 'vault_unreachable', reason: 'ENOTFOUND' })
    return vault.keys
  }
  const sealingKeys = new Cached(load, clock, { freshFor: 5 * minute, staleFor: 12 * 60 * minute })
  return { clock, vault, engine: { ...createEngine({}, clock), sealingKeys } }
}

describe('A state that comes back', () => {
  it('of ours is recognised', async () => {
    const { clock, engine } = engineWith(keyOf(1))
    expect(await recognise(engine, createState(keyOf(1), clock.now()))).toBe(true)
  })

  it('that another instance made with a new key is recognised', async () => {
    const { clock, vault, engine } = engineWith(keyOf(1))
    await engine.sealingKeys.get()
    clock.pass(minute)
    vault.keys = [keyOf(2), keyOf(1)]
    expect(await recognise(engine, createState(keyOf(2), clock.now()))).toBe(true)
  })

  it('of somebody else is not, and a flood of them does not reach the vault', async () => {
    const { clock, vault, engine } = engineWith(keyOf(1))
    for (let count = 0; count < 20; count += 1) expect(await recognise(engine, 'state-of-central')).toBe(false)
    clock.pass(minute)
    for (let count = 0; count < 20; count += 1) expect(await recognise(engine, 'state-of-central')).toBe(false)
    expect(vault.loads).toBe(2)
  })

  it('of somebody else does not take the keys away while the vault does not answer', async () => {
    const { clock, vault, engine } = engineWith(keyOf(1))
    await engine.sealingKeys.get()
    clock.pass(minute)
    vault.broken = true
    // Anybody may send such a state; everybody else must still be able to sign in.
    await recognise(engine, 'state-of-nobody').catch(() => undefined)
    await expect(recognise(engine, createState(keyOf(1), clock.now()))).resolves.toBe(true)
  })
})
