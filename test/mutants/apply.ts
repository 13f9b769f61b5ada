import { existsSync, readFileSync } from 'node:fs'
import type { Mutant } from './table.ts'

/** The text of a file; none where there is no file. */
export const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/** Why a mutant cannot be applied to the text of its file, none where there is no file; empty when it can. */
export function faultsOf({ file, from, to }: Mutant, text: string | undefined): string[] {
  if (from === '') return text === undefined ? [] : [`${file} is there already`]
  if (text === undefined) return [`${file} is not there`]
  const times = text.split(from).length - 1
  if (times === 0) return [`${file} does not have: ${from}`]
  if (times > 1) return [`${file} has more than once: ${from}`]
  return from === to ? [`${file} would stay as it is: ${from}`] : []
}

/** The text with the mutant in it; what stands in `to` is taken literally. */
export const mutated = ({ from, to }: Mutant, text = ''): string => (from === '' ? to : text.split(from).join(to))
