import * as v from 'valibot'

/** `<ObjectType>/<number>`; anything else must not become part of an address. */
const refSchema = v.pipe(v.string(), v.regex(/^[A-Za-z]+\/\d+$/))

const memberSchema = v.object({ ref: refSchema, name: v.optional(v.string()) })

export const userSchema = v.object({
  ref: refSchema,
  name: v.string(),
  fullName: v.nullish(v.string(), ''),
  email: v.nullish(v.string(), ''),
  description: v.nullish(v.string()),
  authenticationType: v.nullish(v.string(), ''),
  externalID: v.nullish(v.string()),
  /** Absent where the server leaves the memberships out of a list. */
  groups: v.optional(v.array(memberSchema)),
  roles: v.optional(v.array(memberSchema)),
})

const groupObject = v.object({
  ref: refSchema,
  name: v.string(),
  adIntegrated: v.nullish(v.boolean(), false),
  builtIn: v.nullish(v.boolean()),
  builtin: v.nullish(v.boolean()),
  externalID: v.nullish(v.string(), ''),
})

export const groupSchema = v.pipe(
  groupObject,
  v.transform(
    ({ ref, name, adIntegrated, builtIn, builtin, externalID }): MicetroGroup => ({
      ref,
      name,
      adIntegrated,
      builtIn: isBuiltIn(name, builtIn === true || builtin === true),
      externalId: externalID === '' ? undefined : externalID,
    }),
  ),
)

/** An account, as the web API shows it (web API notes: "User"). */
export type MicetroUser = v.InferOutput<typeof userSchema>

export interface MicetroGroup {
  ref: string
  name: string
  adIntegrated: boolean
  /** Never joined, never left by us. */
  builtIn: boolean
  /** The group's own External ID (25.2 and newer); undefined where there is none. */
  externalId: string | undefined
}

/**
 * Built-in groups are known by a flag or by the suffix of their name, depending on the release, and `All users` in
 * every spelling (web API notes: "Group").
 */
export function isBuiltIn(name: string, flag: boolean): boolean {
  return flag || name.trim().toLowerCase().endsWith('(built-in)') || isAllUsers(name)
}

/** The group that everybody is in. */
export function isAllUsers(name: string): boolean {
  return /^all users( \(built-in\))?$/i.test(name.trim())
}

export const usersSchema = v.object({
  result: v.object({ users: v.optional(v.array(userSchema), []), totalResults: v.optional(v.number()) }),
})

export const groupsSchema = v.object({
  result: v.object({ groups: v.optional(v.array(groupSchema), []), totalResults: v.optional(v.number()) }),
})

export const errorSchema = v.object({
  error: v.object({ code: v.optional(v.number()), message: v.optional(v.string()) }),
})

/** Both forms of the answer to a creation; a body may be missing altogether. */
export const createdSchema = v.object({
  result: v.union([v.object({ ref: refSchema }), v.object({ objRefs: v.pipe(v.array(refSchema), v.minLength(1)) })]),
})

export const sessionSchema = v.object({ result: v.object({ session: v.pipe(v.string(), v.minLength(1)) }) })
