import { globSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

/**
 * Bundles the functions for the Functions worker: one file for each trigger, the code they share once, and what is
 * imported on demand in files of its own, so that a cold start reads little.
 */
export async function buildFunctions(outdir = 'dist'): Promise<void> {
  await rm(outdir, { recursive: true, force: true })
  await build({
    entryPoints: globSync('functions/*.ts'),
    outdir,
    outbase: '.',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    chunkNames: 'chunks/[name]-[hash]',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    // Only the worker provides this module, by way of require.
    external: ['@azure/functions-core'],
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
  })
}

if (import.meta.main) await buildFunctions()
