import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ignore from 'ignore'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const run = v.pipe(v.string(), v.minLength(1))
/** The part of azd's schema that is used here. */
const azdSchema = v.strictObject({
  name: run,
  requiredVersions: v.strictObject({ azd: run }),
  infra: v.strictObject({ provider: v.literal('bicep'), path: v.literal('infra'), module: v.literal('main') }),
  services: v.record(
    v.string(),
    v.strictObject({
      project: run,
      language: v.literal('js'),
      host: v.literal('function'),
      dist: v.literal('package'),
      remoteBuild: v.boolean(),
      hooks: v.strictObject({
        prepackage: v.strictObject({
          posix: v.strictObject({ shell: v.literal('sh'), run }),
          windows: v.strictObject({ shell: v.literal('pwsh'), run }),
        }),
      }),
    }),
  ),
})
const azd = v.parse(azdSchema, parse(read('azure.yaml')))

test('azd deploys the bundled package to the site that the template tags', () => {
  const tag = /'azd-service-name': '(\w+)'/.exec(read('infra/modules/platform.bicep'))?.[1]
  expect(Object.keys(azd.services)).toEqual([tag])
})

test('each system makes the package by the same two commands', () => {
  for (const { hooks } of Object.values(azd.services)) {
    const { posix, windows } = hooks.prepackage
    const steps = (text: string) => text.match(/npm (ci|run \w+)/g)
    expect(steps(posix.run)).toEqual(['npm ci', 'npm run package'])
    expect(steps(windows.run)).toEqual(steps(posix.run))
    // PowerShell goes on after a command that failed.
    expect(windows.run).toMatch(/exit \$LASTEXITCODE$/)
  }
})

/**
 * The rule of azd 1.23.12 and newer for a function in JavaScript: with a build that is not remote, packages must not be
 * ignored, because then nobody would bring them.
 */
function azdRefuses(funcignore: string | undefined, remoteBuild: boolean): boolean {
  if (funcignore === undefined || remoteBuild) return false
  const rules = ignore().add(funcignore)
  return rules.ignores('node_modules') || rules.ignores('node_modules/')
}

describe('azd refuses', () => {
  test.each([
    ['a file that leaves everything out but what it names', '*\n!host.json\n!dist\n', false, true],
    ['a file that names the folder', 'test\nnode_modules/\n', false, true],
    ['neither when Azure builds', 'node_modules/\n', true, false],
    ['nor a file about other things', '*.ts\ntest\n', false, false],
    ['nor one that takes the folder back in', '*\n!node_modules\n', false, false],
    ['nor no file at all', undefined, false, false],
  ])('%s', (_, funcignore, remoteBuild, refused) => {
    expect(azdRefuses(funcignore, remoteBuild)).toBe(refused)
  })

  test('no service here, so that azd up does not fail once everything is made', () => {
    for (const { project, remoteBuild } of Object.values(azd.services)) {
      const path = join(project, '.funcignore')
      expect(azdRefuses(existsSync(join(root, path)) ? read(path) : undefined, remoteBuild)).toBe(false)
    }
  })
})
