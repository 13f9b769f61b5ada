import { isGuid } from '../configuration/entraConfiguration.ts'
import type { IdTokenClaims } from '../entra/idToken.ts'

/** What the ID token says about groups (Microsoft's page "Configure group claims"). */
export type GroupsClaim =
  | { kind: 'absent' }
  /** The overage marker: the claim would have been too long, so it limits nothing. */
  | { kind: 'overage' }
  | { kind: 'empty' }
  | GivenClaim

export interface GivenClaim {
  kind: 'given'
  /** Values in the form of an object id, lower case. */
  ids: ReadonlySet<string>
  /** All other values: names, in one of several spellings. */
  names: readonly string[]
  /** `roles`: the app registration emits groups as roles. */
  from: 'groups' | 'roles'
}

type GroupClaims = Pick<IdTokenClaims, 'groups' | 'roles' | 'hasgroups' | '_claim_names'>

/**
 * Reads the claim; its values are object ids, or names already, as the app registration is set up. `roles` stands in for
 * it only where every role is an object id: names of roles are chosen by whoever owns the app registration.
 */
export function readGroupsClaim(claims: GroupClaims): GroupsClaim {
  if (claims._claim_names?.groups !== undefined || claims.hasgroups === true || claims.hasgroups === 'true')
    return { kind: 'overage' }
  if (claims.groups !== undefined) return given(claims.groups, 'groups') ?? { kind: 'empty' }
  const asRoles = given(claims.roles ?? [], 'roles')
  return asRoles === undefined || asRoles.names.length > 0 ? { kind: 'absent' } : asRoles
}

function given(claim: readonly string[], from: GivenClaim['from']): GivenClaim | undefined {
  const values = claim.filter((value) => value.trim() !== '')
  if (values.length === 0) return undefined
  return {
    kind: 'given',
    ids: new Set(values.filter(isGuid).map((id) => id.toLowerCase())),
    names: values.filter((value) => !isGuid(value)),
    from,
  }
}

/** True where the token alone says everything, so that Microsoft Graph need not be asked for groups. */
export function claimSuffices(claim: GroupsClaim, rules: { claimRequired: boolean }): boolean {
  return claim.kind === 'empty' || (claim.kind === 'absent' && rules.claimRequired)
}
