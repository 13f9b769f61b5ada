import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/failure.ts'
import type { MicetroGroup, MicetroUser } from '../../shared/micetro/types.ts'
import type { GroupAnswer } from '../../shared/sync/groupRules.ts'
import { type Identity, readIdentity } from '../../shared/sync/identity.ts'
import { type Plan, planSync, type SyncFacts } from '../../shared/sync/planSync.ts'
import { failureIn } from '../failing.ts'
import { account, administrators, alice, allUsers, given, idOf, listed, micetroGroup, usualRules } from './people.ts'

const dns = micetroGroup(10, 'DNS')
const ipam = micetroGroup(12, 'IPAM')
const directory = micetroGroup(13, 'CONTOSO\\MM-ReadOnly')
const groups = [allUsers, administrators, dns, ipam, directory]

function factsWith(changes: Partial<SyncFacts>): SyncFacts {
  return {
    identity: alice,
    groups: { kind: 'none' },
    account: account(),
    memberOf: new Set(),
    micetroGroups: groups,
    rules: usualRules,
    offersExternalId: true,
    ...changes,
  }
}

const refs = (...members: MicetroGroup[]): ReadonlySet<string> => new Set(members.map(({ ref }) => ref))

/** The steps in a form that is read at a glance. */
function told({ steps }: Plan): string[] {
  return steps.map((step) => {
    if (step.do === 'create') return `create ${step.user.name}`
    return step.do === 'change'
      ? `change ${step.property} from "${step.from}" to "${step.to}"`
      : `${step.do} ${step.group}`
  })
}

describe('Memberships', () => {
  const nameless: GroupAnswer = { kind: 'listed', groups: given(idOf(1)), complete: false }
  const failed: GroupAnswer = { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } }

  type Case = [name: string, answer: GroupAnswer, has: MicetroGroup[], steps: string[], micetroGroups?: MicetroGroup[]]
  const cases: Case[] = [
    ['are joined where Entra ID lists the group', listed('DNS'), [], ['join DNS']],
    [
      'are joined in internal and in AD-integrated groups',
      {
        kind: 'listed',
        complete: true,
        groups: [{ id: idOf(1), names: ['Readers', 'CONTOSO\\MM-ReadOnly'], domainNames: ['CONTOSO\\MM-ReadOnly'] }],
      },
      [],
      ['join CONTOSO\\MM-ReadOnly'],
    ],
    ['are left where Entra ID no longer lists the group', listed('IPAM'), [dns, ipam], ['leave DNS']],
    ['are left in AD-integrated groups too', listed('IPAM'), [directory, ipam], ['leave CONTOSO\\MM-ReadOnly']],
    [
      'are left before others are joined: rights are taken before they are given',
      listed('IPAM'),
      [dns],
      ['leave DNS', 'join IPAM'],
    ],
    [
      'are all left where Entra ID lists other groups only',
      listed('Something else'),
      [dns, ipam],
      ['leave DNS', 'leave IPAM'],
    ],
    ['stay where Entra ID lists the group', listed('DNS'), [dns], []],
    ['stay where Entra ID gives no groups', { kind: 'none' }, [dns, ipam], []],
    ['are all left where Entra ID gave groups and none counts', listed(), [dns, ipam], ['leave DNS', 'leave IPAM']],
    ['stay where Graph failed', failed, [dns, ipam], []],
    ['in All users stay, whatever Entra ID lists', listed('DNS'), [allUsers, dns], []],
    ['in any built-in group stay', listed('DNS'), [allUsers, administrators, dns], []],
    ['in built-in groups are never given', listed('All users (built-in)', 'Administrators (built-in)'), [], []],
    ['are not left while names are not known', nameless, [dns], []],
    [
      'are joined by id while names are not known',
      nameless,
      [dns],
      [`join ${idOf(1)}`],
      [...groups, micetroGroup(20, idOf(1))],
    ],
    ['stay where only case tells two groups apart', listed('Dns'), [dns], [], [...groups, micetroGroup(11, 'dns')]],
    ['stay in groups that Micetro does not list', listed('DNS'), [dns, micetroGroup(99, 'hidden')], []],
  ]
  for (const [name, answer, has, steps, micetroGroups = groups] of cases) {
    it(name, () => {
      const plan = planSync(factsWith({ groups: answer, memberOf: refs(...has), micetroGroups }))
      expect(told(plan)).toEqual(steps)
    })
  }

  it('of a mapped group are left where the mapped Entra group is not listed', () => {
    const map = new Map([[idOf(9), 'DNS']])
    const plan = planSync(factsWith({ groups: listed('DNS'), memberOf: refs(dns), rules: { ...usualRules, map } }))
    expect(told(plan)).toEqual(['leave DNS'])
  })

  const notes: [name: string, answer: GroupAnswer, note: RegExp][] = [
    ['that no groups were given', { kind: 'none' }, /lists no groups.*stay/],
    ['why the groups are not known', failed, /graph_throttled.*stay/],
    ['that names are not known', nameless, /GroupMember\.Read\.All.*no membership is removed/],
    ['that no group counts', listed(), /None of the groups.*counts/],
    ['how many groups fit nothing', listed('x', 'y'), /^(?=.*\b2\b).*fit no Micetro group/],
  ]
  for (const [name, answer, note] of notes) {
    it(`note ${name}`, () =>
      expect(planSync(factsWith({ groups: answer })).notes).toContainEqual(expect.stringMatching(note)))
  }

  it('note that names are ambiguous', () => {
    const micetroGroups = [...groups, micetroGroup(11, 'dns')]
    expect(planSync(factsWith({ groups: listed('Dns'), micetroGroups })).notes).toContainEqual(
      expect.stringMatching(/^(?=.*\b2\b).*nothing but case/),
    )
  })
})

describe('A first sign-in', () => {
  const first = (changes: Partial<SyncFacts> = {}) => planSync(factsWith({ account: undefined, ...changes }))

  it('creates the account with name, full name, mail address and external id', () => {
    expect(first().steps).toEqual([
      {
        do: 'create',
        user: {
          name: 'alice@contoso.com',
          fullName: 'Alice Adams',
          email: 'alice.adams@contoso.com',
          externalID: 'sub-of-alice',
        },
      },
    ])
  })

  it('sends no external id where the server does not offer it', () => {
    expect(first({ offersExternalId: false }).steps).toEqual([
      { do: 'create', user: expect.objectContaining({ externalID: undefined }) },
    ])
  })

  it('joins groups after the account is there', () => {
    expect(told(first({ groups: listed('IPAM', 'DNS') }))).toEqual([
      'create alice@contoso.com',
      'join DNS',
      'join IPAM',
    ])
  })

  for (const [name, answer] of [
    ['Entra ID gives no groups', { kind: 'none' }],
    ['Graph failed', { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } }],
  ] as const) {
    it(`goes on where ${name}`, () => expect(told(first({ groups: answer }))).toEqual(['create alice@contoso.com']))
  }
})

describe('A first sign-in where a group is required', () => {
  const required =
    (groups: GroupAnswer, changes: Partial<SyncFacts> = {}) =>
    () =>
      planSync(factsWith({ account: undefined, groups, rules: { ...usualRules, required: true }, ...changes }))
  const throttled: GroupAnswer = { kind: 'unknown', because: { code: 'graph_throttled', status: 429 } }
  const noGroup: Failure = { code: 'no_group', name: alice.name }

  const refused: [name: string, groups: GroupAnswer, failure: Failure][] = [
    ['in no Micetro group', listed('Something else'), noGroup],
    ['in built-in groups alone', listed('All users (built-in)'), noGroup],
    ['with no groups at all', { kind: 'none' }, noGroup],
    ['with groups none of which counts', listed(), noGroup],
    ['whose groups could not be read', throttled, { code: 'groups_unread', because: 'graph_throttled' }],
    [
      'whose groups came without names',
      { ...listed(idOf(1)), complete: false } as GroupAnswer,
      { code: 'groups_unread', because: 'graph_forbidden' },
    ],
  ]
  for (const [name, groups, failure] of refused) {
    it(`makes no account for somebody ${name}`, async () => expect(await failureIn(required(groups))).toEqual(failure))

    it(`goes on for somebody ${name} who has an account`, () => {
      expect(() => required(groups, { account: account() })()).not.toThrow()
    })
  }

  it('makes the account for somebody in one of them', () => {
    expect(told(required(listed('DNS', 'x'))())).toEqual(['create alice@contoso.com', 'join DNS'])
  })
})

describe('An account that can do nothing', () => {
  const role = { ref: 'Roles/1' }
  const cases: [name: string, powerless: boolean, facts: Partial<SyncFacts>][] = [
    ['is a new one without a group', true, { account: undefined }],
    [
      'is one without a role and in All users only',
      true,
      { account: account({ roles: [] }), memberOf: refs(allUsers) },
    ],
    [
      'is one that leaves its last group',
      true,
      { account: account({ roles: [] }), memberOf: refs(allUsers, dns), groups: listed('x') },
    ],
    ['is not one that joins a group', false, { account: undefined, groups: listed('DNS') }],
    ['is not one with a role', false, { account: account({ roles: [role] }) }],
    ['is not one in a group', false, { account: account({ roles: [] }), memberOf: refs(dns) }],
    [
      'is not one in another built-in group',
      false,
      { account: account({ roles: [] }), memberOf: refs(administrators) },
    ],
    ['is not told of where Micetro does not tell the roles', false, { account: account() }],
  ]
  for (const [name, powerless, facts] of cases) {
    it(name, () => {
      const plan = planSync(factsWith(facts))
      expect(plan.powerless ?? false).toBe(powerless)
      expect(plan.notes.some((note) => note.includes('no role and no group'))).toBe(powerless)
    })
  }
})

describe('A later sign-in', () => {
  type Case = [name: string, has: Partial<MicetroUser>, is: Partial<Identity>, steps: string[], offers?: boolean]
  const cases: Case[] = [
    ['changes nothing where nothing has changed', {}, {}, []],
    ['updates the full name', { fullName: 'Alice Old' }, {}, ['change fullName from "Alice Old" to "Alice Adams"']],
    [
      'updates the mail address',
      { email: 'old@contoso.com' },
      {},
      ['change email from "old@contoso.com" to "alice.adams@contoso.com"'],
    ],
    [
      'updates both',
      { fullName: 'A', email: 'a@b.c' },
      {},
      ['change fullName from "A" to "Alice Adams"', 'change email from "a@b.c" to "alice.adams@contoso.com"'],
    ],
    [
      'updates a change of case',
      { fullName: 'ALICE ADAMS' },
      {},
      ['change fullName from "ALICE ADAMS" to "Alice Adams"'],
    ],
    ['keeps the mail address where Graph could not be read', { email: 'old@contoso.com' }, { emailKnown: false }, []],
    ['keeps the mail address where Entra ID has none', { email: 'old@contoso.com' }, { email: '' }, []],
    ['fills in an empty external id', { externalID: '' }, {}, ['change externalID from "" to "sub-of-alice"']],
    ['fills in an external id that is null', { externalID: null }, {}, ['change externalID from "" to "sub-of-alice"']],
    ['fills in an unknown external id', { externalID: undefined }, {}, ['change externalID from "" to "sub-of-alice"']],
    [
      'replaces an external id after names decided',
      { externalID: 'old-sub' },
      {},
      ['change externalID from "old-sub" to "sub-of-alice"'],
    ],
    ['does not write an external id where the server does not offer it', { externalID: undefined }, {}, [], false],
    ['does not change the name, which Micetro cannot change', { name: 'alice@old.test' }, {}, []],
  ]
  for (const [name, has, is, steps, offersExternalId = true] of cases) {
    it(name, () => {
      const plan = planSync(factsWith({ account: account(has), identity: { ...alice, ...is }, offersExternalId }))
      expect(told(plan)).toEqual(steps)
    })
  }

  it('keeps the full name where neither the token nor Graph tells it: the login name is only a guess', () => {
    const claims = {
      sub: alice.externalId,
      preferred_username: alice.name,
      tid: '11111111-1111-4111-8111-111111111111',
    }
    const identity = readIdentity(claims, undefined)
    expect(told(planSync(factsWith({ identity })))).toEqual([])
  })

  it('is planned from its arguments alone, which it leaves as they are', () => {
    const facts = Object.freeze(factsWith({ groups: listed('DNS'), memberOf: refs(ipam) }))
    expect(planSync(facts)).toEqual(planSync(facts))
    expect(facts.memberOf).toEqual(refs(ipam))
  })
})
