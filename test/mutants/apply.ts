import type { Mutant } from './table.ts'

/** Why a mutant cannot be applied to the text of its file; empty when it can. */
export function faultsOf({ file, from, to }: Mutant, text: string): string[] {
  const times = text.split(from).length - 1
  if (times === 0) return [`${file} does not have: ${from}`]
  if (times > 1) return [`${file} has more than once: ${from}`]
  return from === to ? [`${file} would stay as it is: ${from}`] : []
}

/** The text with the mutant in it; what stands in `to` is taken literally. */
export const mutated = ({ from, to }: Mutant, text: string): string => text.split(from).join(to)
