import { randomBytes } from 'node:crypto'
import {
  type AppRegistration,
  type DirectoryGroup,
  type DirectoryUser,
  type GroupClaimFormat,
  type GroupMembershipClaims,
  pairwiseSubject,
} from '../directory.ts'

/** More groups than this do not go into a JWT (Microsoft's page "ID token claims reference"). */
const mostGroupsInToken = 200

/** Claims reach back five minutes, so that a client whose clock is a little slow takes them. */
const backdating = 300

interface GroupClaims {
  groups?: string[]
  roles?: string[]
  _claim_names?: { groups: string }
  _claim_sources?: { src1: { endpoint: string } }
}

const inClaim: Record<
  GroupMembershipClaims,
  (group: DirectoryGroup, app: AppRegistration, user: DirectoryUser) => boolean
> = {
  none: () => false,
  SecurityGroup: ({ securityEnabled }) => securityEnabled,
  All: () => true,
  // Direct members only.
  ApplicationGroup: ({ id }, { assignedGroupIds }, { nestedGroupIds }) =>
    assignedGroupIds.includes(id) && !nestedGroupIds.includes(id),
}

/** The group's value in the claim; null when the group lacks what the format needs, and is left out. */
const groupValue: Record<GroupClaimFormat, (group: DirectoryGroup, app: AppRegistration) => string | null> = {
  id: ({ id }) => id,
  sam_account_name: ({ onPremisesSamAccountName: sam }) => sam,
  netbios_domain_and_sam_account_name: ({ onPremisesSamAccountName: sam, onPremisesNetBiosName: netBios }) =>
    sam && netBios && `${netBios}\\${sam}`,
  dns_domain_and_sam_account_name: ({ onPremisesSamAccountName: sam, onPremisesDomainName: domain }) =>
    sam && domain && `${domain}\\${sam}`,
  // Names are not unique, so Entra ID gives them only for groups that were assigned one by one.
  cloud_displayname: ({ id, displayName, onPremisesSyncEnabled }, { groupMembershipClaims }) =>
    groupMembershipClaims !== 'ApplicationGroup' ? id : onPremisesSyncEnabled === null ? displayName : null,
}

function groupClaims(app: AppRegistration, user: DirectoryUser): GroupClaims {
  if (user.forceOverage) return overage(user)
  const values = user.groups
    .filter((group) => inClaim[app.groupMembershipClaims](group, app, user))
    .flatMap((group) => groupValue[app.groupClaimFormat](group, app) ?? [])
  if (app.groupMembershipClaims === 'SecurityGroup' || app.groupMembershipClaims === 'All') {
    values.push(...user.roles.map(({ roleTemplateId }) => roleTemplateId))
  }
  if (values.length > mostGroupsInToken) return overage(user)
  if (values.length === 0) return {}
  return app.groupsAsRoles ? { roles: values } : { groups: values }
}

function overage(user: DirectoryUser): GroupClaims {
  const endpoint = `https://graph.windows.net/${user.tenantId}/users/${user.oid}/getMemberObjects`
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } }
}

/** The claims of a version 2.0 ID token. */
export function idTokenClaims(
  user: DirectoryUser,
  app: AppRegistration,
  { host, nonce, scopes }: { host: string; nonce: unknown; scopes: readonly string[] },
): Record<string, unknown> {
  const seconds = Math.floor(Date.now() / 1000)
  const profile = scopes.includes('profile')
  const claims: Record<string, unknown> = {
    aud: app.clientId,
    iss: `${host}/${user.tenantId}/v2.0`,
    iat: seconds - backdating,
    nbf: seconds - backdating,
    exp: seconds + 3600,
    ...(user.emailClaim !== null && { email: user.emailClaim }),
    ...groupClaims(app, user),
    ...(profile && { name: user.name }),
    ...(nonce !== undefined && { nonce }),
    ...(profile && { oid: user.oid, preferred_username: user.preferredUsername }),
    rh: `1.A${randomBytes(30).toString('base64url')}.`,
    sub: pairwiseSubject(user, app.clientId),
    tid: user.tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  }
  for (const [name, value] of Object.entries(user.extraClaims)) {
    if (value === undefined) delete claims[name]
    else claims[name] = value
  }
  return claims
}
