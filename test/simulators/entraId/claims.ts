import { randomBytes } from 'node:crypto'
import { type AppRegistration, type DirectoryGroup, type DirectoryUser, pairwiseSubject } from '../directory.ts'

/** More groups than this do not go into a JWT (Microsoft's page "ID token claims reference"). */
const mostGroupsInToken = 200

/** Claims reach back five minutes, so that a client whose clock is a little slow takes them. */
const backdating = 300

interface GroupClaims {
  groups?: string[]
  _claim_names?: { groups: string }
  _claim_sources?: { src1: { endpoint: string } }
}

function inClaim(app: AppRegistration, user: DirectoryUser): DirectoryGroup[] {
  switch (app.groupMembershipClaims) {
    case 'none':
      return []
    case 'SecurityGroup':
      return user.groups.filter(({ securityEnabled }) => securityEnabled)
    case 'All':
      return user.groups
    case 'ApplicationGroup':
      return user.groups.filter(({ id }) => app.assignedGroupIds.includes(id) && !user.nestedGroupIds.includes(id))
  }
}

/** The group's value in the claim; undefined when the group lacks what the format needs, and is left out. */
function groupValue(app: AppRegistration, group: DirectoryGroup): string | undefined {
  const { onPremisesSamAccountName: sam, onPremisesNetBiosName: netBios, onPremisesDomainName: domain } = group
  switch (app.groupClaimFormat) {
    case 'id':
      return group.id
    case 'sam_account_name':
      return sam ?? undefined
    case 'netbios_domain_and_sam_account_name':
      return sam === null || netBios === null ? undefined : `${netBios}\\${sam}`
    case 'dns_domain_and_sam_account_name':
      return sam === null || domain === null ? undefined : `${domain}\\${sam}`
    case 'cloud_displayname':
      // Names are not unique, so Entra ID gives them only for groups that were assigned one by one.
      if (app.groupMembershipClaims !== 'ApplicationGroup') return group.id
      return group.onPremisesSyncEnabled === null ? group.displayName : undefined
  }
}

function groupClaims(app: AppRegistration, user: DirectoryUser): GroupClaims {
  if (user.forceOverage) return overage(user)
  const values = inClaim(app, user).flatMap((group) => groupValue(app, group) ?? [])
  if (app.groupMembershipClaims === 'SecurityGroup' || app.groupMembershipClaims === 'All') {
    values.push(...user.roles.map(({ roleTemplateId }) => roleTemplateId))
  }
  if (values.length > mostGroupsInToken) return overage(user)
  return values.length === 0 ? {} : { groups: values }
}

function overage(user: DirectoryUser): GroupClaims {
  const endpoint = `https://graph.windows.net/${user.tenantId}/users/${user.oid}/getMemberObjects`
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } }
}

/** The claims of a version 2.0 ID token. */
export function idTokenClaims(
  user: DirectoryUser,
  app: AppRegistration,
  { host, nonce, scopes, now }: { host: string; nonce: unknown; scopes: readonly string[]; now: number },
): Record<string, unknown> {
  const seconds = Math.floor(now / 1000)
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
