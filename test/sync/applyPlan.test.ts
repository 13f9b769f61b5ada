import { describe, expect, it } from 'vitest'
import { applyPlan } from '../../shared/sync/applyPlan.ts'
import type { Step } from '../../shared/sync/planSync.ts'
import { failureIn } from '../failing.ts'
import { answer, pageOfProxy } from '../outgoing/answers.ts'
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
  const taken: Step[] = []
  const find = async (): Promise<string | undefined> => {
    asked.push('find')
    return 'Users/77'
  }
  const apply = (steps: Step[], ref: string | undefined, look = find) =>
    applyPlan({ steps, notes: [] }, ref, micetro, write, look, (step) => taken.push(step))
  return { micetro, asked, taken, apply }
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

  describe('whose membership is refused makes the others', () => {
    const many = Array.from({ length: 21 }, (_, index) => micetroGroup(100 + index, `g${index}`))
    const cases: [kind: 'join' | 'leave', status: number, code: string][] = [
      ['join', 400, 'micetro_rejected'],
      ['join', 403, 'micetro_forbidden'],
      ['leave', 400, 'micetro_rejected'],
      ['leave', 403, 'micetro_forbidden'],
    ]
    for (const [kind, status, code] of cases) {
      it(`(${kind}, ${status})`, async () => {
        const { micetro, apply } = prepare()
        micetro.users.push({ ...account(), externalID: '', ref: 'Users/31' })
        for (const { ref } of many) micetro.members.set(ref, new Set(kind === 'leave' ? ['Users/31'] : []))
        micetro.intercept = (_, path) => (path.startsWith('/Groups/107/') ? answer(status) : undefined)
        const steps = many.map(({ name, ref }): Step => ({ do: kind, group: name, ref }))
        const { refused, accepted } = await apply([...steps, change('email', 'a@b.test')], 'Users/31')
        expect(refused).toMatchObject([{ group: 'g7', ref: 'Groups/107', action: kind, failure: { code } }])
        expect(accepted).toBe(true)
        expect(micetro.writes).toHaveLength(22)
        expect([...micetro.members].filter(([, members]) => members.has('Users/31'))).toHaveLength(
          kind === 'join' ? 20 : 1,
        )
      })
    }
  })

  it('of which nothing is accepted says so: the API account may lack the permission', async () => {
    const { micetro, apply } = prepare()
    micetro.intercept = () => answer(403)
    const { refused, accepted } = await apply([join, leave], 'Users/31')
    expect(refused.map(({ group }) => group)).toEqual(['DNS', 'IPAM'])
    expect(accepted).toBe(false)
  })

  it('remembers what was refused until it is accepted', async () => {
    const { micetro, apply } = prepare()
    micetro.intercept = () => answer(403)
    await apply([join, leave], 'Users/31')
    expect(micetro.refusals.get(ipam.ref)).toMatchObject({ group: 'IPAM', action: 'join' })
    micetro.intercept = () => undefined
    await apply([join], 'Users/31')
    expect([...micetro.refusals.keys()]).toEqual([dns.ref])
  })

  const errors: [what: string, step: Step, method: string][] = [
    ['creation', create, 'POST'],
    ['property', change('email', 'a@b.test'), 'PUT'],
  ]
  for (const [what, step, refusing] of errors) {
    it(`whose ${what} is refused is an error, and changes no membership`, async () => {
      const { micetro, apply } = prepare()
      micetro.intercept = ({ method }, path) =>
        method === refusing && path.startsWith('/Users') ? answer(403) : undefined
      const failure = await failureIn(() => apply([step, join, leave], step === create ? undefined : 'Users/31'))
      expect(failure?.code).toBe('micetro_forbidden')
      expect(micetro.writes.filter((each) => each.includes('Groups'))).toEqual([])
    })
  }

  it('names the login provider of a new account where Micetro has the property', async () => {
    const { micetro, apply } = prepare()
    micetro.intercept = (_, path) => {
      const properties = { authenticationType: {}, authenticator: {} }
      return path === '/swagger.json' ? answer(200, { definitions: { User: { properties } } }) : undefined
    }
    await apply([create], undefined)
    expect(micetro.bodies).toMatchObject([{ user: { ...user, authenticator: 'Microsoft' } }])
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

  it('begins no further change once Micetro does not answer', async () => {
    const { micetro, apply } = prepare()
    const many = Array.from({ length: 60 }, (_, index) => micetroGroup(200 + index, `g${index}`))
    micetro.intercept = () => pageOfProxy(200)
    const steps = many.map(({ name, ref }): Step => ({ do: 'join', group: name, ref }))
    expect(await failureIn(() => apply(steps, 'Users/31'))).toMatchObject({ code: 'micetro_malformed' })
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate)
    // Those that were under way may end; the rest of the plan is void.
    expect(micetro.writes.length).toBeLessThan(20)
  })

  it('tells each step as soon as it is taken, and none that Micetro refused or never got', async () => {
    const { micetro, taken, apply } = prepare()
    micetro.intercept = ({ method }, path) =>
      method === 'PUT' && path.startsWith('/Groups/') ? answer(403, { error: { message: 'Read-only.' } }) : undefined
    await apply([create, change('email', 'a@b.test'), leave, join], undefined)
    expect(taken.map((step) => step.do)).toEqual(['create', 'change', 'leave'])
  })

  it('has told what was taken when a later step fails', async () => {
    const { micetro, taken, apply } = prepare()
    micetro.intercept = ({ method }, path) =>
      method === 'PUT' && path.startsWith('/Users/') ? answer(400, { error: { message: 'No.' } }) : undefined
    await failureIn(() => apply([create, change('email', 'a@b.test'), join], undefined))
    expect(taken.map((step) => step.do)).toEqual(['create'])
  })
})
