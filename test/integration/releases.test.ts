import { describe } from 'vitest'
import { allReleases, usualRelease } from '../simulators/micetroReleases.ts'

// The usual release is met where these files run by themselves. A query makes each import a module of its own.
describe.each(allReleases.filter((release) => release !== usualRelease))('Micetro %s:', async (release) => {
  process.env.MICETRO_RELEASE = release
  for (const file of ['signIn', 'config']) {
    await import(`./${file}.test.ts?release=${release}`)
  }
})
