/**
 * Where the vendor's sources disagree about real servers, or are silent, and where releases differ, the simulated one can
 * be either. Every field may be changed while it runs.
 */
export interface MicetroBehaviour {
  /** Shown in the API definition (rest_api.rst: `swagger.json`). */
  version: string
  /** Which log-in call exists: the older releases have `commands/Login` only (api_auth.rst of each release). */
  login: 'sessions' | 'command' | 'both'
  /** Whether Basic is accepted; an administrator can disable it (api_auth.rst). */
  basic: boolean
  /** `node`: before 11.0 a session is known to the instance that issued it and to no other (release notes). */
  sessionScope: 'node' | 'all'
  /** Whether filters, and the comparison that keeps names unique, ignore case: nothing says. */
  ignoresCase: boolean
  /** Body of the answer to a creation: `ref` in the Ansible collection, `objRefs` in older clients, or a bare 201. */
  createAnswer: 'ref' | 'objRefs' | 'none'
  /** Which forms of `properties` a change may have: a list in the SOAP definition, an object in rest_api.rst. */
  propertyForms: 'both' | 'list' | 'object'
  /** Answer to a change that has nothing to tell: the Ansible collection knows both. */
  doneStatus: 200 | 204
  /** Answer to adding a member who is one already: nothing says. */
  repeatedMember: 200 | 204 | 'error'
  /** Whether this release shows `externalID` and takes it, which nothing says; one that does not refuses it. */
  offersExternalId: boolean
  /** How groups tell that they are built in: `builtin` in the Terraform provider, no flag in the SOAP definition. */
  builtInFlag: 'builtIn' | 'builtin' | 'absent'
  /** Whether names of built-in groups end in ` (built-in)`: so in mfa_azure.rst, not in the Ansible collection. */
  builtInSuffix: boolean
  /** Whether users in a list carry their `groups`: nothing says. */
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
