import { expect, test } from 'vitest'
import { takenAgain } from '../../shared/sync/betweenSignIns.ts'
import { effectiveGroups } from '../../shared/sync/groupRules.ts'
import { readGroupsClaim } from '../../shared/sync/groupsClaim.ts'
import { planMemberships } from '../../shared/sync/planSync.ts'
import { allUsers, entraGroup, micetroGroup, usualRules } from './people.ts'

const dns = micetroGroup(10, 'DNS')
const noc = micetroGroup(11, 'NOC')
const micetroGroups = [allUsers, dns, noc]
const read = [entraGroup(1, { displayName: 'DNS' }), entraGroup(2, { displayName: 'other' })]

test.each<[string, string[] | undefined, string[], string[]]>([
  ['without a claim a run takes nothing that a sign-in gives', undefined, [], []],
  ['a claim with less than Graph lists is no harm', ['other'], [], []],
  ['a name that Graph does not list is given by the sign-in and taken by the run', ['DNS', 'NOC'], [], ['NOC']],
  ['the same, of somebody who is in the group already', ['DNS', 'NOC'], [allUsers.ref, dns.ref, noc.ref], ['NOC']],
  ['an empty claim leaves what a run would take', [], [allUsers.ref, noc.ref], ['NOC']],
])('%s', (_, groups, before, taken) => {
  const claim = readGroupsClaim(groups === undefined ? {} : { groups })
  const memberOf = new Set(before)
  const plan = planMemberships({
    groups: effectiveGroups(claim, read, usualRules),
    memberOf,
    micetroGroups,
    rules: usualRules,
  })
  expect(takenAgain(plan, read, { memberOf, groups: micetroGroups }, usualRules)).toEqual(taken)
})
