import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { groupNames, noGroupCounts } from '../../shared/central/groupNames.ts'
import { AppError } from '../../shared/failure.ts'
import type { EntraGroup } from '../../shared/graph/graphCalls.ts'
import type { MicetroGroup, MicetroUser } from '../../shared/micetro/types.ts'
import { effectiveGroups, type GroupAnswer } from '../../shared/sync/groupRules.ts'
import { type GroupsClaim, readGroupsClaim } from '../../shared/sync/groupsClaim.ts'
import { type Plan, planSync, type SyncFacts } from '../../shared/sync/planSync.ts'
import { resolveAccount, resolveByName } from '../../shared/sync/resolveAccount.ts'
import type { SyncRules } from '../../shared/sync/rules.ts'
import { alice, idOf, micetroGroup } from '../sync/people.ts'

// Few names in many spellings, so that they meet: case, blanks, Unicode forms, lookalikes, domains, ids, built-in groups.
const name = fc.constantFrom(
  ...['DNS', 'dns', ' DNS ', 'Größe', 'Gro\u0308ße', 'GRÖSSE', 'network', 'networ\u212a', 'CORP\\Ops', 'corp\\ops'],
  ...['corp.test\\Ops', 'Ops', 'All users', 'Administrators (built-in)', idOf(1), idOf(2).toUpperCase(), '', '\\'],
)
const id = fc.integer({ min: 1, max: 6 }).map(idOf)
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

const entraGroup: fc.Arbitrary<EntraGroup> = fc.record({
  id,
  displayName: fc.option(name, { nil: null, freq: 8 }),
  securityEnabled: orNull(fc.boolean()),
  onPremisesNetBiosName: orNull(fc.constantFrom('CORP', 'OTHER')),
  onPremisesDomainName: orNull(fc.constantFrom('corp.test', 'other.test')),
  onPremisesSamAccountName: orNull(fc.constantFrom('Ops', 'DNS')),
})
const directory = fc.uniqueArray(entraGroup, { selector: (group) => group.id, maxLength: 6 })
const failed = fc.constant(new AppError({ code: 'graph_throttled', status: 429 }))
const read = fc.oneof({ arbitrary: directory, weight: 6 }, failed)

const value = fc.oneof(id, name)
const claim: fc.Arbitrary<GroupsClaim> = fc
  .record(
    {
      groups: fc.array(value, { maxLength: 5 }),
      roles: fc.array(value, { maxLength: 3 }),
      _claim_names: fc.constant({ groups: 'src1' }),
    },
    { requiredKeys: [] },
  )
  .map(readGroupsClaim)

const micetroGroups: fc.Arbitrary<MicetroGroup[]> = fc
  .array(fc.tuple(name, fc.boolean(), fc.option(id, { nil: undefined, freq: 3 })), { maxLength: 8 })
  .map((all) =>
    all.map(([groupName, flag, externalId], index) =>
      micetroGroup(index, groupName, { externalId, builtIn: flag || /built-in|All users/.test(groupName) }),
    ),
  )

const rules: fc.Arbitrary<SyncRules> = fc.record({
  home: fc.boolean(),
  matchByName: fc.boolean(),
  securityOnly: fc.boolean(),
  names: fc.boolean(),
  claimRequired: fc.boolean(),
  required: fc.constant(false),
  map: fc.array(fc.tuple(id, name), { maxLength: 3 }).map((entries) => new Map(entries)),
})

interface World {
  claim: GroupsClaim
  read: readonly EntraGroup[] | Error
  micetroGroups: MicetroGroup[]
  rules: SyncRules
  member: boolean[]
}
const world: fc.Arbitrary<World> = fc.record({
  claim,
  read,
  micetroGroups,
  rules,
  member: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
})

const account: MicetroUser = {
  ref: 'Users/1',
  name: alice.name,
  fullName: alice.fullName,
  email: alice.email,
  authenticationType: 'External',
  externalID: alice.externalId,
}

const factsOf = ({ micetroGroups: groups, rules: rulesOf, member }: World, answer: GroupAnswer): SyncFacts => ({
  identity: alice,
  groups: answer,
  account,
  memberOf: new Set(groups.filter((_, index) => member[index]).map(({ ref }) => ref)),
  micetroGroups: groups,
  rules: rulesOf,
  offersExternalId: true,
})

const answerOf = (of: World): GroupAnswer => effectiveGroups(of.claim, of.read, of.rules)
const planOf = (of: World): Plan => planSync(factsOf(of, answerOf(of)))

/** Memberships after the plan. */
function applied({ steps }: Plan, before: ReadonlySet<string>): Set<string> {
  const after = new Set(before)
  for (const step of steps) {
    if (step.do === 'leave') after.delete(step.ref)
    if (step.do === 'join') after.add(step.ref)
  }
  return after
}

const changes = ({ steps }: Plan): string[] =>
  steps.map((step) => ('ref' in step ? `${step.do} ${step.ref}` : step.do)).sort()

/** `npm run fuzz -- --seed N --cases M` sets them; a seed that showed a fault shows it again. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const numRuns = Number(process.env.FUZZ_CASES ?? 400)
beforeAll(() => console.log(`FUZZ_SEED=${seed} FUZZ_CASES=${numRuns}`))

function holds<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  const run = (value: T): void => {
    property(value)
  }
  fc.assert(fc.property(arbitrary, run), { seed, numRuns })
}

describe('Whatever the directory, the claim, the map and the memberships are, a plan', () => {
  it('touches no built-in group', () =>
    holds(world, (of) => {
      const builtIn = new Set(of.micetroGroups.filter((group) => group.builtIn).map(({ ref }) => ref))
      for (const step of planOf(of).steps) if ('ref' in step) expect(builtIn).not.toContain(step.ref)
    }))

  it('joins no group that the account is in, and leaves none that it is not in', () =>
    holds(world, (of) => {
      const { memberOf } = factsOf(of, { kind: 'none' })
      for (const step of planOf(of).steps) {
        if (step.do === 'join') expect(memberOf).not.toContain(step.ref)
        if (step.do === 'leave') expect(memberOf).toContain(step.ref)
      }
    }))

  it('is done once: the plan of its own result is empty, and applying it twice is applying it once', () =>
    holds(world, (of) => {
      const facts = factsOf(of, answerOf(of))
      const plan = planSync(facts)
      const memberOf = applied(plan, facts.memberOf)
      expect(planSync({ ...facts, memberOf }).steps).toEqual([])
      expect(applied(plan, memberOf)).toEqual(memberOf)
    }))

  it('does not depend on the order in which anything comes', () =>
    holds(world, (of) => {
      const { claim: said, read: listed } = of
      const turned: World = {
        ...of,
        read: listed instanceof Error ? listed : [...listed].reverse(),
        claim:
          said.kind !== 'given'
            ? said
            : { ...said, ids: new Set([...said.ids].reverse()), names: [...said.names].reverse() },
        micetroGroups: [...of.micetroGroups].reverse(),
        member: of.micetroGroups.map((_, index) => of.member[index] ?? false).reverse(),
        rules: { ...of.rules, map: new Map([...of.rules.map].reverse()) },
      }
      expect(changes(planOf(turned))).toEqual(changes(planOf(of)))
    }))

  it('takes nothing away after a read that failed, unless the token itself says that nothing counts', () =>
    holds(fc.tuple(world, failed), ([of, error]) => {
      const missing = of.claim.kind === 'absent' || of.claim.kind === 'empty'
      const plan = planOf({ ...of, read: error })
      if (!(missing && of.rules.claimRequired)) expect(plan.steps).toEqual([])
    }))

  it('takes nothing away where names decide and one of those that matter was not read', () =>
    holds(fc.tuple(world, entraGroup), ([of, group]) => {
      if (of.read instanceof Error || of.claim.kind !== 'absent' || of.rules.claimRequired || !of.rules.names) return
      const unread = [...of.read.filter((each) => each.id !== group.id), { ...group, displayName: null }]
      expect(changes(planOf({ ...of, read: unread })).filter((step) => step.startsWith('leave'))).toEqual([])
    }))

  it('takes nothing away where Entra ID gave no groups', () =>
    holds(world, (of) => {
      if (of.claim.kind === 'absent' && !of.rules.claimRequired) expect(planOf({ ...of, read: [] }).steps).toEqual([])
    }))

  it('gives by ids alone where names do not count: renaming everything changes nothing', () =>
    holds(fc.tuple(world, name, name), ([of, other, third]) => {
      if (of.read instanceof Error || (of.claim.kind === 'given' && of.claim.names.length > 0)) return
      const byId: World = { ...of, rules: { ...of.rules, names: false, securityOnly: false } }
      const renamed = of.read.map((group) => ({
        ...group,
        // An id is an id as long as no group is called like it.
        displayName: /^a{8}/i.test(other) ? 'x' : other,
        onPremisesSamAccountName: /^a{8}/i.test(third) ? 'y' : third,
      }))
      const plain = of.read.map((group) => ({ ...group, displayName: 'x', onPremisesSamAccountName: null }))
      expect(changes(planOf({ ...byId, read: renamed }))).toEqual(changes(planOf({ ...byId, read: plain })))
    }))

  it('lets a name reach no group that an id reaches', () =>
    holds(world, (of) => {
      const spelled = new Set(of.rules.map.values())
      const reserved = of.micetroGroups.filter((group) => spelled.has(group.name) || group.externalId !== undefined)
      const refs = new Set(reserved.map(({ ref }) => ref))
      for (const step of planOf(of).steps)
        if (step.do === 'join' && refs.has(step.ref)) expect(step.because?.by).toBe('id')
    }))
})

describe('Whatever a claim says', () => {
  it('it never widens: who is limited to some groups gets nothing that all of them would not give', () =>
    holds(world, (of) => {
      const ids = of.claim.kind === 'given' && of.claim.names.length === 0 && of.claim.from === 'groups'
      if (of.read instanceof Error || !ids || of.read.length === 0) return
      const listed = new Set(of.read.map((group) => group.id))
      // An id that Graph does not list is more than Graph's list.
      if (of.claim.kind === 'given' && [...of.claim.ids].some((each) => !listed.has(each))) return
      const joins = (plan: Plan) => changes(plan).filter((step) => step.startsWith('join'))
      const none = { ...of, member: of.member.map(() => false) }
      const all = joins(planOf({ ...none, claim: { kind: 'overage' } }))
      for (const step of joins(planOf(none))) expect(all).toContain(step)
    }))

  it('a name in the form of an id hits neither the map nor an External ID', () =>
    holds(fc.tuple(world, fc.array(id, { minLength: 1 })), ([of, values]) => {
      if (of.read instanceof Error) return
      const others = new Set(of.read.map((group) => group.id))
      const alike = readGroupsClaim({ groups: ['a name', ...values.filter((each) => !others.has(each))] })
      const byId: World = { ...of, claim: alike, rules: { ...of.rules, names: false } }
      const given = new Set(of.read.flatMap((group) => [group.displayName?.toLowerCase() ?? '']))
      if (values.some((each) => given.has(each))) return
      expect(changes(planOf(byId)).filter((step) => step.startsWith('join'))).toEqual([])
    }))
})

describe('Whatever accounts Micetro has', () => {
  const user: fc.Arbitrary<MicetroUser> = fc.record({
    ref: fc.integer({ min: 1, max: 9 }).map((number) => `Users/${number}`),
    name: fc.constantFrom('kim@corp.test', 'KIM@corp.test', '\u212aim@corp.test', 'kim@corp.test ', 'other'),
    fullName: fc.constant(''),
    email: fc.constant(''),
    authenticationType: fc.constantFrom('External', 'External', 'Internal', 'AD', 'external', ''),
    externalID: fc.constantFrom('sub-of-kim', 'sub-of-other', '', null, undefined),
  })
  const kim = { name: 'kim@corp.test', externalId: 'sub-of-kim' }
  const found = fc.record({
    named: fc.array(user),
    byId: fc.array(user),
    home: fc.boolean(),
    matchByName: fc.boolean(),
  })
  /** The account, or undefined where there is none or the sign-in is refused. */
  const resolved = ({
    named,
    byId,
    home,
    matchByName,
  }: {
    named: MicetroUser[]
    byId: MicetroUser[]
    home: boolean
    matchByName: boolean
  }) => {
    try {
      return resolveAccount(kim, resolveByName(kim, named), byId, { home, matchByName: matchByName && home })
    } catch (error) {
      if (error instanceof AppError) return undefined
      throw error
    }
  }

  it('nobody gets one that is not External', () =>
    holds(found, (of) => expect(resolved(of)?.authenticationType ?? 'External').toBe('External')))

  it('nobody of another tenant gets one without their external id', () =>
    holds(found, (of) => expect(resolved({ ...of, home: false })?.externalID ?? kim.externalId).toBe(kim.externalId)))

  it('nobody gets another person’s, outside a change-over', () =>
    holds(found, (of) => expect(resolved({ ...of, matchByName: false })?.externalID ?? '').not.toBe('sub-of-other')))

  it('a lookalike of the name is nobody', () =>
    holds(found, (of) => {
      const account = resolved(of)
      if (account?.externalID !== kim.externalId)
        expect(account?.name.trim().toLowerCase().startsWith('k\u212a') ?? false).toBe(false)
      if (account !== undefined && account.externalID !== kim.externalId) expect(account.name).not.toContain('\u212a')
    }))
})

describe('Whatever Central is told', () => {
  const central = (of: World): string[] => groupNames(answerOf(of), of.claim, of.rules)

  it('it is told nothing, and leaves the memberships, where a sign-in here leaves them for want of an answer', () =>
    holds(world, (of) => {
      const answer = answerOf(of)
      if (answer.kind !== 'listed') expect(central(of)).toEqual([])
    }))

  it('it is told something where all is known, so that nothing stays that a sign-in here would end', () =>
    holds(world, (of) => {
      const answer = answerOf(of)
      if (answer.kind === 'listed' && answer.complete) expect(central(of)).not.toEqual([])
    }))

  it('it is told no name that reaches what an id alone may reach, and no built-in group', () =>
    holds(world, (of) => {
      const given = answerOf(of)
      const ids = given.kind === 'listed' ? given.groups.map((group) => group.id) : []
      const mapped = new Set(ids.flatMap((each) => (each === undefined ? [] : (of.rules.map.get(each) ?? []))))
      const reserved = new Set([...of.rules.map.values()].map((each) => each.trim().toLowerCase()))
      for (const told of central(of)) {
        if (!mapped.has(told)) expect(reserved).not.toContain(told.trim().toLowerCase())
        expect(told).not.toMatch(/\(built-in\)$|^All users$/)
        if (!of.rules.names && told !== noGroupCounts) expect(mapped).toContain(told)
      }
    }))
})
