import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

/** Compiles a script for browsers; for the modules that run while building, so that esbuild stays behind. */
export function compileScript(entry: URL): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: ['chrome120', 'firefox121', 'safari17.5'],
    minify: true,
    legalComments: 'none',
  })
  return outputFiles[0]?.text.trim() ?? ''
}
