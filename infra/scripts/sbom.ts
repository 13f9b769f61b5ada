import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import * as v from 'valibot'

/** The part of CycloneDX 1.5 that is read here; the rest goes through as npm wrote it. */
const bomSchema = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  metadata: v.looseObject({ component: v.looseObject({ 'bom-ref': v.string() }) }),
  components: v.array(v.looseObject({ 'bom-ref': v.string(), name: v.string(), version: v.string() })),
  dependencies: v.array(v.looseObject({ ref: v.string(), dependsOn: v.optional(v.array(v.string()), []) })),
})

export type Bom = v.InferOutput<typeof bomSchema>

const manifestSchema = v.object({ name: v.string(), version: v.string() })

/** Folders of the packages that files of a bundle belong to, each once. */
export function packageFolders(bundled: readonly string[]): string[] {
  const folders = bundled.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

/**
 * Leaves of a bill of materials what is in the bundle: npm lists all that is installed, tools of the build included.
 * @param bundled `name@version` of every package in the bundle
 * @throws Error when one of them is not in the bill: what npm installed is not what the lock file says
 */
export function billOfBundle(bom: Bom, bundled: readonly string[], component: object): Bom {
  const components = bom.components.filter(({ name, version }) => bundled.includes(`${name}@${version}`))
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
  const missing = bundled.filter((each) => !listed.has(each))
  if (missing.length > 0) throw new Error(`not in package-lock.json: ${missing.join(', ')}`)
  const refs = new Set([bom.metadata.component['bom-ref'], ...components.map((each) => each['bom-ref'])])
  return {
    ...bom,
    metadata: { ...bom.metadata, component: { ...bom.metadata.component, ...component } },
    components,
    dependencies: bom.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) })),
  }
}

/**
 * The software bill of materials of a bundle (CycloneDX, by `npm sbom`).
 * @param bundled files that went into the bundle, from the project's root
 */
export function writeBill(bundled: readonly string[], buildId: string): { text: string; components: number } {
  // One text for a shell: on Windows npm is a batch file.
  const { stdout, stderr, status } = spawnSync('npm sbom --sbom-format cyclonedx --package-lock-only', {
    shell: true,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`npm sbom: ${stderr}`)
  const packages = packageFolders(bundled).map((folder) => {
    const { name, version } = v.parse(manifestSchema, JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')))
    return `${name}@${version}`
  })
  const { name, version } = v.parse(manifestSchema, JSON.parse(readFileSync('package.json', 'utf8')))
  // Which build it is about: the same id as in /health.
  const component = { type: 'application', name, version: `${version}+${buildId}` }
  const bill = billOfBundle(v.parse(bomSchema, JSON.parse(stdout)), packages, component)
  return { text: `${JSON.stringify(bill, null, 2)}\n`, components: bill.components.length }
}
