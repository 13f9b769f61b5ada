import { allReleases, type Release, usualRelease } from '../simulators/micetroReleases.ts'

/** The release of Micetro that the tests of the importing file meet: the usual one, or the one that releases.test.ts names. */
export function releaseUnderTest(): Release {
  return allReleases.find((release) => release === process.env.MICETRO_RELEASE) ?? usualRelease
}
