import { compileScript } from './compileScript.ts'

/** The script of the report of a Test sign-in, compiled from client/ as that of the config page is. */
export const dryRunScript: string = compileScript(new URL('./client/dryRunReport.ts', import.meta.url))
