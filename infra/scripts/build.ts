import { globSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Modules that are run while building: their exports, which must be data, go into the package in their place. */
const atBuild: Plugin = {
  name: 'at-build',
  setup({ onLoad }) {
    onLoad({ filter: /\.atBuild\.ts$/ }, async ({ path }) => {
      const values = (await import(pathToFileURL(path).href)) as Record<string, unknown>
      const lines = Object.entries(values).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}`)
      return { contents: lines.join('\n'), loader: 'js' }
    })
  },
}

/** How everything is bundled that runs in the Functions worker. */
export const bundling = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Node.js has a class for forms itself. The one that axios brings carries a table of all media types, which is half of
  // the time that axios takes to load; we send no form that would need it.
  alias: { 'form-data': './infra/scripts/formData.ts' },
  plugins: [atBuild],
  // Only the worker provides this module, by way of require.
  external: ['@azure/functions-core'],
  banner: {
    js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions

/**
 * Bundles the functions for the Functions worker: one file for each trigger, the code they share once, and what is
 * imported on demand in files of its own, so that a cold start reads little.
 * @returns the files that went into the bundle, from the project's root
 */
export async function buildFunctions(outdir = 'dist'): Promise<string[]> {
  await rm(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    ...bundling,
    metafile: true,
    entryPoints: globSync('functions/*.ts'),
    outdir,
    outbase: '.',
  })
  return Object.keys(metafile.inputs)
}

if (import.meta.main) await buildFunctions()
