import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpFunctionOptions, HttpHandler } from '@azure/functions'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { buildId } from '../shared/buildId.atBuild.ts'

const module = fileURLToPath(new URL('../shared/buildId.atBuild.ts', import.meta.url))
let root = ''

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'build-'))
  for (const folder of ['functions', 'shared', 'docs']) mkdirSync(join(root, folder))
  for (const file of ['host.json', 'package.json', 'package-lock.json', 'shared/one.ts', 'docs/page.md'])
    writeFileSync(join(root, file), file === 'package.json' ? '{"type":"module"}' : file)
  cpSync(module, join(root, 'shared/buildId.atBuild.ts'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8' }).trim()
const identified = (): string =>
  run(process.execPath, '-e', "import('./shared/buildId.atBuild.ts').then((each) => console.log(each.buildId))")

test('the id of a build is the commit, or tells sources that are not committed apart', () => {
  const withoutGit = identified()
  expect(withoutGit).toMatch(/^[0-9a-f]{12}$/)

  run('git', 'init', '--quiet')
  run('git', 'add', '.')
  run('git', '-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', 'All')
  const commit = run('git', 'rev-parse', 'HEAD')
  expect(identified()).toBe(commit)
  writeFileSync(join(root, 'docs/page.md'), 'changed')
  expect(identified()).toBe(commit)

  writeFileSync(join(root, 'shared/one.ts'), 'changed')
  const changed = identified()
  writeFileSync(join(root, 'shared/one.ts'), 'changed again')
  const again = identified()
  for (const each of [changed, again]) expect(each).toMatch(new RegExp(`^${commit}-[0-9a-f]{12}$`))
  expect(again).not.toBe(changed)
})

test('an answer of /health that is an error page has the id of the build, too', async () => {
  const handlers: Record<string, HttpHandler> = {}
  const http = (name: string, { handler }: HttpFunctionOptions) => Object.assign(handlers, { [name]: handler })
  vi.doMock('@azure/functions', () => ({ app: { http } }))
  vi.doMock('../shared/web/health.ts', () => ({ health: () => Promise.reject(new Error('broken')) }))
  await import('../functions/health.ts')
  const real = await vi.importActual<typeof import('@azure/functions')>('@azure/functions')
  const request = new real.HttpRequest({ method: 'GET', url: 'https://app.example.com/health' })
  const context = new real.InvocationContext({ functionName: 'health', logHandler: () => {} })
  const answer = await handlers.health?.(request, context)
  expect(answer).toMatchObject({ status: 500, headers: { 'x-build-id': buildId } })
})
