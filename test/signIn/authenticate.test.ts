import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { resolveConfiguration } from '../../shared/configuration/entraConfiguration.ts'
import { createEngine } from '../../shared/engine.ts'
import { AppError } from '../../shared/failure.ts'
import type { Log, LogEntry } from '../../shared/log.ts'
import { NoAnswerError } from '../../shared/outgoing/http.ts'
import { type GraphFindings, logFindings, readGraph } from '../../shared/signIn/authenticate.ts'
import { rulesFor } from '../../shared/sync/rules.ts'
import { customCloud, least, tenantId } from '../configuration/sampleConfiguration.ts'
import { fakeClock } from '../outgoing/fakeClock.ts'
import { listed } from '../sync/people.ts'

const resolved = resolveConfiguration([{ source: 'saved', values: least }], customCloud)
const inForce = { ...resolved, version: 'one', fileCredential: undefined }
const rules = rulesFor(inForce.configuration, tenantId)
const claims = { sub: 'sub-of-alice', tid: tenantId, preferred_username: 'alice@contoso.com' }

/** Graph never answers; a call ends when its signal does. */
function hangingGraph() {
  const engine = createEngine({}, fakeClock())
  let asked = 0
  let ended = 0
  return {
    asked: () => asked,
    ended: () => ended,
    engine: {
      ...engine,
      send: ({ signal }: { signal: AbortSignal }) => {
        asked += 1
        return new Promise<never>((_, reject) => {
          const cancel = () => {
            ended += 1
            reject(new NoAnswerError('cancelled', true))
          }
          if (signal.aborted) cancel()
          signal.addEventListener('abort', cancel)
        })
      },
    },
  }
}

describe('Graph that never answers', () => {
  it('is waited for up to a limit of its own, below that of the request, and the sign-in goes on without it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { engine, asked, ended } = hangingGraph()
    const scope = { correlationId: 'c', signal: new AbortController().signal }
    const reading = readGraph(engine, inForce, { claims, accessToken: 'token', rules }, scope)
    await vi.advanceTimersByTimeAsync(7999)
    expect([asked(), ended()]).toEqual([2, 0])
    await vi.advanceTimersByTimeAsync(1)
    expect(ended()).toBe(2)
    expect(await reading).toMatchObject({
      profile: { failure: { code: 'graph_unreachable' } },
      groups: { kind: 'unknown', because: { code: 'graph_unreachable' } },
    })
  })

  it("is waited for no longer than the request's own budget lasts", async () => {
    const { engine, asked } = hangingGraph()
    const request = new AbortController()
    const scope = { correlationId: 'c', signal: request.signal }
    const reading = readGraph(engine, inForce, { claims, accessToken: 'token', rules }, scope)
    await vi.waitFor(() => expect(asked()).toBe(2))
    request.abort()
    expect(await reading).toMatchObject({ groups: { kind: 'unknown' } })
  })
})

describe('What was found', () => {
  const known = { displayName: null, mail: null }
  type Case = [name: string, findings: Partial<GraphFindings>, events: string[], byId?: boolean]
  const cases: Case[] = [
    ['is not worth a line where all was read', { groups: listed('DNS', 'IPAM') }, []],
    ['is logged where there are doubled names', { groups: listed('DNS', 'dns') }, ['group_names_doubled']],
    ['is not logged for doubled names where ids decide', { groups: listed('DNS', 'dns') }, [], true],
    [
      'is logged where names were not read',
      { groups: { kind: 'listed', groups: [], complete: false } },
      ['group_names_unknown'],
    ],
    [
      'is logged where neither profile nor groups were read',
      {
        profile: new AppError({ code: 'graph_forbidden', permission: 'User.Read' }),
        groups: { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } },
      },
      ['profile_unread', 'groups_unread'],
    ],
  ]
  for (const [name, findings, events, byId = false] of cases) {
    it(name, () => {
      const told: string[] = []
      const keep = ({ event }: LogEntry) => void told.push(event)
      const log: Log = { debug: keep, info: keep, warn: keep, error: keep }
      logFindings(
        { profile: known, groups: { kind: 'none' }, listed: [], ...findings },
        { ...rules, names: !byId },
        log,
      )
      expect(told).toEqual(events)
    })
  }
})
