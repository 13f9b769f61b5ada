import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ReconcileStage, startReconcileStage } from '../reconcile/stage.ts'
import { deleteUser, guidOf } from '../simulators/directory.ts'

let stage: ReconcileStage

beforeAll(async () => {
  stage = await startReconcileStage()
})
afterAll(() => stage.close())

/** `npm run fuzz -- --seed N --cases M` sets them, as for the sync rules. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const numRuns = Math.ceil(Number(process.env.FUZZ_CASES ?? 400) / 4)
beforeAll(() => console.log(`FUZZ_SEED=${seed} FUZZ_CASES=${4 * numRuns}`))

const groupNames = ['DNS Admins', 'NOC', 'IPAM Readers', 'Lunch Club']
const builtIn = 'Administrators (built-in)'

/** One account, and what has become of its person. */
const cases = fc.record({
  groups: fc.subarray([...groupNames, builtIn]),
  kind: fc.constantFrom(
    'External' as const,
    'External' as const,
    'External' as const,
    'Internal' as const,
    'AD' as const,
  ),
  by: fc.constantFrom('id' as const, 'name' as const, 'mail' as const),
  person: fc.constantFrom(
    'there' as const,
    'there' as const,
    'disabled' as const,
    'untold' as const,
    'deleted' as const,
    'guest' as const,
    'nobody' as const,
  ),
  entra: fc.subarray([...groupNames, 'Something else']),
})
const scenes = fc.record({
  accounts: fc.array(cases, { minLength: 1, maxLength: 12 }),
  notFound: fc.constantFrom('report' as const, 'remove' as const),
  brake: fc.constantFrom(1, 10, 100),
  match: fc.constantFrom('name' as const, 'id' as const),
  securityOnly: fc.boolean(),
})

function build(scene: typeof scenes extends fc.Arbitrary<infer Scene> ? Scene : never): void {
  stage.reset()
  const { directory } = stage.world
  stage.configured = {
    groups: {
      match: scene.match,
      security_only: scene.securityOnly,
      map: { [guidOf(`group ${directory.home.id} NOC`)]: 'NOC' },
    },
    between_sign_ins: { mode: 'enforce', not_found: scene.notFound, brake_percent: scene.brake },
  }
  for (const [index, { groups, kind, by, person, entra }] of scene.accounts.entries()) {
    const key = `p${index}`
    const preferredUsername = `${key}@contoso.com`
    const user = stage.person(key, entra, {
      ...(by === 'mail' && { userPrincipalName: `${key}.other@contoso.com`, mail: preferredUsername }),
      ...(person === 'disabled' && { accountEnabled: false }),
      ...(person === 'untold' && { accountEnabled: null }),
      ...(person === 'guest' && {
        guest: true,
        accountEnabled: false,
        userPrincipalName: `${key}_x#EXT#@contoso.com`,
        mail: preferredUsername,
      }),
    })
    if (person === 'deleted') deleteUser(directory, key)
    if (person === 'nobody') directory.users = directory.users.filter((one) => one !== user)
    const description = by === 'id' ? {} : { description: 'made by hand' }
    stage.account({ oid: user.oid, preferredUsername }, groups, { authenticationType: kind, ...description })
  }
}

const memberships = (): Map<string, string[]> =>
  new Map(
    [...stage.world.micetro.store.users.values()].map(({ name }) => [
      name,
      stage.world.micetro.store.memberships(name),
    ]),
  )
const clean = (): void => {
  const { store } = stage.world.micetro
  for (const { name } of [...store.users.values()]) if (/^p\d+@/.test(name)) store.removeUser(name)
}

test('whatever the accounts are: a run only removes, exactly what a report says, nothing built-in, nothing of accounts that are not External, nothing for unclear', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      build(scene)
      try {
        const before = memberships()
        const report = await stage.run('report')
        expect(memberships()).toEqual(before)
        const enforced = await stage.run('enforce')
        const after = memberships()
        expect(enforced).toEqual({ ...report, mode: 'enforce' })
        const written = enforced.outcome === 'done'
        for (const [name, groups] of before) {
          const said = report.accounts.find((account) => account.name === name)
          const gone = groups.filter((group) => !after.get(name)?.includes(group))
          expect(after.get(name)).toEqual(groups.filter((group) => !gone.includes(group)))
          expect(gone).toEqual(written ? [...(said?.removals ?? [])].sort() : [])
          expect(gone.filter((group) => group.endsWith('(built-in)'))).toEqual([])
          if (said?.verdict === 'unclear') expect(said.removals).toEqual([])
          if (stage.world.micetro.store.user(name)?.authenticationType !== 'External') expect(said).toBeUndefined()
          if (said !== undefined) seen.add(said.verdict)
        }
        expect([...after.keys()]).toEqual([...before.keys()])
        expect(stage.world.micetro.store.audit.filter(({ method }) => method !== 'DELETE')).toEqual([])
        seen.add(enforced.outcome)
        // Another run finds nothing more to do.
        if (written) expect((await stage.run('enforce')).accounts.flatMap(({ removals }) => removals)).toEqual([])
      } finally {
        clean()
      }
    }),
    { numRuns: 120, seed: 20261126 },
  )
  // The scenes are no easy ones.
  expect([...seen].sort()).toEqual([
    'active',
    'deleted',
    'disabled',
    'done',
    'failed',
    'not_found',
    'stopped',
    'unclear',
  ])
})
