import { describe, expect, it } from 'vitest'
import { applyPlan } from '../../shared/sync/applyPlan.ts'
import type { Step } from '../../shared/sync/planSync.ts'
import { failureIn } from '../failing.ts'
import { answer } from '../outgoing/answers.ts'
import { memoryMicetro } from './memoryMicetro.ts'
import { account, alice, micetroGroup } from './people.ts'

const dns = micetroGroup(10, 'DNS')
const ipam = micetroGroup(12, 'IPAM')
const write = { saveComment: 'Entra ID sign-in: alice@contoso.com', signal: new AbortController().signal }
const user = { name: alice.name, fullName: alice.fullName, email: alice.email, externalID: alice.externalId }

const create: Step = { do: 'create', user }
const leave: Step = { do: 'leave', group: 'DNS', ref: dns.ref }
const join: Step = { do: 'join', group: 'IPAM', ref: ipam.ref }
const change = (property: 'fullName' | 'email' | 'externalID', to: string): Step => ({
  do: 'change',
  property,
  from: '',
  to,
})

function prepare() {
  const micetro = memoryMicetro([dns, ipam])
  const asked: string[] = []
  const find = async (): Promise<string | undefined> => {
    asked.push('find')
    return 'Users/77'
  }
  const apply = (steps: Step[], ref: string | undefined, look = find) =>
    applyPlan({ steps, notes: [] }, ref, micetro.client, write, look)
  return { micetro, asked, apply }
}

describe('Applying a plan', () => {
  it('creates first, then changes, then leaves, then joins, in whatever order the plan has them', async () => {
    const { micetro, apply } = prepare()
    await apply([join, leave, change('email', 'a@b.test'), create], undefined)
    expect(micetro.writes).toEqual([
      'POST /Users',
      'PUT /Users/Users/100',
      'DELETE /Groups/10/Users/100',
      'PUT /Groups/12/Users/100',
    ])
  })

  it('changes all properties with one call', async () => {
    const { micetro, apply } = prepare()
    micetro.users.push({ ...account(), externalID: '', ref: 'Users/31' })
    await apply([change('fullName', 'A'), change('email', 'a@b.test'), change('externalID', 'x')], 'Users/31')
    expect(micetro.writes).toEqual(['PUT /Users/Users/31'])
    expect(micetro.users).toMatchObject([{ fullName: 'A', email: 'a@b.test', externalID: 'x' }])
  })

  it('makes External accounts without memberships in the body', async () => {
    const { micetro, apply } = prepare()
    await apply([create], undefined)
    expect(micetro.bodies).toEqual([
      { user: { ...user, authenticationType: 'External' }, saveComment: write.saveComment },
    ])
  })

  it('sends a save comment with every change', async () => {
    const { micetro, apply } = prepare()
    await apply([create, change('email', 'a@b.test'), leave, join], undefined)
    expect(micetro.bodies).toHaveLength(4)
    for (const body of micetro.bodies) expect(body).toMatchObject({ saveComment: write.saveComment })
  })

  it('takes all rights away before it gives any', async () => {
    const { micetro, apply } = prepare()
    const many = Array.from({ length: 20 }, (_, index) => micetroGroup(100 + index, `g${index}`))
    for (const { ref } of many) micetro.members.set(ref, new Set())
    const steps = many.map(
      ({ ref, name }, index): Step => ({ do: index % 2 === 0 ? 'join' : 'leave', group: name, ref }),
    )
    await apply(steps, 'Users/31')
    expect(micetro.writes.map((each) => each.split(' ')[0])).toEqual([
      ...Array.from({ length: 10 }, () => 'DELETE'),
      ...Array.from({ length: 10 }, () => 'PUT'),
    ])
  })

  it('gives no right when one cannot be taken away', async () => {
    const { micetro, apply } = prepare()
    micetro.intercept = ({ method }) => (method === 'DELETE' ? answer(403) : undefined)
    expect(await failureIn(() => apply([join, leave], 'Users/31'))).toEqual({
      code: 'micetro_forbidden',
      action: 'change memberships',
    })
    expect(micetro.writes).toEqual(['DELETE /Groups/10/Users/31'])
  })

  it('looks a new account up where the server does not tell its reference', async () => {
    const { micetro, asked, apply } = prepare()
    micetro.intercept = ({ method }, path) => (method === 'POST' && path === '/Users' ? answer(201) : undefined)
    await apply([create, join], undefined)
    expect(asked).toEqual(['find'])
    expect(micetro.writes).toEqual(['POST /Users', 'PUT /Groups/12/Users/77'])
  })

  it('takes the older form of the reference', async () => {
    const { micetro, asked, apply } = prepare()
    micetro.intercept = ({ method }, path) =>
      method === 'POST' && path === '/Users' ? answer(201, { result: { objRefs: ['Users/55'] } }) : undefined
    await apply([create, join], undefined)
    expect(asked).toEqual([])
    expect(micetro.writes).toEqual(['POST /Users', 'PUT /Groups/12/Users/55'])
  })

  it('says so when the new account cannot be found', async () => {
    const { micetro, apply } = prepare()
    micetro.intercept = ({ method }, path) => (method === 'POST' && path === '/Users' ? answer(201) : undefined)
    const failure = await failureIn(() => apply([create, join], undefined, async () => undefined))
    expect(failure).toEqual({ code: 'micetro_malformed', action: 'create users' })
    expect(micetro.writes).toEqual(['POST /Users'])
  })

  it('may be done twice', async () => {
    const { micetro, apply } = prepare()
    await apply([leave, join], 'Users/31')
    await apply([leave, join], 'Users/31')
    expect(micetro.members.get(ipam.ref)).toEqual(new Set(['Users/31']))
  })

  it('begins no further change once one was refused, so that a new plan does not meet the old one', async () => {
    const { micetro, apply } = prepare()
    const many = Array.from({ length: 60 }, (_, index) => micetroGroup(200 + index, `g${index}`))
    for (const { ref } of many.slice(1)) micetro.members.set(ref, new Set())
    const refusal = await failureIn(() =>
      apply(
        many.map(({ name, ref }): Step => ({ do: 'join', group: name, ref })),
        'Users/31',
      ),
    )
    expect(refusal).toMatchObject({ code: 'micetro_rejected', status: 404 })
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate)
    // Those that were under way may end; the rest of the plan is void.
    expect(micetro.writes.length).toBeLessThan(20)
  })
})
