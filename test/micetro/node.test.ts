import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/failure.ts'
import { ApiPassword } from '../../shared/micetro/apiPassword.ts'
import { Node } from '../../shared/micetro/node.ts'
import { type Answer, type Call, NoAnswerError } from '../../shared/outgoing/http.ts'
import { Secret } from '../../shared/secret.ts'
import { failureIn } from '../failing.ts'
import { answer } from '../outgoing/answers.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'

const base = 'https://micetro.test/mmws/api'
const { signal } = new AbortController()
const read = { action: 'read groups', method: 'GET', path: '/Groups?', signal } as const
const write = { action: 'change users', method: 'PUT', path: '/Users/1', body: { fullName: 'Jürgen' }, signal } as const

/** What a release accepts; changed while a test runs. */
interface Release {
  sessions: boolean
  bearer: boolean
  basic: boolean
  password: string
}

function prepare(changes: Partial<Release> = {}) {
  const release: Release = { sessions: true, bearer: true, basic: true, password: 'right', ...changes }
  const clock = fakeClock()
  const vault = { value: 'right', reads: 0 }
  const calls: Call[] = []
  const issued = new Set<string>()
  /** Log-ins and calls by Basic whose password was wrong. */
  const wrong: string[] = []
  let down = false

  const judge = (call: Call): Answer => {
    if (call.url.endsWith('/micetro/sessions')) {
      if (!release.sessions) return answer(404, { error: { code: 16544 } })
      const { password } = JSON.parse(call.body ?? '') as { password: string }
      if (password !== release.password) {
        wrong.push('log-in')
        return answer(401)
      }
      const session = crypto.randomUUID()
      issued.add(session)
      return answer(201, { result: { session } })
    }
    const [scheme = '', value = ''] = call.headers?.authorization?.split(' ') ?? []
    if (scheme === 'Bearer') return answer(release.bearer && issued.has(value) ? 200 : 401)
    const right = Buffer.from(value, 'base64').toString() === `entra-sync:${release.password}`
    if (!right) wrong.push('Basic')
    return answer(release.basic && right ? 200 : 401)
  }
  const source = {
    get: async () => new Secret(vault.value),
    refresh: async () => {
      vault.reads += 1
      return new Secret(vault.value)
    },
  }
  const node = new Node(base, {
    apiUser: 'entra-sync',
    password: new ApiPassword(source, 'entra-sync', clock),
    send: async (call) => {
      calls.push(call)
      await new Promise(setImmediate)
      if (down) throw new NoAnswerError('ECONNREFUSED')
      return judge(call)
    },
    clock,
  })
  return {
    release,
    clock,
    vault,
    calls,
    wrong,
    node,
    issued,
    stop: (stopped: boolean) => {
      down = stopped
    },
    /** Path and way in of each call since the last time. */
    sent: () =>
      calls
        .splice(0)
        .map(({ url, headers }) => `${url.slice(base.length)} ${headers?.authorization?.split(' ')[0] ?? '-'}`),
  }
}

const logIn = '/micetro/sessions -'
const probe = '/Groups?offset=0&limit=1 Basic'

describe('The way in', () => {
  it('is a session as Bearer where there are sessions, and one log-in serves many calls', async () => {
    const { node, sent } = prepare()
    for (let call = 0; call < 3; call += 1) expect((await node.call(read, 8000)).status).toBe(200)
    expect(sent()).toEqual([logIn, '/Groups? Bearer', '/Groups? Bearer', '/Groups? Bearer'])
  })

  it('is Basic where there are no sessions, and is remembered', async () => {
    const { node, sent } = prepare({ sessions: false, bearer: false })
    await node.call(read, 8000)
    expect(sent()).toEqual([logIn, probe, '/Groups? Basic'])
    await node.call(read, 8000)
    expect(sent()).toEqual(['/Groups? Basic'])
  })

  it('is Basic where a log-in is accepted and its session is not, and is remembered', async () => {
    const { node, sent } = prepare({ bearer: false })
    await node.call(read, 8000)
    expect(sent()).toEqual([logIn, '/Groups? Bearer', probe, '/Groups? Basic'])
    await node.call(read, 8000)
    expect(sent()).toEqual(['/Groups? Basic'])
  })

  it('is found by one caller at a time', async () => {
    const { node, sent } = prepare({ bearer: false })
    await Promise.all(Array.from({ length: 5 }, () => node.call(read, 8000)))
    const counted = sent()
    for (const each of [logIn, probe]) expect(counted.filter((call) => call === each)).toHaveLength(1)
  })

  it('is a new session, once, when one that worked has ended', async () => {
    const { node, sent, issued } = prepare()
    await node.call(read, 8000)
    issued.clear()
    sent()
    expect((await node.call(read, 8000)).status).toBe(200)
    expect(sent()).toEqual(['/Groups? Bearer', logIn, '/Groups? Bearer'])
  })

  it('is looked for anew after a failure, for the server may come back as another release', async () => {
    const { node, sent, release, clock } = prepare({ sessions: false, bearer: false })
    await node.call(read, 8000)
    Object.assign(release, { sessions: true, bearer: true, basic: false })
    node.fail(clock.now(), new AppError({ code: 'micetro_unreachable', hosts: [], reason: 'ECONNREFUSED' }))
    sent()
    expect((await node.call(read, 8000)).status).toBe(200)
    expect(sent()).toEqual([logIn, '/Groups? Bearer'])
  })

  it('that fails for want of an answer is tried again by the next call', async () => {
    const { node, stop } = prepare()
    stop(true)
    await expect(node.call(read, 8000)).rejects.toThrow(NoAnswerError)
    stop(false)
    expect((await node.call(read, 8000)).status).toBe(200)
  })

  it('that is none is told from a wrong password: the log-in was accepted', async () => {
    const { node, wrong, calls } = prepare({ bearer: false, basic: false })
    const failure = { code: 'micetro_credentials', user: 'entra-sync', refused: 'session' }
    expect(await failureIn(() => node.call(read, 8000))).toEqual(failure)
    expect(await failureIn(() => node.call(read, 8000))).toEqual(failure)
    expect(wrong).toEqual([])
    // Basic was refused a moment ago, so it is not tried by every call.
    expect(calls.filter(({ headers }) => headers?.authorization?.startsWith('Basic'))).toHaveLength(1)
  })
})

describe('A wrong password', () => {
  const releases: [name: string, release: Partial<Release>, refused: string][] = [
    ['with sessions', {}, 'log-in'],
    ['without sessions', { sessions: false, bearer: false }, 'Basic'],
    ['whose sessions are not taken', { bearer: false }, 'log-in'],
  ]
  for (const [name, release, refused] of releases) {
    it(`at a release ${name} is named, and tried once in 30 s however many call`, async () => {
      const { node, wrong, clock } = prepare({ ...release, password: 'another' })
      const failures = await Promise.all(Array.from({ length: 5 }, () => failureIn(() => node.call(read, 8000))))
      for (const failure of failures)
        expect(failure).toEqual({ code: 'micetro_credentials', user: 'entra-sync', refused })
      clock.pass(29_000)
      await failureIn(() => node.call(read, 8000))
      expect(wrong).toHaveLength(1)
      clock.pass(1001)
      await failureIn(() => node.call(read, 8000))
      expect(wrong).toHaveLength(2)
    })

    it(`at a release ${name} that was right before is tried once more at the most`, async () => {
      const { node, wrong, release: now, issued } = prepare(release)
      await node.call(read, 8000)
      now.password = 'another'
      issued.clear()
      for (let call = 0; call < 4; call += 1)
        expect(await failureIn(() => node.call(read, 8000))).toMatchObject({ code: 'micetro_credentials' })
      expect(wrong).toHaveLength(1)
    })
  }

  it('gives way at once to another one in the vault', async () => {
    const { node, vault, wrong } = prepare({ sessions: false, bearer: false })
    vault.value = 'old'
    await failureIn(() => node.call(read, 8000))
    vault.value = 'right'
    expect((await node.call(read, 8000)).status).toBe(200)
    expect(wrong).toHaveLength(1)
  })
})

describe('A call', () => {
  it('with a body says that it is UTF-8: older releases take Latin-1 otherwise', async () => {
    const { node, calls } = prepare()
    await node.call(write, 8000)
    for (const each of calls) expect(each.headers?.['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(calls.at(-1)?.body ?? '')).toEqual(write.body)
  })

  it('without a body names no type: a charset without a body was a fault of older releases', async () => {
    const { node, calls } = prepare({ sessions: false })
    await node.call(read, 8000)
    for (const { headers } of calls.filter(({ method }) => method === 'GET'))
      expect(Object.keys(headers ?? {}).sort()).toEqual(['accept', 'authorization'])
  })

  it('leaves the argument "session" out beside its header', async () => {
    const { node, calls } = prepare()
    await node.call(write, 8000)
    for (const { url, body } of calls) expect(`${url} ${body}`).not.toMatch(/[?&]session=|"session"/)
  })
})
