import type { Mutant } from './table.ts'

const person = 'shared/reconcile/judgePerson.ts'
const groups = 'shared/reconcile/judgeGroups.ts'
const accounts = 'shared/reconcile/judgeAccounts.ts'
const run = 'shared/reconcile/reconcile.ts'
const contract = 'test/reconcile/reconcile.test.ts'
const lies = 'test/reconcile/judgeAccounts.test.ts'

/** What a run between sign-ins must not take. */
export const reconcileMutants: readonly Mutant[] = [
  {
    fault: 'a guest that was found by mail alone is judged',
    file: person,
    from: 'if (!isNamed(name, found) && !isMember(found)) return guestByMail',
    to: 'if (found === undefined) return guestByMail',
    test: [contract, 'a guest found by mail alone: unclear'],
  },
  {
    fault: 'a living person takes the account of a deleted one of the same name',
    file: person,
    from: 'return gone.length > 0 ?',
    to: 'return gone.length > 99 ?',
    test: [contract, 'a name that a living and a deleted person share: unclear'],
  },
  {
    fault: 'whoever is not in the home tenant is not found',
    file: person,
    from: "  if (deleted.has(id)) return { verdict: 'deleted' }\n  return severalTenants ?",
    to: "  if (deleted.has(id)) return { verdict: 'deleted' }\n  return severalTenants && id === '' ?",
    test: [contract, 'with several tenants is unclear for whoever is not in the home tenant'],
  },
  {
    fault: "Graph's own count of groups does not matter",
    file: groups,
    from: 'if (leaves.length > 0 && reading.count !== listed)',
    to: 'if (leaves.length > 9999 && reading.count !== listed)',
    test: [lies, 'a list cut short at its end, with 200'],
  },
  {
    fault: 'nothing is asked twice',
    file: accounts,
    from: 'if (against !== undefined) setUnclear(draft, against)',
    to: 'if (against === "") setUnclear(draft, against)',
    test: [lies, 'accountEnabled false'],
  },
  {
    fault: 'not found counts though nobody is found',
    file: run,
    from: 'if (!someoneIsThere)',
    to: 'if (!someoneIsThere && judged.length > 99)',
    test: [contract, 'not_found counts only where somebody is found active'],
  },
  {
    fault: 'accounts of other kinds are judged',
    file: run,
    from: "authenticationType === 'External'",
    to: "authenticationType !== ''",
    test: [contract, 'is for External accounts alone'],
  },
  {
    fault: 'the brake counts from one account on',
    file: 'shared/reconcile/brake.ts',
    from: 'const harmless = 2',
    to: 'const harmless = 1',
    test: [contract, 'two may always lose everything'],
  },
  {
    fault: 'the brake holds at the limit already',
    file: 'shared/reconcile/brake.ts',
    from: 'losing * 100 <= brakePercent * accounts',
    to: 'losing * 100 < brakePercent * accounts',
    test: [contract, 'three of thirty are ten per cent, which is not more'],
  },
  {
    fault: 'the save comment is that of a sign-in',
    file: 'shared/reconcile/removeAll.ts',
    from: 'Entra ID reconcile: ',
    to: 'Entra ID sign-in: ',
    test: [contract, 'has the save comment of its verdict'],
  },
  {
    fault: 'a refusal is not asked with a fresh token',
    file: 'shared/graph/batch.ts',
    from: 'if (renewed === refused)',
    to: "if (refused !== '')",
    test: ['test/graph/batch.test.ts', 'is asked once more with a fresh token, which is then held'],
  },
  {
    fault: 'throttled items are sent again at once',
    file: 'shared/graph/batch.ts',
    from: 'if (open.length > 0 && wait !== undefined) await',
    to: 'if (open.length > 9999 && wait !== undefined) await',
    test: ['test/graph/batch.test.ts', 'throttled items are sent again together'],
  },
]
