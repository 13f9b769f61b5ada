import { describe, expect, it } from 'vitest'
import { createEngine, type Engine } from '../../shared/engine.ts'
import { SigningKeys } from '../../shared/entra/signingKeys.ts'
import { AppError, type Failure } from '../../shared/failure.ts'
import type { Log, LogEntry } from '../../shared/log.ts'
import { NoAnswerError } from '../../shared/outgoing/http.ts'
import { createState } from '../../shared/sealing/attempt.ts'
import { deriveSealingKey } from '../../shared/sealing/sealingKey.ts'
import { SealingKeys } from '../../shared/sealing/sealingKeys.ts'
import { Secret } from '../../shared/secret.ts'
import { recognise } from '../../shared/signIn/acceptAttempt.ts'
import { beginSignIn } from '../../shared/signIn/beginSignIn.ts'
import { type Callback, completeSignIn } from '../../shared/signIn/signIn.ts'
import { memoryVault } from '../configuration/storedSecrets.ts'
import { failureIn } from '../failing.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const textOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const minute = 60_000

/** An engine whose sign-in keys can be rotated, or be out of reach. */
function engineWith(...keys: number[]) {
  const clock = fakeClock()
  const vault = memoryVault()
  for (const key of keys) vault.put('key', textOf(key), `v${key}`)
  const sealingKeys = new SealingKeys(vault, 'key', clock)
  const stateOf = (byte: number): string => createState(deriveSealingKey(new Secret(textOf(byte)), 'key'), clock.now())
  return { clock, vault, stateOf, engine: { ...createEngine({}, clock), sealingKeys } }
}

describe('A state that comes back', () => {
  it('of ours is recognised by the newest key, and no other is read', async () => {
    const { vault, stateOf, engine } = engineWith(1, 2)
    expect(await recognise(engine, stateOf(2))).toBe(true)
    expect(vault.reads).toEqual(['key'])
  })

  it('that was made before a rotation is recognised by the key before, which is read once', async () => {
    const { vault, stateOf, engine } = engineWith(1, 2)
    for (let count = 0; count < 3; count += 1) expect(await recognise(engine, stateOf(1))).toBe(true)
    expect(vault.reads).toEqual(['key', 'key/versions', 'key/v1'])
  })

  it('that another instance made with a new key is recognised, and those of the key before still are', async () => {
    const { clock, vault, stateOf, engine } = engineWith(1)
    await engine.sealingKeys.get()
    clock.pass(minute)
    vault.put('key', textOf(2), 'v2')
    expect(await recognise(engine, stateOf(2))).toBe(true)
    expect(await recognise(engine, stateOf(1))).toBe(true)
  })

  it('may be of a key that has grown old: nobody waits for a newer one, which serves the next', async () => {
    const { clock, vault, stateOf, engine } = engineWith(1)
    const old = await engine.sealingKeys.get()
    vault.put('key', textOf(2), 'v2')
    clock.pass(6 * minute)
    expect(await engine.sealingKeys.get()).toBe(old)
    await expect.poll(() => recognise(engine, stateOf(2))).toBe(true)
    expect(await engine.sealingKeys.get()).not.toBe(old)
  })

  it('is recognised by the newest key that is enabled', async () => {
    const { vault, stateOf, engine } = engineWith(1)
    const { read } = vault
    vault.read = async (name, version) => {
      if (version !== undefined) return read(name, version)
      throw new AppError({ code: 'secret_invalid', secret: name, problem: 'its newest version is disabled' })
    }
    expect(await recognise(engine, stateOf(1))).toBe(true)
  })

  it('of somebody else is not, and reads nothing', async () => {
    const { vault, engine } = engineWith(1)
    expect(await recognise(engine, 'state-of-central')).toBe(false)
    expect(vault.reads).toEqual([])
  })

  it('like ours, of a key that nobody has, is not, and a flood of them does not reach the vault', async () => {
    const { clock, vault, stateOf, engine } = engineWith(1)
    for (let count = 0; count < 20; count += 1) expect(await recognise(engine, stateOf(9))).toBe(false)
    clock.pass(minute)
    for (let count = 0; count < 20; count += 1) expect(await recognise(engine, stateOf(9))).toBe(false)
    expect(vault.reads).toEqual(['key', 'key/versions', 'key'])
  })

  it('like ours does not take the keys away while the vault does not answer', async () => {
    const { clock, vault, stateOf, engine } = engineWith(1)
    await engine.sealingKeys.get()
    clock.pass(minute)
    vault.fault = new AppError({ code: 'vault_unreachable', reason: 'ENOTFOUND' })
    // Anybody may send such a state; everybody else must still be able to sign in.
    await recognise(engine, stateOf(9)).catch(() => undefined)
    await expect(recognise(engine, stateOf(1))).resolves.toBe(true)
  })
})

const settings = {
  ENTRA_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  ENTRA_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
  ENTRA_REDIRECT_URI: 'https://signin.test/mmws/auth_cb/microsoft',
  ENTRA_CLIENT_CREDENTIAL: 'the-client-secret',
  SIGN_IN_KEY: Buffer.alloc(32, 1).toString('base64'),
  MICETRO_API_URLS: 'https://micetro.test/mmws/api',
  MICETRO_API_USER: 'entra-sync',
  MICETRO_WEB_URL: 'https://micetro.test/',
}
const other = '99999999-9999-4999-8999-999999999999'

describe('An attempt that comes back is refused before anything is called', () => {
  const clock = fakeClock()
  const calls: string[] = []
  /** Nobody answers: whatever is called, is called too early. */
  const send = async ({ url }: { url: string }): Promise<never> => {
    calls.push(url)
    throw new NoAnswerError('ECONNREFUSED')
  }
  const engineOf = (changes: Partial<typeof settings> = {}): Engine => ({
    ...createEngine({ ...settings, ...changes }, clock),
    send,
    signingKeys: new SigningKeys(send, clock, () => 0.5),
  })
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const complete =
    (engine: Engine, callback: Callback, sealed: string | undefined, log: Log = silent) =>
    () =>
      completeSignIn(engine, callback, sealed, { correlationId: 'c', signal: new AbortController().signal }, log)
  const outcome = { code: 'the-code' }

  const rows: [what: string, failure: Failure, comeBack: (engine: Engine) => Promise<() => unknown>][] = [
    [
      'without its cookie',
      { code: 'attempt_missing' },
      async (engine) => complete(engine, { state: (await beginSignIn(engine)).state, outcome }, undefined),
    ],
    [
      'with the cookie of another attempt',
      { code: 'attempt_missing' },
      async (engine) => {
        const [one, another] = [await beginSignIn(engine), await beginSignIn(engine)]
        return complete(engine, { state: one.state, outcome }, another.sealed)
      },
    ],
    [
      'a second time, cookie and all',
      { code: 'attempt_used' },
      async (engine) => {
        const { state, sealed } = await beginSignIn(engine)
        await complete(engine, { state, outcome, issuer: 'https://elsewhere.test' }, sealed)().catch(() => undefined)
        return complete(engine, { state, outcome }, sealed)
      },
    ],
    [
      'after more than ten minutes',
      { code: 'attempt_stale' },
      async (engine) => {
        const { state, sealed } = await beginSignIn(engine)
        clock.pass(601_000)
        return complete(engine, { state, outcome }, sealed)
      },
    ],
    [
      'with an answer of another issuer (RFC 9207)',
      { code: 'bad_request', problem: 'the parameter iss names another issuer' },
      async (engine) => {
        const { state, sealed } = await beginSignIn(engine)
        return complete(engine, { state, outcome, issuer: `https://evil.test/${other}/v2.0` }, sealed)
      },
    ],
    ...(
      [
        ['client id', { ENTRA_CLIENT_ID: other }],
        ['redirect URI', { ENTRA_REDIRECT_URI: 'https://elsewhere.test/mmws/auth_cb/microsoft' }],
        ['tenant', { ENTRA_TENANT_ID: other }],
      ] as const
    ).map(([what, changes]): (typeof rows)[number] => [
      `begun under another ${what}`,
      { code: 'attempt_stale' },
      async (engine) => {
        const { state, sealed } = await beginSignIn(engineOf(changes))
        return complete(engine, { state, outcome }, sealed)
      },
    ]),
  ]
  it.each(rows)('%s', async (_what, failure, comeBack) => {
    const engine = engineOf()
    const again = await comeBack(engine)
    expect(await failureIn(again)).toEqual(failure)
    expect(calls).toEqual([])
  })

  const claimed: [error: string, description: string, failure: object][] = [
    ['invalid_client', 'AADSTS7000222: expired', { error: 'invalid_client', aadsts: 7000222 }],
    ['<b>call 555</b>', '', { error: 'unknown_error' }],
  ]
  it.each(claimed)('with an error, %s: unverified, and in known words only', async (error, description, failure) => {
    const engine = engineOf()
    const { state, sealed } = await beginSignIn(engine)
    const again = complete(engine, { state, outcome: { error, description } }, sealed)
    expect(await failureIn(again)).toEqual({ code: 'unverified_error', ...failure })
    expect(calls).toEqual([])
  })

  it('and twice with its cookie is a security event; without it, it is somebody’s Back key', async () => {
    const engine = engineOf()
    const { state, sealed } = await beginSignIn(engine)
    const events: LogEntry[] = []
    const log = { ...silent, warn: (entry: LogEntry) => void events.push(entry) }
    const refused = { state, outcome: { error: 'access_denied', description: '' } }
    for (const cookie of [sealed, undefined, sealed])
      await complete(engine, refused, cookie, log)().catch(() => undefined)
    expect(events).toEqual([{ event: 'security', kind: 'attempt_replayed' }])
  })

  it('but one that is whole has its code redeemed', async () => {
    const engine = engineOf()
    const { state, sealed } = await beginSignIn(engine)
    expect(await complete(engine, { state, outcome }, sealed)()).toMatchObject({ kind: 'restarted' })
    expect(calls.filter((url) => url.includes('/token'))).toHaveLength(1)
  })
})
