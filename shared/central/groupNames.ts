import { isBuiltIn } from '../micetro/types.ts'
import type { GivenGroup, GroupAnswer } from '../sync/groupRules.ts'
import type { GroupsClaim } from '../sync/groupsClaim.ts'
import { foldedName } from '../sync/names.ts'
import type { GroupRules } from '../sync/rules.ts'

/** Stands for "none of the groups counts": Central leaves the memberships where the list is empty. No Micetro group has this name. */
export const noGroupCounts = 'none of the groups in Entra ID counts (4a6f0d0e-6c5b-4f43-9d0b-7e1f0c2a9d35)'

type NameRules = Pick<GroupRules, 'map' | 'names'>

/**
 * Names for Central, which matches them itself, so that it comes to the memberships that a sign-in here leads to, as far
 * as a list of names can say it. An empty list leaves the memberships as they are, so that is what an unread list
 * becomes, never a part of it; so do ids without names, unless the token itself lists ids. Where all is known and nothing
 * counts, the list has one name that no group has. A group in the map goes by its Micetro name, and that name by the map
 * alone.
 */
export function groupNames(answer: GroupAnswer, claim: GroupsClaim, rules: NameRules): string[] {
  if (answer.kind !== 'listed') return []
  const nameless = answer.groups.length > 0 && answer.groups.every(({ id, names }) => id === names[0])
  if (!answer.complete && !(rules.names && claim.kind === 'given' && nameless)) return []
  const reserved = new Set([...rules.map.values()].flatMap(lookalikes))
  const own = (group: GivenGroup): readonly string[] => {
    const mapped = group.id === undefined ? undefined : rules.map.get(group.id)
    if (mapped !== undefined) return [mapped]
    if (!rules.names) return []
    // As in our own matching, a display name must not pass for a name of Active Directory.
    const names = group.names.filter((name) => !name.includes('\\') || group.domainNames.includes(name))
    // An id among names says nothing to Central.
    return names.filter(
      (name) => !lookalikes(name).some((each) => reserved.has(each)) && (nameless || name !== group.id),
    )
  }
  const names = [...new Set(answer.groups.flatMap(own))].filter((name) => !isBuiltIn(name, false))
  return names.length === 0 && answer.complete ? [noGroupCounts] : names
}

/** How Central may fold a name is not documented, so a reserved name is kept out in whatever case Unicode knows. */
const lookalikes = (name: string): string[] => [foldedName(name), name.normalize('NFC').trim().toLowerCase()]
