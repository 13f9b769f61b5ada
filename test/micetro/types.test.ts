import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import {
  createdSchema,
  errorSchema,
  groupSchema,
  groupsSchema,
  isBuiltIn,
  sessionSchema,
  userSchema,
  usersSchema,
} from '../../shared/micetro/types.ts'

describe('A group is built-in', () => {
  const cases: [name: string, flag: boolean, builtIn: boolean][] = [
    ['DNS', false, false],
    ['DNS', true, true],
    ['All users (built-in)', false, true],
    ['All Users (Built-In)', false, true],
    ['Administrators (built-in)', false, true],
    ['Administrators (built-in) ', false, true],
    ['All users', false, true],
    ['ALL USERS', false, true],
    ['All users of DNS', false, false],
    ['not (built-in) at all', false, false],
  ]
  for (const [name, flag, builtIn] of cases) {
    it(`${builtIn ? 'when' : 'not when'} it is called "${name}"${flag ? ' and flagged' : ''}`, () =>
      expect(isBuiltIn(name, flag)).toBe(builtIn))
  }

  const flags: [name: string, flags: object, builtIn: boolean][] = [
    ['by the flag builtIn', { builtIn: true }, true],
    ['by the flag builtin', { builtin: true }, true],
    ['not without a flag', {}, false],
    ['not with a flag that is null', { builtIn: null, builtin: null }, false],
    ['not with a flag that says no', { builtIn: false }, false],
    ['when either flag says so', { builtIn: false, builtin: true }, true],
  ]
  for (const [name, given, builtIn] of flags) {
    it(name, () => expect(v.parse(groupSchema, { ref: 'Groups/6', name: 'DNS', ...given }).builtIn).toBe(builtIn))
  }

  it('by its name, even against the flag', () => {
    expect(v.parse(groupSchema, { ref: 'Groups/1', name: 'All users (built-in)', builtIn: false }).builtIn).toBe(true)
  })
})

describe('An answer of Micetro', () => {
  const user = { ref: 'Users/31', name: 'alice', authenticationType: 'External' }

  it('may leave out what a release does not have', () => {
    expect(v.parse(userSchema, user)).toEqual({ ...user, fullName: '', email: '', externalID: undefined })
    expect(v.parse(groupSchema, { ref: 'Groups/6', name: 'DNS' })).toEqual({
      ref: 'Groups/6',
      name: 'DNS',
      adIntegrated: false,
      builtIn: false,
      externalId: undefined,
    })
  })

  it("may have a group's own External ID", () => {
    const group = { ref: 'Groups/6', name: 'DNS' }
    for (const [externalID, externalId] of [
      ['an-object-id', 'an-object-id'],
      ['', undefined],
      [null, undefined],
    ])
      expect(v.parse(groupSchema, { ...group, externalID }).externalId).toBe(externalId)
  })

  it('may have null where a value is unknown', () => {
    const nulls = { ...user, fullName: null, email: null, externalID: null, authenticationType: null }
    expect(v.parse(userSchema, nulls)).toEqual({
      ...user,
      fullName: '',
      email: '',
      externalID: null,
      authenticationType: '',
    })
  })

  it('tells memberships that are left out from none', () => {
    expect(v.parse(userSchema, user).groups).toBeUndefined()
    expect(v.parse(userSchema, { ...user, groups: [] }).groups).toEqual([])
    const groups = [{ ref: 'Groups/6', objType: 'Groups', name: 'DNS' }]
    expect(v.parse(userSchema, { ...user, groups }).groups).toEqual([{ ref: 'Groups/6', name: 'DNS' }])
  })

  for (const ref of [
    'Users/../Groups/6',
    'Users/31?x',
    '31',
    'Users/',
    'https://evil.test/Users/31',
    'Users/31/Groups',
    '',
  ]) {
    it(`must not have the reference "${ref}": it becomes part of an address`, () => {
      expect(v.safeParse(userSchema, { ...user, ref }).success).toBe(false)
      expect(v.safeParse(groupSchema, { ref, name: 'DNS' }).success).toBe(false)
    })
  }

  it('lists may be empty, or have no list at all', () => {
    for (const result of [{ users: [], totalResults: 0 }, {}])
      expect(v.parse(usersSchema, { result }).result.users).toEqual([])
    for (const result of [{ groups: [], totalResults: 0 }, {}])
      expect(v.parse(groupsSchema, { result }).result.groups).toEqual([])
  })

  it('lists without their wrapping are no answer: an error must not look like nobody', () => {
    for (const body of [{}, { users: [] }, { error: { code: 1 } }, undefined, []]) {
      expect(v.safeParse(usersSchema, body).success).toBe(false)
      expect(v.safeParse(groupsSchema, body).success).toBe(false)
    }
  })

  it('tells a new reference in either form', () => {
    expect(v.parse(createdSchema, { result: { ref: 'Users/31' } }).result).toEqual({ ref: 'Users/31' })
    expect(v.parse(createdSchema, { result: { objRefs: ['Users/31'] } }).result).toEqual({ objRefs: ['Users/31'] })
    for (const result of [{ objRefs: [] }, { ref: '31' }, {}])
      expect(v.safeParse(createdSchema, { result }).success).toBe(false)
  })

  it('has a session that is not empty', () => {
    expect(v.safeParse(sessionSchema, { result: { session: 'x' } }).success).toBe(true)
    expect(v.safeParse(sessionSchema, { result: { session: '' } }).success).toBe(false)
  })

  it('may be an error with or without its number', () => {
    expect(v.parse(errorSchema, { error: { code: 16544, message: 'x' } }).error.code).toBe(16544)
    expect(v.parse(errorSchema, { error: { message: 'x' } }).error.code).toBeUndefined()
  })
})
