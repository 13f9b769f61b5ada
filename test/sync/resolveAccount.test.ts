import { describe, expect, it } from 'vitest'
import type { Failure } from '../../shared/failure.ts'
import type { MicetroUser } from '../../shared/micetro/types.ts'
import { resolveAccount, resolveByName } from '../../shared/sync/resolveAccount.ts'
import { failureIn } from '../failing.ts'
import { account, alice, usualRules } from './people.ts'

const own = account()
const noId = account({ externalID: '' })
const others = account({ externalID: 'sub-of-another' })
const renamed = account({ ref: 'Users/40', name: 'alice@old.test' })

/** Both look-ups, as the sync does them. */
function resolve(named: MicetroUser[], byId: MicetroUser[], matchByName = false, home = true): MicetroUser | undefined {
  return resolveAccount(alice, resolveByName(alice, named), byId, { ...usualRules, matchByName, home })
}

describe('The account of a person', () => {
  type Found = [
    name: string,
    named: MicetroUser[],
    byId: MicetroUser[],
    found: MicetroUser | undefined,
    matchByName?: boolean,
    home?: boolean,
  ]
  const found: Found[] = [
    ['is the one with name and external id', [own], [], own],
    ['is the one with the external id, whatever it is called', [], [renamed], renamed],
    ['is the one of the name that has an empty external id', [noId], [], noId],
    [
      'is the one of the name whose external id is null',
      [account({ externalID: null })],
      [],
      account({ externalID: null }),
    ],
    [
      'is the one of the name whose external id the server does not tell',
      [account({ externalID: undefined })],
      [],
      account({ externalID: undefined }),
    ],
    ['is the one with the external id before the one of the name', [noId], [renamed], renamed],
    ['is the one with the external id, though another person has the name', [others], [renamed], renamed],
    ['is missing at the first sign-in', [], [], undefined],
    ['is not one whose name only begins alike', [account({ name: `${alice.name}.au`, externalID: '' })], [], undefined],
    [
      'may have its name in another case',
      [account({ name: 'Alice@Contoso.com' })],
      [],
      account({ name: 'Alice@Contoso.com' }),
    ],
    [
      'is the one of the exact name before another case',
      [account({ ref: 'Users/1', name: 'ALICE@contoso.com', externalID: '' }), noId],
      [],
      noId,
    ],
    ['is the one of the name during a change-over', [others], [], others, true],
    ['is the one with the external id, even during a change-over', [others], [renamed], renamed, true],
    ['is not one that a careless filter gave', [], [account({ externalID: 'SUB-OF-ALICE' })], undefined],
    [
      'is the one with the external id, though the name is that of an Internal account',
      [account({ ref: 'Users/1', authenticationType: 'Internal', externalID: '' })],
      [renamed],
      renamed,
    ],
    [
      'is the one with name and external id, beside an Internal one that differs in case',
      [account({ ref: 'Users/1', name: 'ALICE@CONTOSO.COM', authenticationType: 'Internal' }), own],
      [],
      own,
    ],
    ['is the one with name and external id for people of other tenants', [own], [], own, false, false],
    ['is the one with the external id for people of other tenants', [noId], [renamed], renamed, false, false],
    ['is missing at the first sign-in from another tenant', [], [], undefined, false, false],
    [
      'is never an account of another kind with the same external id',
      [],
      [account({ name: 'x', authenticationType: 'AD' })],
      undefined,
    ],
  ]
  for (const [name, named, byId, result, matchByName, home] of found) {
    it(name, () => expect(resolve(named, byId, matchByName, home)).toEqual(result))
  }

  const collision = (authenticationType: string): Failure => ({
    code: 'name_collision',
    name: alice.name,
    authenticationType,
  })
  const conflict = { code: 'external_id_conflict', name: alice.name } as const
  type Refused = [
    name: string,
    named: MicetroUser[],
    byId: MicetroUser[],
    failure: Failure,
    matchByName?: boolean,
    home?: boolean,
  ]
  const refused: Refused[] = [
    ...['Internal', 'AD', 'ADGroup', 'RADIUS', 'external'].map(
      (type): Refused => [`is never one of type ${type}`, [account({ authenticationType: type })], [], collision(type)],
    ),
    ['is never one of an unknown type', [account({ authenticationType: '' })], [], collision('unknown')],
    [
      'is never one of type Internal, even with the same external id',
      [account({ authenticationType: 'Internal' })],
      [account({ authenticationType: 'Internal' })],
      collision('Internal'),
    ],
    [
      'is never one of type Internal, even during a change-over',
      [account({ authenticationType: 'Internal' })],
      [],
      collision('Internal'),
      true,
    ],
    [
      'is not the one of the name beside one of type AD that differs in case',
      [noId, account({ ref: 'Users/1', name: 'ALICE@CONTOSO.COM', authenticationType: 'AD' })],
      [],
      { code: 'name_collision', name: 'ALICE@CONTOSO.COM', authenticationType: 'AD' },
    ],
    ...[noId, others, account({ externalID: undefined })].map(
      (named): Refused => [
        `is never one of the name for people of other tenants (external id ${named.externalID ?? 'not told'})`,
        [named],
        [],
        { ...conflict, tenant: 'another' },
        true,
        false,
      ],
    ),
    ['is not one of the name with another external id: names are reused', [others], [], conflict],
    [
      'is not one that differs in case and has another external id',
      [account({ name: 'ALICE@contoso.com', externalID: 'x' })],
      [],
      { code: 'external_id_conflict', name: 'ALICE@contoso.com' },
    ],
    [
      'must be the only one with the external id',
      [],
      [renamed, account({ ref: 'Users/41', name: 'alice2' })],
      { code: 'external_id_ambiguous', names: ['alice@old.test', 'alice2'] },
    ],
  ]
  for (const [name, named, byId, failure, matchByName, home] of refused) {
    it(name, async () => expect(await failureIn(() => resolve(named, byId, matchByName, home))).toEqual(failure))
  }

  const asks: [name: string, named: MicetroUser[], kind: 'found' | 'ask'][] = [
    ['needs no second look-up where name and external id fit', [own], 'found'],
    ['needs a second look-up where there is none of the name', [], 'ask'],
    [
      'needs a second look-up where the name is an Internal account’s',
      [account({ authenticationType: 'Internal' })],
      'ask',
    ],
    ['needs a second look-up where the external id is empty', [noId], 'ask'],
    ['needs a second look-up where the external id is another', [others], 'ask'],
  ]
  for (const [name, named, kind] of asks) it(name, () => expect(resolveByName(alice, named).kind).toBe(kind))

  it('is not one whose name is a lookalike with the Kelvin sign', () => {
    const kim = { name: 'kim@contoso.com', externalId: 'sub-of-kim' }
    const lookalike = account({ name: '\u212aim@contoso.com', externalID: '' })
    expect(resolveAccount(kim, resolveByName(kim, [lookalike]), [], usualRules)).toBeUndefined()
  })
})
