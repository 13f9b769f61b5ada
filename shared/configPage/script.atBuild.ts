import { compileScript } from '../web/compileScript.ts'

/**
 * The script of the config page, compiled from client/. The build runs this module and puts its result into
 * the package, so what runs from the sources and what is deployed are the same text, and esbuild stays behind.
 */
export const configPageScript: string = compileScript(new URL('./client/main.ts', import.meta.url))
