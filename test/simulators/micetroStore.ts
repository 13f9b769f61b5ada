export type AuthenticationType = 'Internal' | 'AD' | 'ADGroup' | 'RADIUS' | 'External'

export interface SimulatedUser {
  ref: string
  /** The login name; unique. */
  name: string
  fullName: string
  email: string
  description: string
  authenticationType: AuthenticationType
  /** Empty: none. */
  externalID: string
  /** Login provider of an External account; empty: none. */
  authenticator: string
  /** Undefined: nobody can log in to the API with this account. */
  password: string | undefined
}

export interface SimulatedGroup {
  ref: string
  /** With the suffix, whatever the server shows. */
  name: string
  description: string
  adIntegrated: boolean
  builtIn: boolean
  /** Empty: none. */
  externalID: string
  /** Its memberships cannot be changed through the API. */
  readOnly: boolean
  /** References of users. */
  members: Set<string>
}

/** A change that somebody tried, refused ones included. */
export interface WriteRecord {
  node: number
  method: string
  /** Below the base path, decoded: `Groups/6/Users/31`. */
  path: string
  who: string
  saveComment: string | undefined
  body: Readonly<Record<string, unknown>>
  status: number
}

export interface ReadRecord {
  node: number
  method: string
  path: string
  /** Arguments of the query as the server understood them. */
  query: Readonly<Record<string, string>>
  who: string
  status: number
}

export const allUsers = 'All users (built-in)'
export const administrators = 'Administrators (built-in)'
export const userAdministrators = 'User Administrators (built-in)'

type NewUser = Partial<Omit<SimulatedUser, 'ref'>> & { name: string }
type NewGroup = Partial<Omit<SimulatedGroup, 'ref' | 'members'>> & { name: string }

/** What Central holds. Tests change it at will; the API changes it by the documented calls only. */
export class MicetroStore {
  readonly users = new Map<string, SimulatedUser>()
  readonly groups = new Map<string, SimulatedGroup>()
  readonly settings = new Map<string, string>([['enableExternalAuthentication', '1']])
  /** Every attempted change, in order. */
  readonly audit: WriteRecord[] = []
  readonly reads: ReadRecord[] = []
  #lastUser = 0
  #lastGroup = 0

  /** New users are members of `All users (built-in)`, as the vendor's guide says of External ones. */
  addUser(user: NewUser): SimulatedUser {
    if (this.user(user.name) !== undefined) throw new TypeError(`there is a user ${user.name} already`)
    this.#lastUser += 1
    const added: SimulatedUser = {
      fullName: '',
      email: '',
      description: '',
      authenticationType: 'External',
      externalID: '',
      authenticator: '',
      password: undefined,
      ...user,
      ref: `Users/${this.#lastUser}`,
    }
    this.users.set(added.ref, added)
    this.group(allUsers)?.members.add(added.ref)
    return added
  }

  addGroup(group: NewGroup): SimulatedGroup {
    if (this.group(group.name) !== undefined) throw new TypeError(`there is a group ${group.name} already`)
    this.#lastGroup += 1
    const ref = `Groups/${this.#lastGroup}`
    const added: SimulatedGroup = {
      description: '',
      adIntegrated: group.name.includes('\\'),
      builtIn: group.name.endsWith(' (built-in)'),
      externalID: '',
      readOnly: false,
      ...group,
      ref,
      members: new Set(),
    }
    this.groups.set(ref, added)
    return added
  }

  /** By reference, or by exact name. */
  user(refOrName: string): SimulatedUser | undefined {
    return this.users.get(refOrName) ?? [...this.users.values()].find(({ name }) => name === refOrName)
  }

  group(refOrName: string): SimulatedGroup | undefined {
    return this.groups.get(refOrName) ?? [...this.groups.values()].find(({ name }) => name === refOrName)
  }

  removeUser(refOrName: string): void {
    const { ref } = this.#known(this.user(refOrName), refOrName)
    this.users.delete(ref)
    for (const group of this.groups.values()) group.members.delete(ref)
  }

  removeGroup(refOrName: string): void {
    this.groups.delete(this.#known(this.group(refOrName), refOrName).ref)
  }

  groupsOf(userRef: string): SimulatedGroup[] {
    return [...this.groups.values()].filter(({ members }) => members.has(userRef))
  }

  /** Names of the groups that a user is in, sorted, built-in ones included. */
  memberships(refOrName: string): string[] {
    return this.groupsOf(this.#known(this.user(refOrName), refOrName).ref)
      .map(({ name }) => name)
      .sort()
  }

  /** Puts a user into exactly these groups (and into `All users`, which nobody leaves). */
  setMemberships(refOrName: string, groupNames: readonly string[]): void {
    const { ref } = this.#known(this.user(refOrName), refOrName)
    const wanted = new Set([allUsers, ...groupNames].map((name) => this.#known(this.group(name), name).ref))
    for (const group of this.groups.values()) {
      if (wanted.has(group.ref)) group.members.add(ref)
      else group.members.delete(ref)
    }
  }

  /** Whether the permission "Administer users/groups/roles" is held (role User Administrators, or more). */
  mayAdministerUsers(user: SimulatedUser): boolean {
    return [userAdministrators, administrators].some((name) => this.group(name)?.members.has(user.ref))
  }

  #known<T>(found: T | undefined, name: string): T {
    if (found === undefined) throw new TypeError(`the simulated Micetro has no ${name}`)
    return found
  }
}

export interface ApiAccount {
  name: string
  password: string
}

/** An installation that has been used for a while: accounts that must not be taken over, and more groups than one page. */
export function seededStore(api: ApiAccount): MicetroStore {
  const store = new MicetroStore()
  const groups = [
    administrators,
    allUsers,
    userAdministrators,
    'IPAM Readers',
    'DHCP Operators',
    'DNS Admins',
    'NOC',
    'CONTOSO\\DHCP-Operators',
    ...Array.from({ length: 250 }, (_, index) => `Team ${String(index + 1).padStart(3, '0')}`),
  ]
  for (const name of groups) store.addGroup({ name })
  const administrator = {
    name: 'administrator',
    fullName: 'Administrator',
    authenticationType: 'Internal',
    password: 'simulated-administrator-password',
  } as const
  store.addUser(administrator)
  store.setMemberships(administrator.name, [administrators])
  store.addUser({ ...api, fullName: 'Entra ID sign-in', authenticationType: 'Internal' })
  store.setMemberships(api.name, [userAdministrators])
  store.addUser({ name: 'ian@contoso.com', fullName: 'Ian Internal', authenticationType: 'Internal', password: 'ians' })
  store.addUser({ name: 'CONTOSO\\bob', fullName: 'Bob', authenticationType: 'AD' })
  store.addUser({ name: 'adam@contoso.com', fullName: 'Adam', authenticationType: 'AD' })
  return store
}
