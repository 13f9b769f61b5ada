import { isMultiTenant } from '../configuration/clouds.ts'
import type { EntraConfiguration } from '../configuration/entraConfiguration.ts'

/** Which groups count, and by what they are matched. */
export interface GroupRules {
  /** Only security groups count. */
  securityOnly: boolean
  /** False: object ids alone decide, because of `groups.match` or because the person is of another tenant. */
  names: boolean
  /** `groups.claim` is `required`: a token without the claim gives no group. */
  claimRequired: boolean
  /** A first sign-in that joins no group makes no account. */
  required: boolean
  /** Micetro group by Entra object id, lower case. */
  map: ReadonlyMap<string, string>
}

/** Whose account it is. */
export interface AccountRules {
  /** False for people of other tenants than the home tenant: the external id alone finds their account. */
  home: boolean
  /** For the time of a change-over: an External account of the same name is the person's, whatever its external id. */
  matchByName: boolean
}

export interface SyncRules extends AccountRules, GroupRules {}

type Configured = Pick<EntraConfiguration, 'tenantId' | 'homeTenant' | 'groups' | 'matchByName'>

/**
 * The rules for a person. Names count for the home tenant alone: partners may give their groups and people any name.
 * @param tenant of the person, a checked `tid` in lower case
 */
export function rulesFor({ tenantId, homeTenant, groups, matchByName }: Configured, tenant: string): SyncRules {
  // With a single tenant, the ID token of any other was refused.
  const home = !isMultiTenant(tenantId) || tenant === homeTenant
  return {
    home,
    matchByName: matchByName && home,
    securityOnly: groups.securityOnly,
    names: groups.match === 'name' && home,
    claimRequired: groups.claim === 'required',
    required: groups.required,
    map: groups.map,
  }
}
