import * as v from 'valibot'

/** What this installation offers, read from its machine-readable definition. */
export interface MicetroOffer {
  version: string | undefined
  /** Whether users have the property `externalID`; undefined when the definition does not tell. */
  externalId: boolean | undefined
  /** Whether groups have it (25.2 and newer). */
  groupExternalId: boolean | undefined
  /** Whether an External account names the login provider that it belongs to. */
  authenticator: boolean | undefined
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
  const { info, definitions, components } = parsed.success ? parsed.output : {}
  const described = definitions ?? components?.schemas ?? {}
  const user = propertiesOf(described, /(^|\.)user$/i, 'authenticationType')
  const group = propertiesOf(described, /(^|\.)group$/i, 'adIntegrated')
  return {
    version: info?.version,
    externalId: user?.has('externalid'),
    groupExternalId: group?.has('externalid'),
    authenticator: user?.has('authenticator'),
  }
}

/** @param mark a property that only this object has: others may end in the same name */
function propertiesOf(
  described: v.InferOutput<typeof definitionsSchema>,
  name: RegExp,
  mark: string,
): ReadonlySet<string> | undefined {
  const found = Object.entries(described).find(
    ([each, { properties }]) => name.test(each) && properties !== undefined && mark in properties,
  )?.[1].properties
  return found && new Set(Object.keys(found).map((each) => each.toLowerCase()))
}

/** Before it, changing an External user could block that user's log-in (web API notes: "User"). */
const safeToChange = [10, 3, 2]

/** Releases have borne such numbers since long before this API; lower ones number the API itself. */
const leastRelease = 6

/** True for a release before 10.3.2, and for a 10.3 that does not say which one; false where the number is no release's. */
export function mayBlockUsers(version: string | undefined): boolean {
  const [, ...parts] = /^\D*(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? []
  const numbers = parts.map((part) => Number(part ?? 0))
  if ((numbers[0] ?? 0) < leastRelease) return false
  const at = safeToChange.findIndex((number, index) => numbers[index] !== number)
  return at >= 0 && (numbers[at] ?? 0) < (safeToChange[at] ?? 0)
}
