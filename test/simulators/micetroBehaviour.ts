/**
 * Where the vendor's sources disagree about real servers, or are silent, and where releases differ, the simulated one can
 * be either. Every field may be changed while it runs.
 */
export interface MicetroBehaviour {
  /** Shown in the API definition (rest_api.rst: `swagger.json`). */
  version: string
  /** Whether `micetro/sessions` exists: 10.x has `commands/Login` only, for which nobody asks here (api_auth.rst). */
  sessions: boolean
  /** Whether a session is taken as Bearer: surely from 11.1 on (release notes), 11.0 names it and 10.x does not. */
  bearer: boolean
  /** Whether Basic is accepted; from 11.1 on an administrator can disable it (api_auth.rst). */
  basic: boolean
  /** `node`: before 11.0 a session is known to the instance that issued it and to no other (release notes). */
  sessionScope: 'node' | 'all'
  /** How a body without a charset is read: UTF-8 since 11.1.0 (release notes). */
  bodyCharset: 'latin1' | 'utf8'
  /** Whether a charset on a call without a body is a fault, as it was until 10.5.2 (release notes). */
  faultOfEmptyBodies: boolean
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
  /** Answer to removing somebody who is no member: nothing says. */
  repeatedRemoval: 200 | 204 | 404 | 'error'
  /** Whether this release shows `externalID` of users and takes it, which nothing says; one that does not refuses it. */
  offersExternalId: boolean
  /** Whether groups have an External ID: since 25.2 (vendor page "Adding groups"). */
  offersGroupExternalId: boolean
  /** Whether an account names its login provider, as Central's callback script does: nothing says. */
  offersAuthenticator: boolean
  /** How groups tell that they are built in: `builtin` in the Terraform provider, no flag in the SOAP definition. */
  builtInFlag: 'builtIn' | 'builtin' | 'absent'
  /** Whether names of built-in groups end in ` (built-in)`: so in mfa_azure.rst, not in the Ansible collection. */
  builtInSuffix: boolean
  /** Whether users in a list carry their `groups`: nothing says. */
  listsShowGroups: boolean
  /** The most objects that a page has, whatever is asked for: nothing says; undefined: no such limit. */
  pageCap: number | undefined
  /** Whether lists carry `totalResults`: so in the collection ansible_micetro, nothing says that all do. */
  tellsTotal: boolean
}
