import * as v from 'valibot'

/** What this installation offers, read from its machine-readable definition. */
export interface MicetroOffer {
  version: string | undefined
  /** Whether users have the property `externalID`; undefined when the definition does not tell. */
  externalId: boolean | undefined
}

const properties = v.record(v.string(), v.unknown())
const definitionsSchema = v.record(v.string(), v.object({ properties: v.optional(properties) }))
const swaggerSchema = v.object({
  info: v.optional(v.object({ version: v.optional(v.string()) })),
  definitions: v.optional(definitionsSchema),
  components: v.optional(v.object({ schemas: v.optional(definitionsSchema) })),
})

/** Reads `swagger.json`, in the form of OpenAPI 2 or 3 (web API notes: "Transport and authentication"). */
export function readOffer(definition: unknown): MicetroOffer {
  const parsed = v.safeParse(swaggerSchema, definition)
  if (!parsed.success) return { version: undefined, externalId: undefined }
  const { info, definitions, components } = parsed.output
  const user = Object.entries(definitions ?? components?.schemas ?? {}).find(
    ([name, { properties }]) =>
      /(^|\.)user$/i.test(name) && properties !== undefined && 'authenticationType' in properties,
  )?.[1].properties
  return {
    version: info?.version,
    externalId: user && Object.keys(user).some((name) => name.toLowerCase() === 'externalid'),
  }
}
