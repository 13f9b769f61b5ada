import type { MicetroBehaviour } from './micetroBehaviour.ts'

/** The most that any release does: the others are told by what they lack. */
const newest: MicetroBehaviour = {
  version: '25.2.0',
  sessions: true,
  bearer: true,
  basic: false,
  sessionScope: 'all',
  bodyCharset: 'utf8',
  faultOfEmptyBodies: false,
  ignoresCase: true,
  createAnswer: 'ref',
  propertyForms: 'both',
  doneStatus: 204,
  repeatedMember: 204,
  repeatedRemoval: 204,
  offersExternalId: true,
  offersGroupExternalId: true,
  offersAuthenticator: true,
  builtInFlag: 'builtIn',
  builtInSuffix: true,
  listsShowGroups: true,
  pageCap: undefined,
  tellsTotal: true,
}

/**
 * Micetro as customers run it. Way in and encoding are those of api_auth.rst and the release notes of each; External IDs
 * of groups came with 25.2. Where nothing says what a release does, the four differ, so that each way is met by one.
 */
export const releases = {
  '10.5': {
    ...newest,
    version: '10.5.1',
    sessions: false,
    bearer: false,
    basic: true,
    sessionScope: 'node',
    bodyCharset: 'latin1',
    faultOfEmptyBodies: true,
    createAnswer: 'objRefs',
    propertyForms: 'object',
    doneStatus: 200,
    repeatedMember: 'error',
    repeatedRemoval: 'error',
    offersExternalId: false,
    offersGroupExternalId: false,
    offersAuthenticator: false,
    builtInFlag: 'absent',
    listsShowGroups: false,
    pageCap: 100,
    tellsTotal: false,
  },
  '11.0': {
    ...newest,
    version: '11.0.4',
    bearer: false,
    basic: true,
    bodyCharset: 'latin1',
    propertyForms: 'list',
    repeatedMember: 'error',
    repeatedRemoval: 404,
    offersGroupExternalId: false,
    offersAuthenticator: false,
    builtInFlag: 'builtin',
    pageCap: 100,
  },
  '11.4': {
    ...newest,
    version: '11.4.0',
    basic: true,
    offersGroupExternalId: false,
    offersAuthenticator: false,
  },
  '25.2': { ...newest, ignoresCase: false, repeatedMember: 200 },
} satisfies Record<string, MicetroBehaviour>

export type Release = keyof typeof releases

export const allReleases: readonly Release[] = ['10.5', '11.0', '11.4', '25.2']

/** The one that is simulated where nothing else is asked for. */
export const usualRelease: Release = '11.4'

export const behaviourOf = (release: Release): MicetroBehaviour => releases[release]

/**
 * The release that `MICETRO_RELEASE` names: of `npm start`, and of tests that releases.test.ts runs once for each.
 * @throws TypeError for one that is not simulated
 */
export function chosenRelease(): Release {
  const named = process.env.MICETRO_RELEASE ?? usualRelease
  const release = allReleases.find((each) => each === named)
  if (release === undefined) throw new TypeError(`MICETRO_RELEASE must be one of ${allReleases.join(', ')}`)
  return release
}
