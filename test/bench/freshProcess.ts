import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { bundling } from '../../infra/scripts/build.ts'
import { type Cost, median } from './measure.ts'

/** What fresh processes took, one after the other; `cpu` includes the start of Node.js itself. */
export type FreshCosts = Readonly<Record<string, Cost>>

/**
 * Medians of what programs take in fresh processes, in turns.
 * @param programs by name: files that print the milliseconds that they count as theirs, in JSON
 */
export async function inFreshProcesses(
  programs: Readonly<Record<string, readonly [file: string, ...args: string[]]>>,
  repeat: number,
  env: Readonly<Record<string, string>> = {},
): Promise<FreshCosts> {
  const all = Object.entries(programs).map(([name, args]) => ({ name, args, costs: [] as Cost[] }))
  for (let each = 0; each < repeat; each += 1)
    for (const { args, costs } of all) {
      const { stdout } = await promisify(execFile)(process.execPath, [...args], {
        env: { PATH: process.env.PATH, ...env },
      })
      costs.push(JSON.parse(stdout) as Cost)
    }
  return Object.fromEntries(
    all.map(({ name, costs }) => [
      name,
      { cpu: median(costs.map(({ cpu }) => cpu)), wall: median(costs.map(({ wall }) => wall)) },
    ]),
  )
}

/** Written at the end of a program: what the process has taken so far. */
export const report = `
const { user, system } = process.cpuUsage()
process.stdout.write(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() }), () => process.exit(0))`

/** A folder with programs, each bundled as the package is. */
export class Bundles {
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-'))

  /** @param contents with imports from the project's root @returns the bundled file */
  async add(name: string, contents: string): Promise<string> {
    const stdin = { contents, resolveDir: resolve('.'), sourcefile: `${name}.ts`, loader: 'ts' as const }
    const outdir = join(this.folder, name)
    await build({ ...bundling, stdin, outdir, entryNames: name })
    return join(outdir, `${name}.js`)
  }

  /** Makes a bundle a function app, as the worker loads one. @returns its root */
  async addApp(name: string, contents: string): Promise<string> {
    await this.add(name, contents)
    const root = join(this.folder, name)
    mkdirSync(root, { recursive: true })
    writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module', main: `${name}.js` }))
    writeFileSync(join(root, 'host.json'), '{}')
    return root
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
