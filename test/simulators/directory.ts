/**
 * What the simulated Microsoft knows: tenants, users, groups and an app registration, with the properties that Graph's
 * resource types (user, group, servicePrincipal) and the application manifest give them. Entra ID and Graph read it.
 */
import { createHash, X509Certificate } from 'node:crypto'

/** A tenant of Microsoft Entra ID. */
export interface Tenant {
  id: string
  name: string
  /** Verified domains, any of which may stand in an address instead of the id. */
  domains: string[]
}

/** A group as Microsoft Graph shows it. Users share these objects, so a renamed group is renamed for all. */
export interface DirectoryGroup {
  id: string
  tenantId: string
  displayName: string
  securityEnabled: boolean
  mailEnabled: boolean
  groupTypes: string[]
  /** The four below are null for groups made in the cloud. */
  onPremisesSamAccountName: string | null
  onPremisesNetBiosName: string | null
  onPremisesDomainName: string | null
  onPremisesSyncEnabled: boolean | null
}

/** A directory role that is active in the tenant. */
export interface DirectoryRole {
  displayName: string
  /** Emitted in a `groups` claim beside the groups. */
  roleTemplateId: string
}

export interface DirectoryUser {
  /** Short name by which tests and the picker name the user. */
  key: string
  /** One line for the user picker. */
  label: string
  /** Not offered in the picker. */
  hidden: boolean
  oid: string
  /** The directory that holds this user object; for a guest the one that invited. */
  tenantId: string
  guest: boolean
  /** Claim `preferred_username`: may change, may be somebody else's tomorrow. */
  preferredUsername: string
  userPrincipalName: string
  /** Claim `name`. */
  name: string
  /** What Graph calls the user; in real life the same as `name`. */
  displayName: string
  mail: string | null
  /** Claim `email`, which most tokens do not have. */
  emailClaim: string | null
  /** All groups, nested ones included. */
  groups: DirectoryGroup[]
  /** Those of `groups` that are reached only through another group. */
  nestedGroupIds: string[]
  roles: DirectoryRole[]
  /** Null: Graph does not tell, as has been seen. */
  accountEnabled: boolean | null
  /** Null while alive. */
  deletedDateTime: string | null
  /** Assigned to the enterprise application. */
  assigned: boolean
  /** Claims put over those of every ID token; `undefined` takes a claim out. */
  extraClaims: Record<string, unknown>
  /** The `groups` claim is replaced by the overage marker whatever the number of groups. */
  forceOverage: boolean
}

export interface AppSecret {
  value: string
  expired: boolean
}

export interface AppCertificate {
  /** SHA-256 of the certificate, hexadecimal, upper case. */
  thumbprintSha256: string
  pem: string
}

export interface FederatedCredential {
  issuer: string
  subject: string
  audience: string
}

/** Setting `groupMembershipClaims` of an app registration. */
export type GroupMembershipClaims = 'none' | 'SecurityGroup' | 'All' | 'ApplicationGroup'

/** Form of the values in a `groups` claim. */
export type GroupClaimFormat =
  | 'id'
  | 'sam_account_name'
  | 'netbios_domain_and_sam_account_name'
  | 'dns_domain_and_sam_account_name'
  | 'cloud_displayname'

/** An app registration together with its enterprise application (service principal) in the tenant. */
export interface AppRegistration {
  clientId: string
  /** Object id of the service principal. */
  servicePrincipalId: string
  tenantId: string
  displayName: string
  redirectUris: string[]
  secrets: AppSecret[]
  certificates: AppCertificate[]
  federatedCredentials: FederatedCredential[]
  groupMembershipClaims: GroupMembershipClaims
  groupClaimFormat: GroupClaimFormat
  /** `emit_as_roles`: the groups stand in `roles`, and real app roles are gone from it. */
  groupsAsRoles: boolean
  /** Groups assigned to the application, for `ApplicationGroup`. */
  assignedGroupIds: string[]
  /** Delegated permissions of Microsoft Graph with admin consent. */
  grantedScopes: string[]
  /** Application permissions of Microsoft Graph with admin consent: the `roles` of an app-only token. */
  grantedRoles: string[]
  assignmentRequired: boolean
  multiTenant: boolean
}

/** Everything the simulated Microsoft knows. Plain data: change it at any time. */
export interface Directory {
  tenants: Tenant[]
  /** The tenant of the app registration. */
  home: Tenant
  /** Another organisation. */
  foreign: Tenant
  groups: DirectoryGroup[]
  users: DirectoryUser[]
  /** Deleted, and not purged yet. */
  deletedUsers: DirectoryUser[]
  apps: AppRegistration[]
  /** The app registration of this project. */
  app: AppRegistration
}

/** An id that looks like Entra ID's and is the same in every run, so that accounts match after a restart. */
export function guidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A cloud-only security group; `overrides` make it anything else. */
export function createGroup(
  tenant: Tenant,
  displayName: string,
  overrides: Partial<DirectoryGroup> = {},
): DirectoryGroup {
  return {
    id: guidOf(`group ${tenant.id} ${displayName}`),
    tenantId: tenant.id,
    displayName,
    securityEnabled: true,
    mailEnabled: false,
    groupTypes: [],
    onPremisesSamAccountName: null,
    onPremisesNetBiosName: null,
    onPremisesDomainName: null,
    onPremisesSyncEnabled: null,
    ...overrides,
  }
}

/** An assigned member without groups, mail or email claim; `overrides` make it anybody else. */
export function createUser(
  tenant: Tenant,
  key: string,
  name: string,
  overrides: Partial<DirectoryUser> = {},
): DirectoryUser {
  const signInName = `${key}@${tenant.domains[0]}`
  return {
    key,
    label: 'ordinary user',
    hidden: false,
    oid: guidOf(`user ${tenant.id} ${key}`),
    tenantId: tenant.id,
    guest: false,
    preferredUsername: signInName,
    userPrincipalName: signInName,
    name,
    displayName: name,
    mail: null,
    emailClaim: null,
    groups: [],
    nestedGroupIds: [],
    roles: [],
    accountEnabled: true,
    deletedDateTime: null,
    assigned: true,
    extraClaims: {},
    forceOverage: false,
    ...overrides,
  }
}

/** The entry for an app registration's `certificates`. */
export function certificateEntry(pem: string): AppCertificate {
  return { thumbprintSha256: new X509Certificate(pem).fingerprint256.replaceAll(':', ''), pem }
}

/** The user with this key. @throws TypeError when there is none */
export function userOf(directory: Directory, key: string): DirectoryUser {
  const user = directory.users.find((one) => one.key === key)
  if (user === undefined) throw new TypeError(`the directory has no user ${key}`)
  return user
}

/** Deletes a user, who can be restored for 30 days; memberships stay with the user until the purge. */
export function deleteUser(directory: Directory, key: string): DirectoryUser {
  const user = userOf(directory, key)
  directory.users = directory.users.filter((one) => one !== user)
  user.deletedDateTime = new Date().toISOString()
  directory.deletedUsers.push(user)
  return user
}

/** The group of this name. @throws TypeError when there is none */
export function groupOf(directory: Directory, displayName: string): DirectoryGroup {
  const group = directory.groups.find((one) => one.displayName === displayName)
  if (group === undefined) throw new TypeError(`the directory has no group ${displayName}`)
  return group
}

/** The tenant of this id or verified domain. */
export function findTenant(directory: Directory, name: string): Tenant | undefined {
  const wanted = name.toLowerCase()
  return directory.tenants.find((tenant) => tenant.id === wanted || tenant.domains.includes(wanted))
}

/** The `sub` claim: stable for a user and an application, another one for another application. */
export function pairwiseSubject(user: DirectoryUser, clientId: string): string {
  return createHash('sha256').update(`${user.tenantId} ${user.oid} ${clientId.toLowerCase()}`).digest('base64url')
}

function many(tenant: Tenant, prefix: string, count: number): DirectoryGroup[] {
  const digits = String(count).length
  return Array.from({ length: count }, (_, index) =>
    createGroup(tenant, `${prefix} ${String(index + 1).padStart(digits, '0')}`),
  )
}

/** A fresh directory with the sample tenant, its users and one app registration. */
export function createDirectory(): Directory {
  const home: Tenant = {
    id: guidOf('tenant Contoso'),
    name: 'Contoso',
    domains: ['contoso.com', 'contoso.onmicrosoft.com'],
  }
  const foreign: Tenant = { id: guidOf('tenant Fabrikam'), name: 'Fabrikam', domains: ['fabrikam.example'] }

  const dnsAdmins = createGroup(home, 'DNS Admins')
  const ipamReaders = createGroup(home, 'IPAM Readers')
  const networkTeam = createGroup(home, 'Network Engineering')
  const dhcpOperators = createGroup(home, 'DHCP Operators (on-premises)', {
    onPremisesSamAccountName: 'DHCP-Operators',
    onPremisesNetBiosName: 'CONTOSO',
    onPremisesDomainName: 'corp.contoso.com',
    onPremisesSyncEnabled: true,
  })
  const lunch = createGroup(home, 'Lunch Club', { securityEnabled: false, mailEnabled: true, groupTypes: ['Unified'] })
  const teams = many(home, 'Team', 250)
  const crowds = many(home, 'Crowd', 2500)
  const fabrikamNetwork = createGroup(foreign, 'Fabrikam Network')
  const directoryReaders: DirectoryRole = {
    displayName: 'Directory Readers',
    roleTemplateId: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  }

  const app: AppRegistration = {
    clientId: guidOf('app Micetro sign-in'),
    servicePrincipalId: guidOf('service principal Micetro sign-in'),
    tenantId: home.id,
    displayName: 'Micetro sign-in',
    redirectUris: ['http://localhost:7071/mmws/auth_cb/microsoft'],
    secrets: [{ value: 'simulated~client~secret', expired: false }],
    certificates: [],
    federatedCredentials: [],
    groupMembershipClaims: 'none',
    groupClaimFormat: 'id',
    groupsAsRoles: false,
    assignedGroupIds: [],
    grantedScopes: ['User.Read', 'GroupMember.Read.All'],
    grantedRoles: [],
    assignmentRequired: true,
    multiTenant: false,
  }

  const users = [
    createUser(home, 'alice', 'Alice Adams', {
      label: 'five groups, one of them from Active Directory',
      mail: 'alice.adams@contoso.com',
      groups: [dnsAdmins, ipamReaders, networkTeam, dhcpOperators, lunch],
      nestedGroupIds: [networkTeam.id],
      roles: [directoryReaders],
    }),
    createUser(home, 'nora', 'Nora Nilsson', { label: 'no groups at all', mail: 'nora.nilsson@contoso.com' }),
    createUser(home, 'grace', 'Grace Garcia', {
      label: '250 groups, too many for a token',
      mail: 'grace.garcia@contoso.com',
      groups: [dnsAdmins, ...teams.slice(0, 249)],
    }),
    createUser(home, 'gina', 'Gina Grant', {
      label: 'guest; mail and sign-in name differ',
      guest: true,
      preferredUsername: 'gina@fabrikam.example',
      userPrincipalName: 'gina_fabrikam.example#EXT#@contoso.onmicrosoft.com',
      mail: 'gina.grant@mail.example',
      emailClaim: 'gina.grant@mail.example',
      groups: [ipamReaders],
    }),
    createUser(home, 'ian', 'Ian Ingram', {
      label: 'Micetro has an internal account of this name',
      mail: 'ian.ingram@contoso.com',
      groups: [dnsAdmins],
    }),
    createUser(home, 'una', 'Una Underwood', {
      label: 'not assigned to the application',
      mail: 'una.underwood@contoso.com',
      groups: [ipamReaders],
      assigned: false,
    }),
    createUser(home, 'max', 'Max Moreau', { label: '2500 groups', hidden: true, groups: crowds }),
    createUser(foreign, 'felix', 'Felix Fischer', {
      label: 'of another organisation',
      mail: 'felix.fischer@fabrikam.example',
      groups: [fabrikamNetwork],
    }),
  ]

  return {
    tenants: [home, foreign],
    home,
    foreign,
    groups: [dnsAdmins, ipamReaders, networkTeam, dhcpOperators, lunch, ...teams, ...crowds, fabrikamNetwork],
    users,
    deletedUsers: [],
    apps: [app],
    app,
  }
}
