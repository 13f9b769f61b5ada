import type { MicetroGroup } from '../micetro/types.ts'
import type { GivenGroup } from './groupRules.ts'

export interface GroupMatches {
  /** References of the Micetro groups that Entra ID lists, built-in ones left out. */
  matched: ReadonlySet<string>
  /** References of groups that a name fits in more than one way: neither joined nor left. */
  ambiguous: ReadonlySet<string>
  /** Names that fit no Micetro group, for the report. */
  unmatched: readonly string[]
}

/**
 * Finds the Micetro groups, internal and AD-integrated, that Entra ID's groups name: exact first, then without regard to
 * case when that is unambiguous (design: sync rules).
 * @param map Micetro group by Entra object id; a group named here is reached by the map alone, because anybody who may
 * make a group in the tenant may give it that name
 */
export function matchGroups(
  given: readonly GivenGroup[],
  groups: readonly MicetroGroup[],
  map: ReadonlyMap<string, string>,
): GroupMatches {
  const joinable = groups.filter((group) => !group.builtIn)
  const all = new NameIndex(joinable)
  const reserved = new Set([...map.values()].flatMap((name) => all.find(name).map((group) => group.ref)))
  const open = new NameIndex(joinable.filter((group) => !reserved.has(group.ref)))

  const matched = new Set<string>()
  const ambiguous = new Set<string>()
  const unmatched: string[] = []
  for (const group of given) {
    const mapped = group.id === undefined ? undefined : map.get(group.id)
    const found = mapped === undefined ? byNames(group, open) : [all.find(mapped)]
    if (found.every((each) => each.length === 0)) unmatched.push(mapped ?? group.names[0] ?? '')
    for (const each of found) {
      if (each.length === 1) for (const { ref } of each) matched.add(ref)
      else for (const { ref } of each) ambiguous.add(ref)
    }
  }
  for (const ref of matched) ambiguous.delete(ref)
  return { matched, ambiguous, unmatched }
}

/**
 * Anybody who may make a group may call it `DOMAIN\name`, so a display name does not reach an AD-integrated group of that
 * form: the domain and account name that Active Directory gave it must fit.
 */
function byNames({ names, domainNames }: GivenGroup, open: NameIndex): (readonly MicetroGroup[])[] {
  const vouched = new Set(domainNames)
  return names.map((name) => {
    const found = open.find(name)
    return vouched.has(name) ? found : found.filter((group) => !(group.adIntegrated && group.name.includes('\\')))
  })
}

class NameIndex {
  readonly #exact = new Map<string, MicetroGroup[]>()
  readonly #folded = new Map<string, MicetroGroup[]>()

  constructor(groups: readonly MicetroGroup[]) {
    for (const group of groups) {
      push(this.#exact, group.name, group)
      push(this.#folded, group.name.toLowerCase(), group)
    }
  }

  /** One group: a match. Several: the name is ambiguous. None: no match. */
  find(name: string): readonly MicetroGroup[] {
    return this.#exact.get(name) ?? this.#folded.get(name.toLowerCase()) ?? []
  }
}

function push(index: Map<string, MicetroGroup[]>, key: string, group: MicetroGroup): void {
  const held = index.get(key)
  if (held === undefined) index.set(key, [group])
  else held.push(group)
}
