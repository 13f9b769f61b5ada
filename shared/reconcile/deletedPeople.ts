import type { DirectoryPerson } from '../graph/applicationCalls.ts'
import { foldedName } from '../sync/names.ts'

/** A deleted person whom a name fits, and by what. */
export interface DeletedMatch {
  person: DirectoryPerson
  by: 'userPrincipalName' | 'mail'
}

/** The tenant's deleted users, found by object id, by the name that they had, or by mail. */
export class DeletedPeople {
  readonly #ids = new Set<string>()
  readonly #byName = new Map<string, DeletedMatch[]>()

  add(people: readonly DirectoryPerson[]): void {
    for (const person of people) {
      if (this.#ids.has(person.id)) continue
      this.#ids.add(person.id)
      const { mail, userPrincipalName } = person
      const former = userPrincipalName === null ? undefined : foldedName(formerName(userPrincipalName, person.id))
      if (former !== undefined) this.#push(former, { person, by: 'userPrincipalName' })
      if (mail !== null && foldedName(mail) !== former) this.#push(foldedName(mail), { person, by: 'mail' })
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Each person once. */
  named(name: string): readonly DeletedMatch[] {
    return this.#byName.get(foldedName(name)) ?? []
  }

  #push(name: string, match: DeletedMatch): void {
    const held = this.#byName.get(name)
    if (held === undefined) this.#byName.set(name, [match])
    else held.push(match)
  }
}

/** Entra ID puts the object id, with hyphens or without, in front of the user principal name of a deleted user. */
function formerName(userPrincipalName: string, id: string): string {
  const lower = userPrincipalName.toLowerCase()
  const prefix = [id, id.replaceAll('-', '')].find((each) => lower.startsWith(each))
  return userPrincipalName.slice(prefix?.length ?? 0)
}
