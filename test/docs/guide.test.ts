import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { application, environment, newBuild, outputs, zipOf } from '../infra/deployment.ts'
import { canRunScripts, type ScriptRun, type Workplace, workplace } from '../infra/scriptRun.ts'
import { filled, shellBlocks } from './shellBlocks.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const guide = read('docs/deploy.md')
const section = (title: string): string => guide.split(`# ${title}\n`)[1]?.split(/^#/m)[0] ?? ''
const labels = (text: string) => [...text.matchAll(/^([A-Z][\w ,-]+):/gm)].map(([, label]) => label)

describe.runIf(canRunScripts)('a stranger who types what the guide says, block by block', () => {
  /** Runs the blocks of a section as they stand, with a password typed where one is asked for. */
  async function follow(title: string, check: (place: Workplace, done: ScriptRun) => void): Promise<void> {
    await using app = await application(200)
    const known = { placeholder: { appId: 'placeholder', id: 'principal-id', web: { redirectUris: [] } } }
    using place = workplace({
      outputs: outputs(app.url),
      user: 'user-id',
      first: true,
      applications: known,
      servicePrincipals: known,
    })
    writeFileSync(place.path('package.zip'), zipOf(newBuild))
    writeFileSync(place.path('npm'), '#!/bin/sh\n', { mode: 0o755 })
    const blocks = shellBlocks(section(title))
    expect(blocks).not.toEqual([])
    const lines = ['set -euo pipefail', 'exec < <(yes the-password)', ...blocks.map(filled)]
    const done = await place.step(lines.join('\n'), environment)
    expect(done).toMatchObject({ code: 0, err: expect.not.stringMatching(/^ERROR/m) })
    check(place, done)
  }

  const deploys = (place: Workplace, { out }: ScriptRun): void => {
    expect(labels(out)).toContain('Deployed')
    expect(place.state().blobs).toEqual({ 'last-good.zip': zipOf(newBuild) })
  }

  const rows: [title: string, check: (place: Workplace, done: ScriptRun) => void][] = [
    [
      'With the Azure CLI',
      (place, done) => {
        deploys(place, done)
        const shown = /```text\n([\s\S]*?)```/.exec(section('With the Azure CLI'))?.[1] ?? ''
        expect(labels(shown)).toEqual(labels(done.out))
      },
    ],
    [
      'The two secrets of the vault',
      (place) => {
        const [key = '', ...others] = place.calls().flatMap(({ value }) => value ?? [])
        expect(Buffer.from(key, 'base64')).toHaveLength(32)
        expect(others).toEqual(['the-password'])
      },
    ],
    ['US Government', deploys],
    ['A resource group that exists', deploys],
    ['A registration made by hand', deploys],
    [
      'Certificate or secret as credential',
      (place) => {
        const done = place.calls().map(({ command }) => command.split(' ').at(-1))
        expect(done).toEqual(['get-default-policy', 'create', 'show'])
      },
    ],
    ["Moving from the vendor's script", deploys],
    [
      'The two identities',
      (place) => {
        const given = [
          'Application.Read.All',
          'Application.ReadWrite.OwnedBy',
          'DelegatedPermissionGrant.ReadWrite.All',
        ]
        expect(place.state().appRoles.map(({ appRoleId }) => appRoleId)).toEqual(given.map((each) => `role:${each}`))
      },
    ],
  ]

  test.each(rows)('%s', follow)

  test('no section with commands is left out, but for that of azd', () => {
    const parts = guide.split(/^#+ /m).filter((part) => shellBlocks(part).length > 0)
    const titles = parts.map((part) => part.split('\n')[0])
    expect(titles).toEqual(['With azd', ...rows.map(([title]) => title)])
  })
})
