/**
 * Where the vendor's sources disagree about real servers, or are silent, and where releases differ, the simulated one can
 * be either. Every field may be changed while it runs.
 */
export interface MicetroBehaviour {
  /** Shown in the API definition. */
  version: string
  /** Which log-in call exists: the older releases have `commands/Login` only. */
  login: 'sessions' | 'command' | 'both'
  /** Whether Basic is accepted; an administrator can disable it. */
  basic: boolean
  /** `node`: before 11.1, a session is known to the instance that issued it and to no other. */
  sessionScope: 'node' | 'all'
  /** Whether filters, and the comparison that keeps names unique, ignore case. */
  ignoresCase: boolean
  /** Body of the answer to a creation. */
  createAnswer: 'ref' | 'objRefs' | 'none'
  /** Which forms of `properties` a change may have; the other is refused with 400. */
  propertyForms: 'both' | 'list' | 'object'
  /** Answer to a change that has nothing to tell. */
  doneStatus: 200 | 204
  /** Answer to adding a member who is one already. */
  repeatedMember: 200 | 204 | 'error'
  /** Whether this release shows `externalID`, and takes it; one that does not refuses it. */
  offersExternalId: boolean
  /** How groups tell that they are built in. */
  builtInFlag: 'builtIn' | 'builtin' | 'absent'
  /** Whether names of built-in groups end in ` (built-in)`. */
  builtInSuffix: boolean
  /** Whether users in a list carry their `groups`. */
  listsShowGroups: boolean
}

export const usualBehaviour: MicetroBehaviour = {
  version: '11.0.4',
  login: 'both',
  basic: true,
  sessionScope: 'node',
  ignoresCase: true,
  createAnswer: 'ref',
  propertyForms: 'both',
  doneStatus: 204,
  repeatedMember: 204,
  offersExternalId: true,
  builtInFlag: 'builtIn',
  builtInSuffix: true,
  listsShowGroups: true,
}
