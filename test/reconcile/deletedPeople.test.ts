import { expect, test } from 'vitest'
import type { DirectoryPerson } from '../../shared/graph/applicationCalls.ts'
import { DeletedPeople } from '../../shared/reconcile/deletedPeople.ts'

const id = '7e06b566-15f3-4013-8bf8-79874d52e68a'
const deleted = (changes: Partial<DirectoryPerson>): DeletedPeople => {
  const people = new DeletedPeople()
  people.add([{ id, userPrincipalName: null, mail: null, accountEnabled: false, userType: 'Member', ...changes }])
  return people
}

test.each<[string, Partial<DirectoryPerson>, string | undefined]>([
  [
    'the name behind the id without hyphens',
    { userPrincipalName: `${id.replaceAll('-', '')}John@contoso.com` },
    'userPrincipalName',
  ],
  [
    'the name behind the id with hyphens',
    { userPrincipalName: `${id.toUpperCase()}john@contoso.com` },
    'userPrincipalName',
  ],
  ['the name without an id', { userPrincipalName: 'john@contoso.com' }, 'userPrincipalName'],
  ['mail', { mail: 'JOHN@contoso.com' }, 'mail'],
  [
    'the name, where mail is the same',
    { userPrincipalName: 'john@contoso.com', mail: 'john@contoso.com' },
    'userPrincipalName',
  ],
  ['neither', { userPrincipalName: `${id}john@contoso.org`, mail: 'j@contoso.com' }, undefined],
  ['the id of somebody else in front', { userPrincipalName: `8${id}john@contoso.com` }, undefined],
])('a deleted person is found by %s', (_, changes, by) => {
  const matches = deleted(changes).named('John@Contoso.com')
  expect(matches.map((match) => match.by)).toEqual(by === undefined ? [] : [by])
  expect(deleted(changes).has(id)).toBe(true)
})

test('somebody who is listed twice is one person', () => {
  const people = deleted({ mail: 'john@contoso.com' })
  people.add([{ id, userPrincipalName: null, mail: 'john@contoso.com', accountEnabled: false, userType: 'Member' }])
  expect(people.named('john@contoso.com')).toHaveLength(1)
})
