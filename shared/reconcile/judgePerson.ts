import { type DirectoryPerson, isUnread, longestValue, type Unread } from '../graph/applicationCalls.ts'
import type { MicetroUser } from '../micetro/types.ts'
import { foldedName } from '../sync/names.ts'
import { objectIdsIn } from '../sync/objectId.ts'
import type { DeletedPeople } from './deletedPeople.ts'

/** By what the person of an account is looked for. */
export type Key = { by: 'id'; id: string } | { by: 'name'; name: string } | { by: 'nothing'; because: string }

/** The object id in the account's description decides alone where there is one; else the login name does. */
export function keyOf({ name, description }: Pick<MicetroUser, 'name' | 'description'>): Key {
  const [id, ...others] = objectIdsIn(description ?? '')
  if (others.length > 0) return { by: 'nothing', because: 'the description carries several object ids' }
  if (id !== undefined) return { by: 'id', id }
  if (name.trim() === '' || name.length > longestValue)
    return { by: 'nothing', because: 'no person can be looked for by this login name' }
  return { by: 'name', name }
}

/** What Microsoft Graph says about one person; an active or disabled one has an object id. */
export type PersonVerdict =
  | { verdict: 'active' | 'disabled'; id: string }
  | { verdict: 'deleted' | 'not_found' }
  | { verdict: 'unclear'; reason: string }

export type UserReading = DirectoryPerson | 'absent' | Unread
export type UsersReading = readonly DirectoryPerson[] | Unread

/** What was read for one name. */
export interface NameReading {
  /** The names of one filter, and its answer. */
  asked: readonly string[]
  found: UsersReading
  /** `/users/{name}`; undefined where the filter found somebody. */
  direct: UserReading | undefined
}

export interface Tenancy {
  deleted: DeletedPeople | Unread
  /** People of other tenants sign in, too, and cannot be read. */
  severalTenants: boolean
}

const unclear = (reason: string): PersonVerdict => ({ verdict: 'unclear', reason })
const contradictory = unclear('the answers of Microsoft Graph contradict each other')
const severalPeople = unclear('several people have this name or mail address')
const guestByMail = unclear('a guest found by mail alone')
const otherTenant = unclear('not in the home tenant')

/** @param read the answer for the object id */
export function judgeById(id: string, read: UserReading, { deleted, severalTenants }: Tenancy): PersonVerdict {
  if (isUnread(read)) return unclear(read.unread)
  if (read !== 'absent') {
    if (read.id !== id || (!isUnread(deleted) && deleted.has(id))) return contradictory
    return judgeEnabled(read)
  }
  if (isUnread(deleted)) return unclear(`the deleted users are not known: ${deleted.unread}`)
  if (deleted.has(id)) return { verdict: 'deleted' }
  return severalTenants ? otherTenant : { verdict: 'not_found' }
}

function judgeEnabled({ id, accountEnabled }: DirectoryPerson): PersonVerdict {
  // Graph has been seen to leave it null for all users of a tenant.
  if (accountEnabled === null) return unclear('Microsoft Graph does not tell whether the account is enabled')
  return { verdict: accountEnabled ? 'active' : 'disabled', id }
}

/** People in an answer whom the name fits; a filter is no proof, so its answer is compared again. */
export function fitting(name: string, people: readonly DirectoryPerson[]): readonly DirectoryPerson[] {
  const folded = foldedName(name)
  return people.filter(({ userPrincipalName, mail }) =>
    [userPrincipalName, mail].some((each) => each !== null && foldedName(each) === folded),
  )
}

/** False when the answer has people whom none of the names fits: then it need not have all whom they fit. */
export function isObeyed(names: readonly string[], people: readonly DirectoryPerson[]): boolean {
  const folded = new Set(names.map(foldedName))
  return people.every(({ userPrincipalName, mail }) =>
    [userPrincipalName, mail].some((each) => each !== null && folded.has(foldedName(each))),
  )
}

/** Whether a filter found nobody of this name, which `/users/{name}` has to confirm. */
export function isMissed(name: string, asked: readonly string[], found: UsersReading): boolean {
  return !isUnread(found) && isObeyed(asked, found) && fitting(name, found).length === 0
}

/** The person of a login name, by user principal name or mail. */
export function judgeByName(name: string, reading: NameReading, tenancy: Tenancy): PersonVerdict {
  const found = findByName(name, reading)
  if (found !== undefined && 'verdict' in found) return found
  const { deleted, severalTenants } = tenancy
  if (isUnread(deleted)) return unclear(`the deleted users are not known: ${deleted.unread}`)
  const gone = deleted.named(name)
  if (found !== undefined) {
    if (!isNamed(name, found) && !isMember(found)) return guestByMail
    return gone.length > 0 ? unclear('a living and a deleted person share this name') : judgeEnabled(found)
  }
  const [match, ...more] = gone
  if (more.length > 0) return severalPeople
  if (match !== undefined) return match.by === 'mail' && !isMember(match.person) ? guestByMail : { verdict: 'deleted' }
  return severalTenants ? otherTenant : { verdict: 'not_found' }
}

/** @returns the one person, undefined where every answer says that there is none, or why it is not known */
function findByName(name: string, { asked, found, direct }: NameReading): DirectoryPerson | PersonVerdict | undefined {
  if (isUnread(found)) return unclear(found.unread)
  if (!isObeyed(asked, found)) return contradictory
  const person = only(fitting(name, found))
  if (person !== undefined || direct === 'absent') return person
  return direct !== undefined && isUnread(direct) ? unclear(direct.unread) : contradictory
}

function only(people: readonly DirectoryPerson[]): DirectoryPerson | PersonVerdict | undefined {
  return new Set(people.map(({ id }) => id)).size > 1 ? severalPeople : people[0]
}

const isNamed = (name: string, { userPrincipalName }: DirectoryPerson): boolean =>
  userPrincipalName !== null && foldedName(userPrincipalName) === foldedName(name)

/** One's own, and no guest: external people may be members, too, and their kind may be unknown. */
const isMember = ({ userType, userPrincipalName }: DirectoryPerson): boolean =>
  userType === 'Member' && userPrincipalName !== null && !/#EXT#/i.test(userPrincipalName)
