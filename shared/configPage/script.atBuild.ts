import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL('./client/main.ts', import.meta.url))],
  bundle: true,
  write: false,
  format: 'iife',
  platform: 'browser',
  target: ['chrome120', 'firefox121', 'safari17.5'],
  minify: true,
  legalComments: 'none',
})

/**
 * The script of the config page, compiled from client/. The build runs this module and puts its result into
 * the package, so what runs from the sources and what is deployed are the same text, and esbuild stays behind.
 */
export const configPageScript: string = outputFiles[0]?.text.trim() ?? ''
