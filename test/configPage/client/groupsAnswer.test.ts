import { expect, it } from 'vitest'
import { type Choice, choiceOf, type Groups } from '../../../shared/configPage/client/groupsAnswer.ts'

const map = { '11111111-1111-4111-8111-111111111111': 'DNS' }

const cases: [name: string, groups: Groups | undefined, choice: Choice][] = [
  ['nothing said: names decide', undefined, 'names'],
  ['the defaults in so many words', { match: 'name', claim: 'optional', security_only: false, map: {} }, 'names'],
  ['a claim that always limits', { claim: 'required' }, 'assigned'],
  ['ids only', { match: 'id', map }, 'table'],
  ['ids only, before the first row', { match: 'id' }, 'table'],
  ['who must have a group is another question', { claim: 'required', required: true }, 'assigned'],
  ['names and a table: set by hand', { map }, 'custom'],
  ['a claim and a table: set by hand', { claim: 'required', map }, 'custom'],
  ['ids and a claim: set by hand', { match: 'id', claim: 'required' }, 'custom'],
  ['security groups only: set by hand', { security_only: true }, 'custom'],
]
it.each(cases)('%s', (_name, groups, choice) => {
  expect(choiceOf(groups)).toBe(choice)
})
