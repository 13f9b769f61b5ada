import { describe, expect, it } from 'vitest'
import { type MicetroOffer, mayBlockUsers, readOffer } from '../../shared/micetro/offer.ts'

const properties = { ref: {}, name: {}, authenticationType: {}, externalID: {} }
const { externalID: _, ...older } = properties
const group = { ref: {}, name: {}, adIntegrated: {} }

const nothing = { version: undefined, externalId: undefined, groupExternalId: undefined, authenticator: undefined }

describe('What an installation offers', () => {
  const cases: [name: string, definition: unknown, offer: Partial<MicetroOffer>][] = [
    [
      'is read from OpenAPI 2',
      { info: { version: '11.1' }, definitions: { User: { properties } } },
      { version: '11.1', externalId: true, authenticator: false },
    ],
    [
      'is read from OpenAPI 3',
      { info: { version: '11.2' }, components: { schemas: { User: { properties } } } },
      { version: '11.2', externalId: true, authenticator: false },
    ],
    [
      'may not have external ids',
      { info: { version: '10.5' }, definitions: { User: { properties: older } } },
      { version: '10.5', externalId: false, authenticator: false },
    ],
    [
      'may spell the property otherwise',
      { definitions: { User: { properties: { ...older, externalId: {} } } } },
      { externalId: true, authenticator: false },
    ],
    [
      'may have its user in a name space',
      { definitions: { 'mm.User': { properties } } },
      { externalId: true, authenticator: false },
    ],
    ['is not read from another object', { definitions: { GetUser: { properties }, User: { properties: {} } } }, {}],
    [
      'may have external ids of groups, and the login provider of an account',
      {
        definitions: {
          User: { properties: { ...properties, authenticator: {} } },
          Group: { properties: { ...group, externalID: {} } },
        },
      },
      { externalId: true, groupExternalId: true, authenticator: true },
    ],
    [
      'may have no external ids of groups',
      { definitions: { Group: { properties: group } } },
      { groupExternalId: false },
    ],
    ['is unknown where the user is not described', { info: { version: '11.1' }, definitions: {} }, { version: '11.1' }],
    ['is unknown where there is no definition', undefined, {}],
    ['is unknown where the definition is something else', [], {}],
    ['is unknown where the definition is a text', 'swagger', {}],
  ]
  for (const [name, definition, offer] of cases)
    it(name, () => expect(readOffer(definition)).toEqual({ ...nothing, ...offer }))
})

describe('A release in which a change could block an External user', () => {
  const cases: [version: string | undefined, may: boolean][] = [
    ['10.3.1', true],
    ['10.3.2', false],
    ['10.3.10', false],
    ['10.3', true],
    ['10.2.9', true],
    ['10.5', false],
    ['v10.1.0.4711', true],
    ['9.3.4', true],
    ['11.0.0', false],
    ['25.2.0', false],
    ['1.0', false],
    ['2', false],
    ['unknown', false],
    [undefined, false],
  ]
  for (const [version, may] of cases)
    it(`${may ? 'is' : 'is not'} ${version ?? 'one that is not told'}`, () => expect(mayBlockUsers(version)).toBe(may))
})
