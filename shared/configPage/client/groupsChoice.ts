import { byId, elementById, inputById } from './dom.ts'
import { type Choice, choiceOf, choices, defaults, type Groups, switchesOf } from './groupsAnswer.ts'
import { GroupTable } from './groupTable.ts'

/** One question for what are several switches. */
export class GroupsChoice {
  readonly #match = byId('groups_match', HTMLSelectElement)
  readonly #claim = byId('groups_claim', HTMLSelectElement)
  readonly #securityOnly = inputById('groups_security_only')
  readonly #required = inputById('groups_required')
  readonly table: GroupTable

  /** @param changed comes when the form is another one by something else than typing */
  constructor(changed: () => void) {
    this.table = new GroupTable(changed)
    for (const choice of choices) {
      this.#radio(choice).addEventListener('input', () => {
        if (choice !== 'custom') this.#show({ ...switchesOf[choice] })
        if (choice === 'table') this.table.beginRow()
        this.arrange()
      })
    }
  }

  fill(groups: Groups = {}): void {
    this.#show(groups)
    this.#required.checked = groups.required ?? false
    this.table.fill(groups.map ?? {})
    const choice = choiceOf(groups)
    this.#radio(choice).checked = true
    elementById('groups_choice-custom-option').hidden = choice !== 'custom'
    this.arrange()
  }

  /** @param before what the form was filled with: a switch that is in neither stays out */
  read(before: Groups = {}): { groups: Groups; problems: string[] } {
    const { map, problems } = this.#usesTable ? this.table.read() : { map: {}, problems: [] }
    const now = {
      security_only: this.#securityOnly.checked,
      match: this.#match.value === 'id' ? 'id' : 'name',
      claim: this.#claim.value === 'required' ? 'required' : 'optional',
      required: this.#required.checked,
    } as const
    const unset: Groups = { ...defaults, required: false }
    const groups: Groups = {}
    const put = <K extends keyof Groups>(key: K, value: Groups[K]): void => {
      if (before[key] !== undefined || value !== unset[key]) groups[key] = value
    }
    put('security_only', now.security_only)
    put('match', now.match)
    put('claim', now.claim)
    put('required', now.required)
    if (before.map !== undefined || Object.keys(map).length > 0) groups.map = map
    return { groups, problems }
  }

  /** Shows what belongs to the choice. */
  arrange(): void {
    elementById('groups-switches').hidden = this.#choice !== 'custom'
    elementById('groups-table').hidden = !this.#usesTable
  }

  get #usesTable(): boolean {
    return this.#choice === 'table' || this.#choice === 'custom'
  }

  get #choice(): Choice {
    return choices.find((choice) => this.#radio(choice).checked) ?? 'names'
  }

  #radio(choice: Choice): HTMLInputElement {
    return inputById(`groups_choice-${choice}`)
  }

  #show({ match, claim, security_only }: Pick<Groups, 'match' | 'claim' | 'security_only'>): void {
    this.#match.value = match ?? defaults.match
    this.#claim.value = claim ?? defaults.claim
    this.#securityOnly.checked = security_only ?? false
  }
}
