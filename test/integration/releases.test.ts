import { describe } from 'vitest'
import { allReleases, usualRelease } from '../simulators/micetroReleases.ts'

// The usual release is met where these files run by themselves. A query makes each import a
// module of its own; its end says that it is TypeScript.
describe.each(allReleases.filter((release) => release !== usualRelease))('Micetro %s:', async (release) => {
  process.env.MICETRO_RELEASE = release
  for (const file of ['signIn', 'config']) {
    const instance: string = `./${file}.test.ts?release=${release}&lang.ts`
    await import(/* @vite-ignore */ instance)
  }
})
