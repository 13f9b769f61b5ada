import type { SavedConfiguration } from '../../configuration/entraConfiguration.ts'

export type Groups = NonNullable<SavedConfiguration['groups']>

interface Switches {
  match: 'name' | 'id'
  claim: 'optional' | 'required'
  security_only: boolean
}

export type Choice = 'assigned' | 'names' | 'table' | 'custom'

/** The switches that make a choice; whoever set others by hand sees them as they are. */
export const switchesOf: Record<Exclude<Choice, 'custom'>, Switches> = {
  assigned: { match: 'name', claim: 'required', security_only: false },
  names: { match: 'name', claim: 'optional', security_only: false },
  table: { match: 'id', claim: 'optional', security_only: false },
}

/** What counts where nothing is said. */
export const defaults: Switches = switchesOf.names

/** Which of the answers a configuration gives to "Which groups decide?". */
export function choiceOf(groups: Groups = {}): Choice {
  const { match, claim, security_only } = { ...defaults, ...groups }
  const hasTable = Object.keys(groups.map ?? {}).length > 0
  const found = (['assigned', 'names', 'table'] as const).find((choice) => {
    const each = switchesOf[choice]
    return each.match === match && each.claim === claim && each.security_only === security_only
  })
  return found === undefined || (found !== 'table' && hasTable) ? 'custom' : found
}

export const choices = ['assigned', 'names', 'table', 'custom'] as const
