import { describe, expect, it } from 'vitest'
import type { IdTokenClaims } from '../../shared/entra/idToken.ts'
import type { Profile } from '../../shared/graph/graphCalls.ts'
import { type Identity, readIdentity } from '../../shared/sync/identity.ts'

const claims: IdTokenClaims = {
  sub: 'pairwise',
  preferred_username: 'alice@contoso.com',
  tid: '11111111-1111-4111-8111-111111111111',
  name: 'Alice Adams',
}
const profile: Profile = { displayName: 'Alice of Graph', mail: 'alice.adams@contoso.com' }

describe('The identity', () => {
  const cases: [
    name: string,
    claims: Partial<IdTokenClaims>,
    profile: Profile | undefined,
    identity: Partial<Identity>,
  ][] = [
    ['has the preferred_username as its login name', {}, profile, { name: 'alice@contoso.com' }],
    ['has the sub claim as its external id', { oid: 'object-id' }, profile, { externalId: 'pairwise' }],
    ['has its full name from the token', {}, profile, { fullName: 'Alice Adams' }],
    [
      'has its full name from Graph where the token has none',
      { name: undefined },
      profile,
      { fullName: 'Alice of Graph' },
    ],
    [
      'has its full name from Graph where that of the token is blank',
      { name: ' ' },
      profile,
      { fullName: 'Alice of Graph' },
    ],
    [
      'has its login name as full name where there is no other',
      { name: undefined },
      { displayName: null, mail: null },
      { fullName: 'alice@contoso.com' },
    ],
    [
      'has its mail address from Graph first, not the sign-in name',
      { email: 'claim@contoso.com' },
      profile,
      { email: 'alice.adams@contoso.com', emailKnown: true },
    ],
    [
      'has its mail address from the email claim next',
      { email: 'claim@contoso.com' },
      { displayName: null, mail: null },
      { email: 'claim@contoso.com', emailKnown: true },
    ],
    [
      'has its mail address from the email claim where that of Graph is empty',
      { email: 'claim@contoso.com' },
      { displayName: null, mail: '' },
      { email: 'claim@contoso.com' },
    ],
    [
      'has its sign-in name as mail address last',
      {},
      { displayName: null, mail: null },
      { email: 'alice@contoso.com' },
    ],
    [
      'has no mail address where the sign-in name is none',
      { preferred_username: '+41 31 000 00 00' },
      { displayName: null, mail: null },
      { email: '', name: '+41 31 000 00 00' },
    ],
    [
      'has no mail address where the sign-in name only looks like one',
      { preferred_username: 'alice@home' },
      { displayName: null, mail: null },
      { email: '' },
    ],
    [
      'only guesses the mail address where Graph could not be read',
      { email: 'claim@contoso.com' },
      undefined,
      { email: 'claim@contoso.com', emailKnown: false },
    ],
    [
      'of a guest has the mail address of their home',
      { preferred_username: 'guest_home.test#EXT#@contoso.com' },
      { displayName: null, mail: 'guest@home.test' },
      { email: 'guest@home.test', name: 'guest_home.test#EXT#@contoso.com' },
    ],
  ]
  for (const [name, changes, read, identity] of cases) {
    it(name, () => expect(readIdentity({ ...claims, ...changes }, read)).toMatchObject(identity))
  }
})
