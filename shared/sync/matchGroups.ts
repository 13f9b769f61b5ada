import type { MicetroGroup } from '../micetro/types.ts'
import type { GivenGroup } from './groupRules.ts'
import { comparedName, foldedName } from './names.ts'
import type { GroupRules } from './rules.ts'

export type MatchRules = Pick<GroupRules, 'map' | 'names'>

/** By what a group of Entra ID reached a group of Micetro; `id`: the map, or the Micetro group's own External ID. */
export type By = 'id' | 'name'

/** Which of the user's groups gives a membership, and by what. */
export interface Reason {
  by: By
  /** Its first name, or its id where no name is known. */
  group: string
}

export interface GroupMatches {
  /** The Micetro groups that Entra ID lists, by reference, built-in ones left out. */
  matched: ReadonlyMap<string, Reason>
  /** References of groups that may be meant or not: neither joined nor left. */
  ambiguous: ReadonlySet<string>
  /** Names that fit no Micetro group, for the report. */
  unmatched: readonly string[]
}

interface Found {
  by: By
  /** For each name or id what it found: one group is a match, several are ambiguous. */
  groups: readonly (readonly MicetroGroup[])[]
  /** Neither joined nor left for this group. */
  perhaps: readonly MicetroGroup[]
}

/** Finds the Micetro groups that Entra ID's groups name; see createMatcher. */
export function matchGroups(
  given: readonly GivenGroup[],
  groups: readonly MicetroGroup[],
  rules: MatchRules,
): GroupMatches {
  const find = createMatcher(groups, rules)
  const matched = new Map<string, Reason>()
  const ambiguous = new Set<string>()
  const unmatched: string[] = []
  for (const group of given) {
    const { by, groups: found, perhaps } = find(group)
    const name = group.names[0] ?? group.id ?? ''
    if (found.every((each) => each.length === 0)) unmatched.push(mappedName(group, rules) ?? name)
    for (const each of found) {
      for (const { ref } of each) {
        if (each.length > 1) ambiguous.add(ref)
        else if (by === 'id' || !matched.has(ref)) matched.set(ref, { by, group: name })
      }
    }
    for (const { ref } of perhaps) ambiguous.add(ref)
  }
  for (const ref of matched.keys()) ambiguous.delete(ref)
  return { matched, ambiguous, unmatched }
}

/**
 * Finds for one group of Entra ID after the other the Micetro groups, internal and AD-integrated, that it stands for: by
 * its object id, that is by the map and by a Micetro group's own External ID; else by name, exact first, then without
 * regard to case when that is unambiguous (design: sync rules). A group that an id reaches is reached by ids alone,
 * because anybody who may make a group in the tenant may give it that name.
 */
export function createMatcher(groups: readonly MicetroGroup[], rules: MatchRules): (given: GivenGroup) => Found {
  const index = indexOf(groups)
  const mappedTo = [...rules.map.values()].flatMap((name) => index.find(name))
  const reserved = new Set([...index.withExternalId(), ...mappedTo])
  const open: Finder = (name) => (rules.names ? index.find(name, reserved) : [])

  return (given) => {
    const mapped = mappedName(given, rules)
    const own = given.id === undefined ? [] : index.findByExternalId(given.id)
    if (mapped !== undefined || own.length > 0) {
      const named = mapped === undefined ? [] : [index.find(mapped)]
      return { by: 'id', groups: [...named, ...own.map((group) => [group])], perhaps: [] }
    }
    const perhaps = (given.perhaps ?? []).flatMap((name) => open(name)).filter(isOfDomain)
    return { by: 'name', groups: byNames(given, open), perhaps }
  }
}

const mappedName = ({ id }: GivenGroup, { map }: MatchRules): string | undefined =>
  id === undefined ? undefined : map.get(id)

const isOfDomain = (group: MicetroGroup): boolean => group.adIntegrated && group.name.includes('\\')

/**
 * Anybody who may make a group may call it `DOMAIN\name`, so a display name does not reach an AD-integrated group of that
 * form: the domain and account name that Active Directory gave it must fit.
 */
function byNames({ names, domainNames }: GivenGroup, open: Finder): (readonly MicetroGroup[])[] {
  const vouched = new Set(domainNames)
  return names.map((name) => {
    const found = open(name)
    return vouched.has(name) ? found : found.filter((group) => !isOfDomain(group))
  })
}

/** One group: a match. Several: the name is ambiguous. None: no match. */
type Finder = (name: string) => readonly MicetroGroup[]

const none: ReadonlySet<MicetroGroup> = new Set()

/** What the groups of a list are found by, built-in ones left out. */
class GroupIndex {
  readonly #exact = new Map<string, MicetroGroup[]>()
  readonly #folded = new Map<string, MicetroGroup[]>()
  readonly #byExternalId = new Map<string, MicetroGroup[]>()

  constructor(groups: readonly MicetroGroup[]) {
    for (const group of groups) {
      if (group.builtIn) continue
      push(this.#exact, comparedName(group.name), group)
      push(this.#folded, foldedName(group.name), group)
      const id = group.externalId?.trim().toLowerCase() ?? ''
      if (id !== '') push(this.#byExternalId, id, group)
    }
  }

  /** @param except groups that are looked for as if they were not in the list */
  find(name: string, except = none): readonly MicetroGroup[] {
    const exact = without(this.#exact.get(comparedName(name)), except)
    return exact.length > 0 ? exact : without(this.#folded.get(foldedName(name)), except)
  }

  findByExternalId(id: string): readonly MicetroGroup[] {
    return this.#byExternalId.get(id) ?? []
  }

  withExternalId(): readonly MicetroGroup[] {
    return [...this.#byExternalId.values()].flat()
  }
}

const without = (found: readonly MicetroGroup[] = [], except: ReadonlySet<MicetroGroup>): readonly MicetroGroup[] =>
  found.some((group) => except.has(group)) ? found.filter((group) => !except.has(group)) : found

const indexes = new WeakMap<readonly MicetroGroup[], GroupIndex>()

/** Made once for each list: it costs the most of all, and a list serves the sign-ins of a minute. */
function indexOf(groups: readonly MicetroGroup[]): GroupIndex {
  let index = indexes.get(groups)
  if (index === undefined) {
    index = new GroupIndex(groups)
    indexes.set(groups, index)
  }
  return index
}

function push(index: Map<string, MicetroGroup[]>, key: string, group: MicetroGroup): void {
  const held = index.get(key)
  if (held === undefined) index.set(key, [group])
  else held.push(group)
}
