import { describe, expect, it } from 'vitest'
import { type MicetroOffer, readOffer } from '../../shared/micetro/offer.ts'

const properties = { ref: {}, name: {}, authenticationType: {}, externalID: {} }
const { externalID: _, ...older } = properties

describe('What an installation offers', () => {
  const cases: [name: string, definition: unknown, offer: MicetroOffer][] = [
    [
      'is read from OpenAPI 2',
      { info: { version: '11.1' }, definitions: { User: { properties } } },
      { version: '11.1', externalId: true },
    ],
    [
      'is read from OpenAPI 3',
      { info: { version: '11.2' }, components: { schemas: { User: { properties } } } },
      { version: '11.2', externalId: true },
    ],
    [
      'may not have external ids',
      { info: { version: '10.5' }, definitions: { User: { properties: older } } },
      { version: '10.5', externalId: false },
    ],
    [
      'may spell the property otherwise',
      { definitions: { User: { properties: { ...older, externalId: {} } } } },
      { version: undefined, externalId: true },
    ],
    [
      'may have its user in a name space',
      { definitions: { 'mm.User': { properties } } },
      { version: undefined, externalId: true },
    ],
    [
      'is not read from another object',
      { definitions: { GetUser: { properties }, User: { properties: {} } } },
      { version: undefined, externalId: undefined },
    ],
    [
      'is unknown where the user is not described',
      { info: { version: '11.1' }, definitions: {} },
      { version: '11.1', externalId: undefined },
    ],
    ['is unknown where there is no definition', undefined, { version: undefined, externalId: undefined }],
    ['is unknown where the definition is something else', [], { version: undefined, externalId: undefined }],
    ['is unknown where the definition is a text', 'swagger', { version: undefined, externalId: undefined }],
  ]
  for (const [name, definition, offer] of cases) it(name, () => expect(readOffer(definition)).toEqual(offer))
})
